using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Ledger.Spool;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Relay.Metering;

/// <summary>Books what was in flight when this node's process was last killed. Run once, before the first request and before the spool is emptied.</summary>
public static class CrashRecovery
{
    /// <summary>
    /// Prices are those of the snapshot; what is billed never exceeds what was set aside, which the node's old lease still covers. An attempt whose record reached the spool before the end has the same id, and that record comes first.
    /// Returns how many were found; they are kept for the next start where the spool cannot take them.
    /// </summary>
    public static int Run(InFlightSlots slots, Bookkeeper books, GatewaySnapshot snapshot, KeySnapshot keys)
    {
        var owners = keys.Entries.ToDictionary(entry => entry.Id, StringComparer.Ordinal);
        var (count, areBooked) = (0, true);
        foreach (var left in slots.TakeLeft())
        {
            if (!AttemptIntent.TryRead(left, out var intent, out var usage))
                continue;
            count++;
            var attempt = Priced(intent, usage, snapshot, owners.GetValueOrDefault(intent.Attempt.KeyId));
            areBooked &= books.Book(attempt, Request(attempt));
        }

        if (areBooked)
            slots.ForgetLeft();
        return count;
    }

    private static AttemptRecord Priced(AttemptIntent intent, Wire.Canonical.Usage usage, GatewaySnapshot snapshot, KeyEntry? key)
    {
        var attempt = intent.Attempt with { Failure = nameof(FailureKind.GatewayKilled) };
        if (!snapshot.TryGetUpstream(attempt.Upstream, out var upstream))
            return attempt with { Payer = "", Allowances = "", Holder = "" };
        var cost = AttemptBooking.Price(snapshot, snapshot.OfferingOf(upstream, attempt.UpstreamModel), usage, attempt.StartedMs, ServiceTier.Standard);
        var due = Billing.Charge(key?.Owner ?? new OwnerRecord { Organisation = attempt.Organisation }, cost);
        if (due.Nano is not { } nano)
            return attempt with { Payer = "", Allowances = "", Holder = "" };

        // What never reached the client is a cost of ours alone.
        var charged = !attempt.Committed ? 0 : intent.ReservedNano is { } reserved ? Math.Min(nano, reserved) : nano;
        var isSameCurrency = attempt.Payer.Length == 0 || attempt.Payer.EndsWith("/" + due.Currency, StringComparison.Ordinal);
        return attempt with
        {
            UpstreamPrepaid = upstream.IsPrepaid,
            CostNano = cost.BilledNano,
            Currency = cost.Currency,
            PriceVersion = cost.Version,
            PriceFactorMillionths = cost.FactorMillionths,
            ListNano = cost.ListNano,
            ListCurrency = cost.ListCurrency,
            UnpricedMeters = Meters.Text(cost.Missing),
            ChargedNano = isSameCurrency ? charged : 0,
            ChargeCurrency = due.Currency,
            AbsorbedNano = attempt.Committed ? nano - (isSameCurrency ? charged : 0) : 0,
        };
    }

    private static RequestRecord Request(AttemptRecord attempt) => new()
    {
        Id = attempt.RequestId,
        Organisation = attempt.Organisation,
        Team = attempt.Team,
        KeyId = attempt.KeyId,
        StartedMs = attempt.AdmittedMs,
        Endpoint = "",
        ClientProtocol = attempt.ClientProtocol,
        ModelAsked = attempt.ModelAsked,
        ErrorCode = FailureTable.For(FailureKind.GatewayKilled).Code,
        Attempts = attempt.Ordinal,
    };
}
