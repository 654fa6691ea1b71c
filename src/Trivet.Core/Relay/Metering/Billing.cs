using System.Collections.Immutable;
using Trivet.Core.Catalogue;
using Trivet.Core.Keys;
using Trivet.Core.Ledger;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Metering;

/// <summary>What a key is billed, before it is asked whether its money covers that.</summary>
/// <param name="Nano">Nano-units; null where it is not known.</param>
/// <param name="Currency">Three letters; empty where it is not known.</param>
internal readonly record struct Price(long? Nano, string Currency);

/// <summary>From what an attempt cost to what its key is billed, and what a request may cost before it has run.</summary>
internal static class Billing
{
    /// <summary>Half of what the bytes of the input suggest: less than that no request costs.</summary>
    private const int LeastInputDivisor = 2;

    /// <summary>Strictly reckoned, an input may have twice the tokens that its bytes suggest.</summary>
    private const int StrictInputFactor = 2;

    /// <summary>What a key of this organisation is billed for what cost us so much.</summary>
    public static Price Charge(OwnerRecord owner, in PriceQuote quote)
    {
        var price = owner.Pricing == Pricing.List && quote.ListNano is not null ? new Price(quote.ListNano, quote.ListCurrency) : new Price(quote.BilledNano, quote.Currency);
        return price.Nano is { } nano ? price with { Nano = owner.Pricing == Pricing.Free ? 0 : WithMargin(nano, owner.MarginMillionths) } : price;
    }

    /// <summary>The account that pays for a key in this currency; empty: its organisation's, on credit.</summary>
    public static string Payer(KeyEntry key, string currency)
    {
        if (LimitBoard.Payer(key) is { } payer)
            return AccountNames.Customer(payer.Organisation, payer.Team, "", payer.PrepaidCurrency);
        return currency.Length == 0 ? "" : AccountNames.Customer(key.Organisation, "", "", currency);
    }

    /// <summary>
    /// What a request may cost: the dearest of its candidates in the currency of the first that has a price. Null where none has one.
    /// </summary>
    public static CostAsk? Reckon(RelayCall call, LimitGate gate)
    {
        var options = gate.Options;
        var isStrict = options.Reserve == ReserveMode.Strict;
        var input = call.Scan.InputTokensEstimate;
        var output = call.Scan.MaxOutputTokens ?? options.OutputTokensUnbounded;
        var least = new Usage { InputUncached = Math.Max(1, input / LeastInputDivisor), OutputText = 1 };
        var when = DateTimeOffset.FromUnixTimeMilliseconds(call.StartedMs);
        var (worstNano, leastNano, currency) = (0L, long.MaxValue, "");
        foreach (var offering in call.Route!.Candidates)
        {
            var price = Charge(call.Key!.Owner, AttemptBooking.Price(call.Snapshot, offering, least, call.StartedMs, ServiceTier.Standard));
            if (price.Nano is not { } leastOfIt || (currency.Length > 0 && price.Currency != currency))
                continue;
            var worst = Worst(call, offering, isStrict ? input * StrictInputFactor : input, Math.Max(1, output), when);
            if (worst is not { } worstOfIt)
                continue;
            currency = price.Currency;
            worstNano = Math.Max(worstNano, worstOfIt);
            leastNano = Math.Min(leastNano, leastOfIt);
        }

        if (currency.Length == 0)
            return HasAllowed(call.Route.Candidates) ? new CostAsk(0, 0, "") : null;
        if (isStrict)
            return new CostAsk(worstNano, worstNano, currency);
        return gate.Learner.Reckon(call.Key!.Id, call.Scan.Model, currency, Units(call)) is { } learned
            ? new CostAsk(Math.Min(worstNano, learned.ReserveNano), Math.Min(worstNano, learned.ExpectedNano), currency)
            : new CostAsk(worstNano, leastNano, currency);
    }

    /// <summary>Leaves those out that may not be asked because they have no price. False where none is left.</summary>
    public static bool TryKeepPriced(List<Offering> order, bool isMoneyLimited)
    {
        for (var i = order.Count - 1; i >= 0; i--)
        {
            var offering = order[i];
            if (!offering.IsPriced && (offering.Unpriced == UnpricedPolicy.Refuse || (offering.Unpriced == UnpricedPolicy.Default && isMoneyLimited)))
                order.RemoveAt(i);
        }

        return order.Count > 0;
    }

    /// <summary>The size of a request, by which costs are learned.</summary>
    public static long Units(RelayCall call) => Math.Max(1, call.Scan.InputTokensEstimate);

    private static bool HasAllowed(ImmutableArray<Offering> candidates)
    {
        foreach (var offering in candidates)
        {
            if (!offering.IsPriced && offering.Unpriced == UnpricedPolicy.Allow)
                return true;
        }

        return false;
    }

    // By the list, the worst case is that of the list's own usage; the factor of the upstream is not in it.
    private static long? Worst(RelayCall call, Offering offering, long inputTokens, long outputTokens, DateTimeOffset when)
    {
        var owner = call.Key!.Owner;
        if (owner.Pricing == Pricing.Free)
            return 0;
        if (owner.Pricing == Pricing.List)
        {
            var usage = new Usage { InputUncached = inputTokens, OutputText = outputTokens };
            return Charge(owner, AttemptBooking.Price(call.Snapshot, offering, usage, call.StartedMs, ServiceTier.Standard)).Nano;
        }

        return call.Snapshot.Prices.WorstCase(offering.Price, inputTokens, outputTokens, when) is { } worst ? WithMargin(worst.Nano, owner.MarginMillionths) : null;
    }

    // Half to even, like every other leg.
    private static long WithMargin(long nano, long marginMillionths)
    {
        if (marginMillionths == 0)
            return nano;
        var (quotient, rest) = Int128.DivRem((Int128)nano * (OwnerRecord.Million + marginMillionths), OwnerRecord.Million);
        var twice = rest * 2;
        if (twice > OwnerRecord.Million || (twice == OwnerRecord.Million && Int128.IsOddInteger(quotient)))
            quotient++;
        return (long)quotient;
    }
}
