namespace Trivet.Core.Catalogue;

/// <summary>
/// Turns what attempts used into money: the one place where it is done. Immutable and shared; a request uses the one of its snapshot.
/// </summary>
public sealed class PriceBook(FxRates fx)
{
    /// <summary>No rate of exchange.</summary>
    public static PriceBook WithoutFx { get; } = new(FxRates.None);

    /// <summary>How far from its admission an attempt may begin: a price that comes to hold within it counts for the worst case.</summary>
    public static readonly TimeSpan WorstCaseHorizon = TimeSpan.FromMinutes(30);

    /// <summary>More than the legs of a request can be off together when each is rounded to the nearest: half a nano-unit for each of eleven meters.</summary>
    private const long RoundingNanoMax = 6;

    /// <summary>Rates of exchange between currencies.</summary>
    public FxRates Fx => fx;

    /// <summary>What an attempt costs that began at <paramref name="when"/>. Allocates nothing.</summary>
    public PriceQuote Price(OfferingPrice price, in MeterCounts counts, DateTimeOffset when, ServiceTier tier) => Quote(price, counts, price.RecordAt(when, tier), tier, null);

    /// <summary>The same, leg by leg.</summary>
    public PriceExplanation Explain(OfferingPrice price, in MeterCounts counts, DateTimeOffset when, ServiceTier tier)
    {
        var record = price.RecordAt(when, tier);
        var lines = new List<PriceLine>();
        var quote = Quote(price, counts, record, tier, lines);
        var notes = new List<string>();
        if (price.Reason is { } reason)
            notes.Add(reason);
        else if (price.Own is null && !price.IsPlan && record is null)
            notes.Add(price.List.Any(other => other.Tier == tier) ? "no price of the list holds at this time" : $"the list has no price for the tier {tier.ToString().ToLowerInvariant()}");
        if (price.List.FirstOrDefault(other => other.IsValid(when, tier) && other.Schedule?.IsCertainAt(when) == false) is { Schedule.WithoutHolidays.Name: var calendar })
            notes.Add($"the holidays of this year are not in the calendar {calendar}: Monday to Friday are taken for working days");
        if (quote.Missing != 0)
            notes.Add($"unpriced in part: no price is known for {Meters.Text(quote.Missing).Replace(",", ", ", StringComparison.Ordinal)}");
        return new PriceExplanation(quote, record, record?.StepFor(counts.InputLength, counts.OutputLength) ?? 0, lines, notes);
    }

    /// <summary>
    /// The most that an attempt can cost of which only the lengths are known; what a reservation is made from. Every token is taken at the dearest rate
    /// that it can come to: the prompt as read, written or not cached, the answer as text or thoughts, at the times and tiers of length that are in reach.
    /// Null where that is unknown: such a request cannot be held to a limit.
    /// </summary>
    /// <param name="price">Of the offering.</param>
    /// <param name="inputTokens">The longest that the prompt can be.</param>
    /// <param name="outputTokensMax">The longest that the answer can be.</param>
    /// <param name="when">Now.</param>
    /// <param name="tier">As asked for; a vendor that serves another one serves the usual one, so that the dearer of both counts.</param>
    public WorstCase? WorstCase(OfferingPrice price, long inputTokens, long outputTokensMax, DateTimeOffset when, ServiceTier tier = ServiceTier.Standard)
    {
        if (price.IsPlan)
            return new WorstCase(0, price.Currency);
        if (price.Own is { } own)
            return Most(own, inputTokens, outputTokensMax, PriceMath.Millionths) is { } nano ? new WorstCase(nano, price.Currency) : null;
        if (price.IsListOnly)
            return null;

        long? most = null;
        foreach (var at in (ReadOnlySpan<DateTimeOffset>)[when, when + WorstCaseHorizon])
        {
            foreach (var served in (ReadOnlySpan<ServiceTier>)[tier, ServiceTier.Standard])
            {
                if (price.RecordAt(at, served) is not { } record)
                {
                    // What is cheaper by its nature costs no more than usual where the list does not have it.
                    if (served is ServiceTier.Flex or ServiceTier.Batch)
                        continue;
                    return null;
                }

                // A step that has room for the longest has room for all, so that no later one can be reached.
                for (var i = record.StepFor(inputTokens, outputTokensMax); i >= 0; i--)
                {
                    if (Most(record.Steps[i].Rates, inputTokens, outputTokensMax, price.FactorMillionths ?? PriceMath.Millionths) is not { } nano)
                        return null;
                    most = Math.Max(most ?? 0, nano);
                }
            }
        }

        return most is { } found ? new WorstCase(found, price.Currency) : null;
    }

    private static long? Most(MeterRates rates, long inputTokens, long outputTokensMax, long factor)
    {
        if (rates is not { InputPico: { } input, OutputPico: { } output })
            return null;
        input = Math.Max(Math.Max(input, rates.CacheReadPico ?? 0), Math.Max(rates.CacheWrite5mPico ?? 0, rates.CacheWrite1hPico ?? 0));
        output = Math.Max(output, rates.ReasoningPico ?? 0);
        var nano = PriceMath.Add(PriceMath.LegNanoUp(input, inputTokens, factor), PriceMath.LegNanoUp(output, outputTokensMax, factor));
        return PriceMath.Add(PriceMath.Add(nano, PriceMath.LegNanoUp(rates.PerRequestPico ?? 0, 1, factor)), RoundingNanoMax);
    }

    private static PriceQuote Quote(OfferingPrice price, in MeterCounts counts, PriceRecord? record, ServiceTier tier, List<PriceLine>? lines)
    {
        var listRates = record?.Steps[record.StepFor(counts.InputLength, counts.OutputLength)].Rates;
        var explainsList = price.Own is null;
        var list = listRates is null ? default : Sum(listRates, counts, PriceMath.Millionths, null);
        var quote = PriceQuote.Unpriced;
        if (list is { IsAnyKnown: true, Missing: 0 })
            quote = quote with { ListNano = list.Nano, ListCurrency = price.ListCurrency };

        if (price.IsPlan)
        {
            if (listRates is not null)
                Sum(listRates, counts, 0, lines);
            return quote with { BilledNano = 0, Currency = price.Currency, Version = record?.Version ?? "", FactorMillionths = 0 };
        }

        var rates = explainsList ? listRates : price.Own;
        if (rates is null || price.IsListOnly)
        {
            if (listRates is not null)
                Sum(listRates, counts, null, lines);
            return quote;
        }

        var factor = explainsList ? price.FactorMillionths : null;
        var billed = Sum(rates, counts, factor ?? PriceMath.Millionths, lines);
        return quote with
        {
            BilledNano = billed.IsAnyKnown ? billed.Nano : null,
            Currency = billed.IsAnyKnown ? price.Currency : "",
            Version = explainsList ? record!.Version : price.OwnVersion,
            FactorMillionths = factor,
            Missing = billed.Missing,
        };
    }

    // A factor that is null bills nothing: the legs are then the list's alone.
    private static Total Sum(MeterRates rates, in MeterCounts counts, long? factor, List<PriceLine>? lines)
    {
        long nano = 0;
        var (missing, isAnyKnown) = (0, false);
        for (var meter = Meter.Input; meter <= Meter.SearchCall; meter++)
        {
            var count = Math.Max(0, counts.Of(meter));
            if (count == 0)
                continue;
            if (rates.RateOf(meter) is not { } rate)
            {
                missing |= 1 << (int)meter;
                lines?.Add(new PriceLine(meter, count, null, null, null));
                continue;
            }

            // That a request costs nothing beside its tokens does not make its tokens known.
            isAnyKnown |= meter != Meter.PerRequest || rates.PerRequestPico is not null;
            var leg = PriceMath.LegNano(rate, count, factor ?? PriceMath.Millionths);
            nano = PriceMath.Add(nano, leg);
            if (meter != Meter.PerRequest || rate > 0)
                lines?.Add(new PriceLine(meter, count, rate, PriceMath.LegNano(rate, count), factor is null ? null : leg));
        }

        return new Total(nano, missing, isAnyKnown || missing == 0);
    }

    private readonly record struct Total(long Nano, int Missing, bool IsAnyKnown);
}

/// <summary>The most that an attempt can cost.</summary>
/// <param name="Nano">Nano-units.</param>
/// <param name="Currency">Of what currency.</param>
public readonly record struct WorstCase(long Nano, string Currency);
