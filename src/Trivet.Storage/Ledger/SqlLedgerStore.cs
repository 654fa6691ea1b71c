using System.Data.Common;
using System.Globalization;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Ledger;
using Trivet.Storage.Relay;

namespace Trivet.Storage.Ledger;

/// <summary>The ledger's rows, read and checked; written by people's verbs here and by <see cref="SqlSpoolSink"/> for requests.</summary>
internal sealed class SqlLedgerStore(Database database) : ILedgerStore
{
    private const int PageRows = 5000;

    /// <summary>A check of all books takes as long as it takes: the driver's half minute would end it.</summary>
    private const int Unhurried = 0;

    // One snapshot for the whole check: the server goes on posting meanwhile.
    private const string DifferenceSql = """
        SELECT COALESCE(a.id, s.id) AS id, COALESCE(a.debits_nano, 0) AS debits_nano, COALESCE(a.credits_nano, 0) AS credits_nano,
            COALESCE(s.debits_nano, 0) AS debits_sum_nano, COALESCE(s.credits_nano, 0) AS credits_sum_nano
        FROM accounts a FULL OUTER JOIN (
            SELECT id, CAST(SUM(debits_nano) AS BIGINT) AS debits_nano, CAST(SUM(credits_nano) AS BIGINT) AS credits_nano
            FROM (
                SELECT debit AS id, amount_nano AS debits_nano, 0 AS credits_nano FROM transfers
                UNION ALL
                SELECT credit, 0, amount_nano FROM transfers
            ) AS sides GROUP BY id
        ) AS s ON s.id = a.id
        WHERE COALESCE(a.debits_nano, 0) <> COALESCE(s.debits_nano, 0) OR COALESCE(a.credits_nano, 0) <> COALESCE(s.credits_nano, 0)
        ORDER BY 1 LIMIT 1
        """;

    // Sorted and summed rather than joined: a plan that does not depend on what the database has learned of the tables' sizes (a nested loop over twenty thousand attempts took half a minute).
    private const string UnbookedSql = """
        SELECT id, CAST(SUM(cost_nano) AS BIGINT) AS debits_nano, CAST(SUM(cost_moved_nano) AS BIGINT) AS credits_nano,
            CAST(SUM(charged_nano) AS BIGINT) AS debits_sum_nano, CAST(SUM(charge_moved_nano) AS BIGINT) AS credits_sum_nano
        FROM (
            SELECT id, COALESCE(cost_nano, 0) AS cost_nano, 0 AS cost_moved_nano, COALESCE(charged_nano, 0) AS charged_nano, 0 AS charge_moved_nano, started_ms AS at_ms
            FROM attempts WHERE started_ms >= @sinceMs
            UNION ALL
            SELECT SUBSTR(id, 1, LENGTH(id) - LENGTH(kind) - 1), 0, CASE WHEN kind = 'cost' THEN amount_nano ELSE 0 END, 0, CASE WHEN kind = 'cost' THEN 0 ELSE amount_nano END, at_ms
            FROM transfers WHERE kind IN ('cost', 'charge', 'overrun')
        ) AS sides
        GROUP BY id
        HAVING SUM(cost_nano) <> SUM(cost_moved_nano) OR SUM(charged_nano) <> SUM(charge_moved_nano)
        ORDER BY MIN(at_ms), id LIMIT 1
        """;

    private const string AllowanceSql = """
        SELECT w.id AS id, w.limit_nano - w.spent_nano AS debits_nano, a.credits_nano - a.debits_nano AS credits_nano
        FROM allowances w JOIN accounts a ON a.id = w.id
        WHERE w.limit_nano - w.spent_nano <> a.credits_nano - a.debits_nano ORDER BY 1 LIMIT 1
        """;

    public async ValueTask<StoreOutcome<int>> PostAsync(IReadOnlyList<Transfer> transfers, CancellationToken cancellationToken)
    {
        if (transfers.Select(transfer => transfer.Problem()).FirstOrDefault(problem => problem is not null) is { } problem)
            return new StoreFault(StoreFaultKind.Rejected, problem);
        return await database.GuardAsync<int>(
            async () =>
            {
                await database.Engine.PrepareTimesAsync(transfers.Select(transfer => transfer.AtMs), cancellationToken);
                return await database.WriteAsync<int>(async scope => (await SqlPosting.PostAsync(database, scope, transfers, cancellationToken)).Count, cancellationToken);
            },
            cancellationToken);
    }

    public async ValueTask<StoreOutcome<int>> PostOnceAsync(Transfer transfer, CancellationToken cancellationToken)
    {
        if (transfer.Problem() is { } problem)
            return new StoreFault(StoreFaultKind.Rejected, problem);
        return await database.GuardAsync<int>(
            async () =>
            {
                await database.Engine.PrepareTimesAsync([transfer.AtMs], cancellationToken);
                return await database.WriteAsync<int>(
                    async scope =>
                    {
                        // The accounts' rows are locked by the first write; two people with the same id follow each other then.
                        await database.Engine.InsertAsync(scope, LedgerTables.Accounts, [new AccountBalance(transfer.Debit, 0, 0)], cancellationToken);
                        var isThere = await scope.Connection.ExecuteScalarAsync<long>(
                            "SELECT COUNT(*) FROM transfers WHERE organisation = @Organisation AND id = @Id", new { transfer.Organisation, transfer.Id }, scope.Transaction) > 0;
                        return isThere ? 0 : (await SqlPosting.PostAsync(database, scope, [transfer], cancellationToken)).Count;
                    },
                    cancellationToken);
            },
            cancellationToken);
    }

    public ValueTask<StoreOutcome<LedgerCheck>> VerifyAsync(CancellationToken cancellationToken) =>
        database.ReadSnapshotAsync(
            async (connection, transaction) =>
            {
                var accounts = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM accounts", null, transaction, Unhurried);
                var transfers = await connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM transfers", null, transaction, Unhurried);
                return new LedgerCheck(accounts, transfers, await FirstDifferenceAsync(connection, transaction));
            },
            cancellationToken);

    private static async Task<string?> FirstDifferenceAsync(DbConnection connection, DbTransaction transaction)
    {
        if (await connection.QueryFirstOrDefaultAsync<Difference>(DifferenceSql, null, transaction, Unhurried) is { } balance)
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"account {balance.Id}: its balance says {balance.DebitsNano} debited and {balance.CreditsNano} credited, its transfers come to {balance.DebitsSumNano} and {balance.CreditsSumNano} (nano-units)");
        }

        var sinceMs = await connection.ExecuteScalarAsync<long?>("SELECT MIN(at_ms) FROM transfers", null, transaction, Unhurried) ?? long.MaxValue;
        if (await connection.QueryFirstOrDefaultAsync<Difference>(UnbookedSql, new { sinceMs }, transaction, Unhurried) is { } attempt)
        {
            return attempt.DebitsNano != attempt.CreditsNano
                ? string.Create(CultureInfo.InvariantCulture, $"attempt {attempt.Id}: it cost {attempt.DebitsNano}, its transfer moved {attempt.CreditsNano} (nano-units)")
                : string.Create(CultureInfo.InvariantCulture, $"attempt {attempt.Id}: it was billed {attempt.DebitsSumNano}, its transfers moved {attempt.CreditsSumNano} (nano-units)");
        }

        return await connection.QueryFirstOrDefaultAsync<Difference>(AllowanceSql, null, transaction, Unhurried) is { } prepaid
            ? string.Create(CultureInfo.InvariantCulture, $"prepaid {prepaid.Id}: the allowance has {prepaid.DebitsNano} left, the account {prepaid.CreditsNano} (nano-units)")
            : null;
    }

    public ValueTask<StoreOutcome<IReadOnlyList<Transfer>>> OfRequestAsync(string requestId, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<Transfer>>(
            async connection =>
            {
                // By way of the attempts: they are indexed by request, and their time bounds where the transfers are.
                var span = await connection.QueryFirstAsync<Span>(
                    "SELECT MIN(organisation) AS organisation, MIN(started_ms) AS from_ms, MAX(started_ms) AS to_ms FROM attempts WHERE request_id = @requestId", new { requestId });
                if (span.Organisation is null)
                    return [];
                const long ArrivedBeforeMs = 60 * 60 * 1000;
                return (await connection.QueryAsync<Transfer>(
                    $"SELECT {LedgerTables.TransferColumns} FROM transfers WHERE organisation = @Organisation AND at_ms BETWEEN @FromMs AND @ToMs AND request_id = @requestId ORDER BY id",
                    new { span.Organisation, FromMs = span.FromMs - ArrivedBeforeMs, span.ToMs, requestId })).AsList();
            },
            cancellationToken);

    public ValueTask<StoreOutcome<long>> ExportAsync(long sinceMs, Action<Transfer> each, CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                var (count, atMs, organisation, id) = (0L, sinceMs, "", "");
                while (true)
                {
                    var page = (await connection.QueryAsync<Transfer>(
                        $"""
                        SELECT {LedgerTables.TransferColumns} FROM transfers
                        WHERE at_ms > @atMs OR (at_ms = @atMs AND (organisation > @organisation OR (organisation = @organisation AND id > @id)))
                        ORDER BY at_ms, organisation, id LIMIT {PageRows}
                        """,
                        new { atMs, organisation, id })).AsList();
                    foreach (var transfer in page)
                        each(transfer);
                    count += page.Count;
                    if (page.Count < PageRows)
                        return count;
                    (atMs, organisation, id) = (page[^1].AtMs, page[^1].Organisation, page[^1].Id);
                }
            },
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<AccountBalance>>> BalancesAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AccountBalance>>(
            async connection => (await connection.QueryAsync<AccountBalance>("SELECT id AS Id, debits_nano AS DebitsNano, credits_nano AS CreditsNano FROM accounts ORDER BY id")).AsList(), cancellationToken);

    public async ValueTask<StoreOutcome<IReadOnlyList<DailyCost>>> DailyCostsAsync(string upstream, long fromMs, long toMs, CancellationToken cancellationToken)
    {
        var lines = await database.ReadSnapshotAsync(
            async (connection, transaction) =>
            {
                var parts = await UsageParts.CutAsync(connection, transaction, fromMs, toMs);
                var parameters = new DynamicParameters(new { upstream });
                UsageParts.AddTo(parameters, parts);
                return (await connection.QueryAsync<DailyCost>(DailyCostsSql(parts), parameters, transaction)).AsList();
            },
            cancellationToken);
        if (lines.Fault is { } fault)
            return fault;
        return StoreOutcome.Of<IReadOnlyList<DailyCost>>(
            [.. lines.Value.Select(line => line with { Day = DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(line.Day, CultureInfo.InvariantCulture) * UsageParts.MsPerDay).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) })]);
    }

    // A bill is of days: their ends are those of hours.
    private string DailyCostsSql(IReadOnlyList<UsagePart> parts)
    {
        const string Columns = "hour_ms, upstream_model, currency, attempts, input_uncached_tokens, input_cache_read_tokens, input_cache_write5m_tokens, input_cache_write1h_tokens, output_text_tokens, output_reasoning_tokens, cost_nano, unpriced, estimated";
        var hours = parts.Select((part, i) => part.Grain == UsageGrain.Day
            ? $"SELECT {Columns} FROM traffic_hourly WHERE {UsageParts.Within("hour_ms", i)} AND upstream = @upstream AND attempts > 0"
            : $"SELECT {Columns} FROM usage_hourly WHERE {KnownOrganisations.Within(database.Engine)} AND {UsageParts.Within("hour_ms", i)} AND upstream = @upstream AND attempts > 0");
        return $"""
            {KnownOrganisations.With("usage_hourly")}SELECT CAST(hour_ms / {UsageParts.MsPerDay} AS TEXT) AS day, upstream_model AS model, currency, CAST(SUM(attempts) AS BIGINT) AS attempts,
                CAST(SUM(input_uncached_tokens + input_cache_read_tokens + input_cache_write5m_tokens + input_cache_write1h_tokens) AS BIGINT) AS input_tokens,
                CAST(SUM(output_text_tokens + output_reasoning_tokens) AS BIGINT) AS output_tokens, CAST(SUM(cost_nano) AS BIGINT) AS cost_nano,
                CAST(SUM(unpriced) AS BIGINT) AS unpriced, CAST(SUM(estimated) AS BIGINT) AS estimated
            FROM (
            {string.Join("\nUNION ALL\n", hours)}
            ) AS hours
            GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            """;
    }

    private sealed class Difference
    {
        public string Id { get; init; } = "";
        public long DebitsNano { get; init; }
        public long CreditsNano { get; init; }
        public long DebitsSumNano { get; init; }
        public long CreditsSumNano { get; init; }
    }

    private sealed class Span
    {
        public string? Organisation { get; init; }
        public long FromMs { get; init; }
        public long ToMs { get; init; }
    }
}
