using System.Text.Json;
using Trivet.Core.Audits.Probes;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Audits;

/// <summary>A probe in the books: an attempt like any other, that Trivet itself asked for and nobody is billed for. So what audits cost stands in the ledger, in the usage and in what is compared with an upstream's bill.</summary>
public static class ProbeBooking
{
    /// <summary>For whom probes are booked.</summary>
    public const string Organisation = "trivet";

    /// <summary>The key in whose place audits stand.</summary>
    public const string KeyId = "audit";

    /// <summary>Books probes straight into the database, for whoever has no spool. Returns why that failed; null where it did not.</summary>
    public static async ValueTask<StoreFault?> CommitAsync(ISpoolSink books, IReadOnlyList<AttemptRecord> probes, CancellationToken cancellationToken)
    {
        if (probes.Count == 0)
            return null;
        var records = probes.Select(probe => new SpoolRecord(SpoolRecordKind.Attempt, JsonSerializer.SerializeToUtf8Bytes(probe, MeteringJson.Default.AttemptRecord)) { Value = probe }).ToList();
        return (await books.CommitAsync(records, cancellationToken)).Fault;
    }

    internal static AttemptRecord Record(Offering offering, ProbeAnswer answer, PriceQuote quote, DateTimeOffset now)
    {
        var request = RequestIds.NewRequest(now);
        var usage = answer.Usage ?? default;
        return new AttemptRecord
        {
            Id = RequestIds.NewAttempt(request, 1),
            RequestId = request,
            Organisation = Organisation,
            KeyId = KeyId,
            StartedMs = now.ToUnixTimeMilliseconds(),
            Route = "audit",
            ModelAsked = RecordText.Cut(offering.Model),
            Upstream = offering.Upstream.Name,
            UpstreamPrepaid = offering.Upstream.IsPrepaid,
            UpstreamModel = RecordText.Cut(offering.Model),
            ModelAnswered = RecordText.Cut(answer.Model),
            Failure = answer.Failure?.Kind.ToString() ?? "",
            InputUncachedTokens = usage.InputUncached,
            InputCacheReadTokens = usage.CacheRead,
            InputCacheWrite5mTokens = usage.CacheWrite5m,
            InputCacheWrite1hTokens = usage.CacheWrite1h,
            OutputTextTokens = usage.OutputText,
            OutputReasoningTokens = usage.OutputReasoning,
            Estimated = usage.IsEstimate,
            CostNano = answer.Failure is null ? quote.BilledNano : answer.CostNano,
            Currency = quote.Currency is { Length: > 0 } currency ? currency : offering.Price.Currency,
            PriceVersion = quote.Version ?? "",
            PriceFactorMillionths = quote.FactorMillionths,
            ListNano = quote.ListNano,
            ListCurrency = quote.ListCurrency ?? "",
            UnpricedMeters = Meters.Text(quote.Missing),
            ChargedNano = 0,
            ChargeCurrency = quote.Currency is { Length: > 0 } charged ? charged : offering.Price.Currency,
            Committed = true,
        };
    }
}
