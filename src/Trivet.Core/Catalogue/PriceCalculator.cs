using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Catalogue;

/// <summary>Turns tokens into money: pico-units times tokens in <see cref="Int128"/>, rounded once per leg to nano-units.</summary>
public static class PriceCalculator
{
    private const int PicoPerNano = 1000;

    /// <summary>Cost in nano-units of the rates' currency; null when a rate that is needed is unknown. Unknown is never zero.</summary>
    public static long? CostNano(MeterRates rates, in Usage usage)
    {
        long total = rates.PerRequestPico is { } perRequest ? Round(perRequest) : 0;
        return Add(ref total, rates.InputPico, usage.InputUncached)
            && Add(ref total, rates.CacheReadPico, usage.CacheRead)
            && Add(ref total, rates.CacheWrite5mPico, usage.CacheWrite5m)
            && Add(ref total, rates.CacheWrite1hPico, usage.CacheWrite1h)
            && Add(ref total, rates.OutputPico, usage.OutputText)
            && Add(ref total, rates.ReasoningPico ?? rates.OutputPico, usage.OutputReasoning)
            ? total
            : null;
    }

    private static bool Add(ref long total, long? ratePico, long tokens)
    {
        if (tokens == 0)
            return true;
        if (ratePico is not { } rate)
            return false;
        total += Round((Int128)rate * tokens);
        return true;
    }

    // Half to even, so that many small legs do not drift.
    private static long Round(Int128 pico)
    {
        var (quotient, remainder) = Int128.DivRem(pico, PicoPerNano);
        var twice = remainder * 2;
        if (twice > PicoPerNano || (twice == PicoPerNano && Int128.IsOddInteger(quotient)))
            quotient++;
        return (long)quotient;
    }
}
