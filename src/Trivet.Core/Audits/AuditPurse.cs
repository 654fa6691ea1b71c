using Trivet.Core.Catalogue;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Audits;

/// <summary>
/// Keeps an audit within its budget: nothing is asked whose dearest outcome no longer fits. An offering without a known price is taken at <see cref="AssumedInputPico"/> and
/// <see cref="AssumedOutputPico"/>, as much as the dearest common models cost, so that the budget holds all the same; the report says so.
/// </summary>
internal sealed class AuditPurse(Budget budget, PriceBook prices, TimeProvider time)
{
    private const long AssumedInputPico = 10_000_000;       // 10 a million
    private const long AssumedOutputPico = 50_000_000;      // 50 a million

    /// <summary>What an upstream that adds to the prompt or to the bill may add without the purse being overdrawn.</summary>
    private const double Margin = 1.3;

    private const int HiddenTokensMax = 500;

    private static readonly MeterRates Assumed = new() { InputPico = AssumedInputPico, CacheReadPico = AssumedInputPico, CacheWrite5mPico = AssumedInputPico, CacheWrite1hPico = AssumedInputPico, OutputPico = AssumedOutputPico };

    public long SpentNano { get; private set; }

    /// <summary>Some price was not known.</summary>
    public bool IsPriceAssumed { get; private set; }

    /// <summary>Whether what this offering bills can be held against the budget: in its currency, or by a rate of exchange that holds today.</summary>
    public bool Fits(Offering offering) => InBudget(1, PriceOf(offering).Currency) is not null;

    /// <summary>Whether a request may still be sent: so many characters of prompt and tokens of answer.</summary>
    public bool Allows(Offering offering, int promptChars, int tokensMax) =>
        prices.WorstCase(PriceOf(offering), (long)(promptChars * Margin / 2) + HiddenTokensMax, (long)(tokensMax * Margin), time.GetUtcNow()) is { } worst
        && InBudget(worst.Nano, worst.Currency) is { } most && SpentNano + most <= budget.AmountNano;

    /// <summary>Books what a request cost. One that says nothing of its tokens is taken at its worst.</summary>
    /// <returns>What the purse lost, what that is in the offering's currency, and what the books should say: nothing where a price had to be assumed.</returns>
    public (long SpentNano, long CostNano, PriceQuote Quote) Spend(Offering offering, Usage? usage, int promptChars, int tokensMax)
    {
        var price = PriceOf(offering);
        var quote = usage is { IsEstimate: false } used ? prices.Price(price, MeterCounts.Of(used), time.GetUtcNow(), ServiceTier.Standard) : PriceQuote.Unpriced;
        var cost = quote.BilledNano ?? prices.WorstCase(price, promptChars / 2, tokensMax, time.GetUtcNow())?.Nano ?? 0;
        var spent = InBudget(cost, price.Currency) ?? cost;
        SpentNano += spent;
        return (spent, cost, offering.IsPriced ? quote : PriceQuote.Unpriced);
    }

    private long? InBudget(long nano, string currency) => prices.Fx.Convert(nano, currency, budget.Currency, time.GetUtcNow())?.Nano;

    private OfferingPrice PriceOf(Offering offering)
    {
        if (offering.IsPriced)
            return offering.Price;
        IsPriceAssumed = true;
        return OfferingPrice.OfRates(Assumed, budget.Currency);
    }
}
