using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay;

/// <summary>What an attempt cost, and its record.</summary>
internal static class AttemptBooking
{
    private const double BytesPerToken = 3.6;

    /// <summary>What the attempt cost, at the prices of the time at which it began; nothing is known where there is no price or no usage.</summary>
    public static PriceQuote Cost(RelayCall call, Attempt attempt) => call.Tap.Usage is { } usage
        ? call.Snapshot.Prices.Price(attempt.Offering.Price, MeterCounts.Of(usage), DateTimeOffset.FromUnixTimeMilliseconds(attempt.StartedMs), ServiceTiers.Parse(call.Tap.ServiceTier))
        : PriceQuote.Unpriced;

    public static AttemptRecord Record(RelayCall call, Attempt attempt, Failure? failure, long durationMs)
    {
        // Usage that was served and not reported is estimated and marked, never zero. What failed before content served nothing.
        var served = failure is null || failure.Rule.Bill == BillAdvice.WhatWasServed && (attempt.TimeToFirstContentMs is not null || call.Tap.Usage is not null);
        if (served && (call.Tap.Usage is null || (failure is { Kind: not FailureKind.UpstreamUnfit } && call.Tap.Usage is { OutputTotal: <= 8 })))
            call.Tap.Usage = Estimate(call, attempt);
        var usage = served ? call.Tap.Usage ?? default : default;
        var cost = served ? Cost(call, attempt) : PriceQuote.Unpriced with { BilledNano = 0, Currency = attempt.Offering.Price.Currency };
        return new AttemptRecord
        {
            Id = attempt.Id,
            RequestId = call.RequestId,
            Ordinal = attempt.Ordinal,
            Organisation = call.Key!.Organisation,
            Team = call.Key.Team,
            KeyId = call.Key.Id,
            StartedMs = attempt.StartedMs,
            Route = call.Route!.Name,
            ModelAsked = call.Scan.Model,
            Upstream = attempt.Offering.Upstream.Name,
            CredentialId = attempt.Credential?.Credential.Id ?? "",
            UpstreamModel = attempt.Offering.Model,
            ModelAnswered = call.Tap.Model,
            ClientProtocol = Formats.WireFormats.NameOf(call.Format.Protocol),
            UpstreamProtocol = Formats.WireFormats.NameOf(attempt.Endpoint.Protocol),
            Streamed = call.Scan.Stream,
            Failure = failure is null ? "" : failure.Kind.ToString(),
            HttpStatus = attempt.HttpStatus == 0 ? null : attempt.HttpStatus,
            InputUncachedTokens = usage.InputUncached,
            InputCacheReadTokens = usage.CacheRead,
            InputCacheWrite5mTokens = usage.CacheWrite5m,
            InputCacheWrite1hTokens = usage.CacheWrite1h,
            OutputTextTokens = usage.OutputText,
            OutputReasoningTokens = usage.OutputReasoning,
            Estimated = usage.IsEstimate,
            TimeToFirstContentMs = attempt.TimeToFirstContentMs,
            DurationMs = durationMs,
            OutputBytes = attempt.OutputBytes,
            CostNano = cost.BilledNano,
            Currency = cost.Currency,
            PriceVersion = cost.Version,
            PriceFactorMillionths = cost.FactorMillionths,
            ListNano = cost.ListNano,
            ListCurrency = cost.ListCurrency,
            UnpricedMeters = Meters.Text(cost.Missing),
            ServiceTier = served ? call.Tap.ServiceTier : "",
            Lost = attempt.Lost,
            Committed = call.Output.IsCommitted,
            ClientDisconnected = failure?.Kind == FailureKind.ClientGone,
            SessionHash = call.SessionHash == 0 ? "" : call.SessionHash.ToString("x16", null),
        };
    }

    // A streamed event carries about one token; a whole body about one per 3.6 bytes.
    private static Usage Estimate(RelayCall call, Attempt attempt)
    {
        var known = call.Tap.Usage ?? new Usage { InputUncached = call.Scan.InputTokensEstimate };
        var output = call.Tap.ContentBytes > 0 ? (long)Math.Ceiling(call.Tap.ContentBytes / BytesPerToken)
            : call.Scan.Stream ? call.Tap.EventCount
            : (long)(attempt.OutputBytes / BytesPerToken);
        return known with { OutputText = Math.Max(known.OutputText, output), IsEstimate = true };
    }
}
