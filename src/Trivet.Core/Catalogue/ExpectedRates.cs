namespace Trivet.Core.Catalogue;

/// <summary>
/// What tokens are expected to cost, for weighing offerings against each other; what was used is priced by <see cref="PriceBook"/>, exactly. Rates are in pico-units per token, the operator's factor
/// in them; NaN where a rate is not known.
/// </summary>
public readonly record struct ExpectedRates(double Input, double CacheRead, double CacheWrite, double Output, double PerRequest)
{
    /// <summary>Nothing is known.</summary>
    public static readonly ExpectedRates Unknown = new(double.NaN, double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>Whether prompts and answers have a price.</summary>
    public bool IsKnown => !double.IsNaN(Input) && !double.IsNaN(Output);

    /// <summary>The rates that hold for a request of these lengths at a time. A cache without a price of its own gives no discount. Allocates nothing.</summary>
    public static ExpectedRates Of(OfferingPrice price, DateTimeOffset when, long inputTokens, long outputTokens)
    {
        if (price.IsPlan)
            return default; // its fee is paid whatever is asked
        if (price.Own is { } own)
            return From(own, 1);
        if (price.IsListOnly || price.RecordAt(when, ServiceTier.Standard) is not { } record)
            return Unknown;
        return From(record.Steps[record.StepFor(inputTokens, outputTokens)].Rates, (price.FactorMillionths ?? PriceMath.Millionths) / (double)PriceMath.Millionths);
    }

    private static ExpectedRates From(MeterRates rates, double factor)
    {
        var input = rates.InputPico is { } pico ? pico * factor : double.NaN;
        return new ExpectedRates(
            input, rates.CacheReadPico is { } read ? read * factor : input, rates.CacheWrite5mPico is { } write ? write * factor : input,
            rates.OutputPico is { } output ? output * factor : double.NaN, (rates.PerRequestPico ?? 0) * factor);
    }
}
