using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Trivet.Core.Failures;
using Trivet.Core.Ledger;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Metering;
using Trivet.Storage.Relay;

namespace Trivet.Storage.Ledger;

/// <summary>Commits spool records: rows, rollups, transfers and balances in one transaction, each record at most once.</summary>
internal sealed class SqlSpoolSink(Database database) : ISpoolSink
{
    /// <summary>
    /// An upstream may claim any usage. More than this in one attempt (nearly 10^13 tokens, or 8,796 units of money) is nonsense that would overflow the sums
    /// of everybody else, so such a record is refused and set aside for a person.
    /// </summary>
    private const long PlausibleMax = 1L << 43;

    public async ValueTask<StoreOutcome<int>> CommitAsync(IReadOnlyList<SpoolRecord> records, CancellationToken cancellationToken)
    {
        var attempts = new List<AttemptRecord>(records.Count);
        var requests = new List<RequestRecord>();
        foreach (var record in records)
        {
            var isKnown = record.Kind switch
            {
                SpoolRecordKind.Attempt => TryAdd(attempts, record, MeteringReader.Default.AttemptRecord) && IsPlausible(attempts[^1]),
                SpoolRecordKind.Request => TryAdd(requests, record, MeteringReader.Default.RequestRecord),
                SpoolRecordKind.RequestWithAttempt => TryAddBoth(requests, attempts, record) && IsPlausible(attempts[^1]),
                _ => false,
            };
            if (!isKnown)
                return new StoreFault(StoreFaultKind.Rejected, $"A record of kind {(byte)record.Kind} makes no sense to this program.");
        }

        return await database.GuardAsync<int>(
            async () =>
            {
                await database.Engine.PrepareTimesAsync(
                    attempts.Select(attempt => attempt.StartedMs).Concat(attempts.Select(attempt => attempt.AdmittedMs).Where(ms => ms > 0)).Concat(requests.Select(request => request.StartedMs)),
                    cancellationToken);
                return await database.WriteAsync<int>(scope => InsertAsync(scope, attempts, requests, cancellationToken), cancellationToken);
            },
            cancellationToken);
    }

    private async Task<StoreOutcome<int>> InsertAsync(
        WriteScope scope, List<AttemptRecord> attempts, List<RequestRecord> requests, CancellationToken cancellationToken)
    {
        var engine = database.Engine;
        var count = 0;
        if (attempts.Count > 0)
        {
            var fresh = await engine.InsertAsync(scope, MeteringTables.Attempts, attempts, cancellationToken);
            count += fresh.Count;
            if (fresh.Count > 0)
            {
                var hourly = HourlyUsage.Of(fresh);
                await engine.InsertAsync(scope, MeteringTables.Hourly, hourly, cancellationToken);
                await SqlRollupStore.MarkAsync(scope, hourly);
                await PostAsync(scope, fresh, cancellationToken);
            }
        }

        if (requests.Count > 0)
            count += (await engine.InsertAsync(scope, MeteringTables.Requests, requests, cancellationToken)).Count;
        return count;
    }

    private async Task PostAsync(WriteScope scope, IReadOnlyList<AttemptRecord> fresh, CancellationToken cancellationToken)
    {
        var transfers = new List<Transfer>(fresh.Count * 2);
        var postings = new AttemptPostings();
        foreach (var attempt in fresh)
            postings.AddTo(transfers, attempt);
        await SqlPosting.PostAsync(database, scope, transfers, cancellationToken);
        await SqlSettling.SettleAsync(database, scope, fresh, cancellationToken);
    }

    private static bool IsPlausible(AttemptRecord attempt)
    {
        ReadOnlySpan<long> counts =
        [
            attempt.StartedMs, attempt.InputUncachedTokens, attempt.InputCacheReadTokens, attempt.InputCacheWrite5mTokens, attempt.InputCacheWrite1hTokens,
            attempt.OutputTextTokens, attempt.OutputReasoningTokens, attempt.CostNano ?? 0, attempt.ListNano ?? 0,
            attempt.ChargedNano ?? 0, attempt.OverrunNano, attempt.AbsorbedNano, attempt.PaidNano, attempt.AdmittedMs,
        ];
        return !counts.ContainsAnyExceptInRange(0, PlausibleMax);
    }

    private static bool TryAddBoth(List<RequestRecord> requests, List<AttemptRecord> attempts, SpoolRecord record)
    {
        if (!TryRead(record, MeteringReader.Default.RequestWithAttempt, out var both) || both is not { Request: { } request, Attempt: { } attempt })
            return false;
        requests.Add(request);
        attempts.Add(attempt);
        return true;
    }

    private static bool TryAdd<T>(List<T> list, SpoolRecord record, JsonTypeInfo<T> type)
        where T : class
    {
        if (!TryRead(record, type, out var value))
            return false;
        list.Add(value);
        return true;
    }

    private static bool TryRead<T>(SpoolRecord record, JsonTypeInfo<T> type, [NotNullWhen(true)] out T? value)
        where T : class
    {
        try
        {
            value = record.Value as T ?? JsonSerializer.Deserialize(record.Payload.Span, type);
            return value is not null;
        }
        catch (JsonException)
        {
            // The checksum was right, so another build wrote something that this one does not know.
            value = null;
            return false;
        }
    }
}
