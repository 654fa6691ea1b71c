namespace Trivet.Core.Catalogue;

/// <summary>
/// Pico-units times counts in <see cref="Int128"/>, rounded once per leg to nano-units, half to even: a leg is off by half a nano-unit at most and many
/// legs do not drift to one side, as they would if each were rounded up. What a long cannot hold stays at its largest value, which no store accepts as plausible.
/// </summary>
internal static class PriceMath
{
    /// <summary>A factor of one.</summary>
    public const long Millionths = 1_000_000;

    private const int PicoPerNano = 1000;

    /// <summary>One leg.</summary>
    public static long LegNano(long ratePico, long count, long factorMillionths = Millionths) =>
        factorMillionths == Millionths
            ? Divide((Int128)ratePico * Math.Max(0, count), PicoPerNano)
            : Divide((Int128)ratePico * Math.Max(0, count) * factorMillionths, PicoPerNano * Millionths);

    /// <summary>The same, never less than the exact amount.</summary>
    public static long LegNanoUp(long ratePico, long count, long factorMillionths)
    {
        var exact = (Int128)ratePico * Math.Max(0, count) * factorMillionths;
        return Saturate((exact + PicoPerNano * Millionths - 1) / (PicoPerNano * Millionths));
    }

    /// <summary>A sum that stops at the largest value.</summary>
    public static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;

    /// <summary>A quotient rounded half to even; neither is negative.</summary>
    public static long Divide(Int128 dividend, Int128 divisor)
    {
        var (quotient, remainder) = Int128.DivRem(dividend, divisor);
        var twice = remainder * 2;
        if (twice > divisor || (twice == divisor && Int128.IsOddInteger(quotient)))
            quotient++;
        return Saturate(quotient);
    }

    private static long Saturate(Int128 value) => value > long.MaxValue ? long.MaxValue : (long)value;
}
