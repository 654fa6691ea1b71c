using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Metering;

/// <summary>What an attempt cost, what its key is billed, and its record.</summary>
internal static class AttemptBooking
{
    private const double TokensPerByte = 1 / 3.6;

    /// <summary>What the attempt cost, at the prices of the time at which it began; nothing is known where there is no price or no usage.</summary>
    public static PriceQuote Cost(RelayCall call, Attempt attempt) => call.Tap.Billed is { } usage
        ? Price(call.Snapshot, attempt.Offering, usage, attempt.StartedMs, ServiceTiers.Parse(call.Tap.ServiceTier))
        : PriceQuote.Unpriced;

    /// <summary>What usage at an offering costs at a time (Unix milliseconds).</summary>
    public static PriceQuote Price(GatewaySnapshot snapshot, Offering offering, in Usage usage, long atMs, ServiceTier tier) =>
        snapshot.Prices.Price(offering.Price, MeterCounts.Of(usage), DateTimeOffset.FromUnixTimeMilliseconds(atMs), tier);

    /// <summary>Writes the attempt down before it is sent. False where there is no room for that.</summary>
    public static bool TryBegin(RelayCall call, Attempt attempt, Bookkeeper books)
    {
        if (!books.KeepsSlots)
            return true;
        var reservation = call.Reservation;
        attempt.Slot = books.Begin(new AttemptIntent
        {
            Attempt = attempt.Described = Describe(call, attempt, Billing.Payer(call.Key!, ""), reservation.HasMoney ? reservation.AllowanceIds : "", reservation.HasMoney ? call.Holder : ""),
            InputTokens = call.Tokens?.InputOf(attempt.Offering.Upstream.Name, call.Scan.InputTokensEstimate) ?? call.Scan.InputTokensEstimate,
            OutputTokens = call.Tokens?.LastOutputOf(attempt.Offering.Upstream.Name) ?? 0,
            ReservedNano = reservation.HasMoney ? reservation.ReservedNano : null,
        });
        return attempt.Slot != InFlightSlots.None;
    }

    /// <summary>Notes in the attempt's slot how far it has come.</summary>
    public static void Note(RelayCall call, Attempt attempt, Bookkeeper? books)
    {
        if (attempt.Slot != InFlightSlots.None)
            books?.Note(attempt.Slot, AttemptIntent.Progress(call.Tap.Billed, call.Tap.HasContent, call.Tap.HasContent ? OutputSoFar(call, attempt) : 0, attempt.OutputBytes));
    }

    public static AttemptRecord Record(RelayCall call, Attempt attempt, Failure? failure, long durationMs)
    {
        var served = IsServed(call, attempt, failure);
        if (served && (call.Tap.Usage is null || (failure is { Kind: not FailureKind.UpstreamUnfit } && !call.Tap.IsComplete && call.Tap.Usage is { OutputTotal: <= 8 })))
            call.Tap.Usage = Estimate(call, attempt);
        var usage = served ? call.Tap.Billed ?? default : default;
        var cost = served ? Cost(call, attempt) : PriceQuote.Unpriced with { BilledNano = 0, Currency = attempt.Offering.Price.Currency };

        // What gave the client nothing is not the client's to pay; one that left had begun to get it, and had asked for no hedge.
        var reached = call.IsCommitted || failure is null || (failure.Kind == FailureKind.ClientGone && !call.IsHedge);
        var due = Billing.Charge(call.Key!.Owner, cost);
        if (!reached && due.Nano is not null)
            due = due with { Nano = 0 };
        var charge = due.Nano is { } nano ? call.Reservation.Settle(nano, due.Currency) : default;
        return (attempt.Described ?? Describe(call, attempt)) with
        {
            ModelAnswered = RecordText.Cut(call.Tap.Model),
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
            ChargedNano = due.Nano is null ? null : charge.ChargedNano,
            ChargeCurrency = due.Currency,
            OverrunNano = charge.OverrunNano,
            AbsorbedNano = charge.AbsorbedNano,
            Payer = charge.RateNano is null && charge.ChargedNano == 0 ? "" : Billing.Payer(call.Key, due.Currency),
            PaidNano = charge.PaidNano,
            RateNano = charge.RateNano,
            Allowances = charge.Allowances ?? "",
            Holder = charge.Allowances is { Length: > 0 } ? call.Holder : "",
            Lost = attempt.Lost,
            Committed = call.IsCommitted,
            ClientDisconnected = failure?.Kind == FailureKind.ClientGone,
        };
    }

    // What is known before it is sent.
    private static AttemptRecord Describe(RelayCall call, Attempt attempt, string payer = "", string allowances = "", string holder = "") => new()
    {
        Id = attempt.Id,
        RequestId = call.RequestId,
        Ordinal = attempt.Ordinal,
        Organisation = call.Key!.Organisation,
        Team = call.Key.Team,
        KeyId = call.Key.Id,
        StartedMs = attempt.StartedMs,
        AdmittedMs = call.StartedMs,
        Route = call.Route!.Name,
        ModelAsked = RecordText.Cut(call.Scan.Model),
        Upstream = attempt.Offering.Upstream.Name,
        UpstreamPrepaid = attempt.Offering.Upstream.IsPrepaid,
        CredentialId = attempt.Credential?.Credential.Id ?? "",
        UpstreamModel = RecordText.Cut(attempt.Offering.Model),
        ClientProtocol = Formats.WireFormats.NameOf(call.Format.Protocol),
        UpstreamProtocol = Formats.WireFormats.NameOf(attempt.Endpoint.Protocol),
        Streamed = call.Scan.Stream,
        SessionHash = call.SessionHash == 0 ? "" : call.SessionHash.ToString("x16", null),
        Payer = payer,
        Allowances = allowances,
        Holder = holder,
    };

    // Usage that was served and not reported is estimated and marked, never zero. What failed before content served nothing, unless the client left: then the
    // upstream was at work for it, and bills at least what it read. An answer that is to come whole has no status before it is ready: there, that the request
    // was sent is enough.
    private static bool IsServed(RelayCall call, Attempt attempt, Failure? failure) =>
        failure is null
        || (failure.Rule.Bill == BillAdvice.WhatWasServed && (attempt.TimeToFirstContentMs is not null || call.Tap.Usage is not null || IsAtWork(call, attempt, failure)));

    private static bool IsAtWork(RelayCall call, Attempt attempt, Failure failure) => failure.Kind switch
    {
        FailureKind.ClientGone => attempt.HttpStatus is >= 200 and < 300 || (!call.Scan.Stream && IsSent(call, attempt)),
        FailureKind.GatewayAbandoned => attempt.HttpStatus is >= 200 and < 300 || IsSent(call, attempt), // the loser of a race
        _ => false,
    };

    private static bool IsSent(RelayCall call, Attempt attempt) => attempt.HttpStatus == 0 && call.Sent is { IsSent: true };

    private static Usage Estimate(RelayCall call, Attempt attempt)
    {
        var known = call.Tap.Usage ?? new Usage { InputUncached = call.Tokens?.InputOf(attempt.Offering.Upstream.Name, call.Scan.InputTokensEstimate) ?? call.Scan.InputTokensEstimate };
        return known with { OutputText = Math.Max(known.OutputText, OutputSoFar(call, attempt)), IsEstimate = true };
    }

    // A streamed event carries about one token, a byte of text about a fourth of one, unless this upstream has shown otherwise.
    private static long OutputSoFar(RelayCall call, Attempt attempt)
    {
        var (tap, upstream) = (call.Tap, attempt.Offering.Upstream.Name);
        if (tap.ContentBytes > 0)
            return call.Tokens?.OutputOfBytes(upstream, tap.ContentBytes, TokensPerByte) ?? (long)Math.Ceiling(tap.ContentBytes * TokensPerByte);
        if (!call.Scan.Stream)
            return (long)(attempt.OutputBytes * TokensPerByte);
        var events = ContentEvents(tap);
        return call.Tokens?.OutputOfEvents(upstream, events) ?? events;
    }

    private static long ContentEvents(AnswerTap tap) => tap.FirstContentEvent > 0 ? tap.EventCount - tap.FirstContentEvent + 1 : tap.EventCount;

    /// <summary>Learns from a complete answer how this upstream counts.</summary>
    public static void Learn(RelayCall call, Attempt attempt)
    {
        if (call.Tap.Usage is { IsEstimate: false } usage)
            call.Tokens?.Note(attempt.Offering.Upstream.Name, call.Scan.InputTokensEstimate, usage.InputTotal, usage.OutputTotal, call.Tap.FirstContentEvent > 0 ? ContentEvents(call.Tap) : 0, call.Tap.ContentBytes);
    }
}
