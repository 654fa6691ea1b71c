namespace Trivet.Core.Scorecards;

/// <summary>From sums over samples, of which old ones count less, to estimates. A decayed count is taken for a count: it is at most twice too careful, never too sure.</summary>
internal static class Intervals
{
    /// <summary>95 %, both sides.</summary>
    public const double Z = 1.959964;

    /// <summary>Less than this is nothing.</summary>
    private const double WeightMin = 0.01;

    /// <summary>A share, with Wilson's interval.</summary>
    public static Estimate Share(double hits, double all, long lastMs)
    {
        if (all < WeightMin)
            return Estimate.Unknown;
        var share = Math.Min(hits / all, 1);
        const double Square = Z * Z;
        var centre = (share + (Square / (2 * all))) / (1 + (Square / all));
        var half = Z / (1 + (Square / all)) * Math.Sqrt((share * (1 - share) / all) + (Square / (4 * all * all)));
        return new Estimate(share, Math.Max(centre - half, 0), Math.Min(centre + half, 1), all, lastMs);
    }

    /// <summary>
    /// A ratio of sums, Σx ÷ Σy, with the interval of the linearised ratio (delta method) on the logarithm, because ratios err upwards further than downwards. It wants a dozen samples
    /// and a Σy that is not near zero. Of fewer than two samples nothing is said about how far it may be off.
    /// </summary>
    public static Estimate Ratio(ReadOnlySpan<double> sums, long lastMs)
    {
        var (n, x, y, xx, xy, yy) = (sums[0], sums[1], sums[2], sums[3], sums[4], sums[5]);
        if (n < WeightMin || y <= 0)
            return Estimate.Unknown;
        var ratio = x / y;
        if (n < 2)
            return new Estimate(ratio, 0, double.PositiveInfinity, n, lastMs);
        var squares = Math.Max(xx - (2 * ratio * xy) + (ratio * ratio * yy), 0);
        var half = Z * Math.Sqrt(squares * n / (n - 1)) / y;
        var factor = ratio > 0 ? Math.Exp(half / ratio) : 1;
        return new Estimate(ratio, ratio / factor, ratio * factor, n, lastMs);
    }

    /// <summary>The same for a part of a whole (x ≤ y). Where all samples were of nothing or of the whole, they vary by nothing, and their number alone says how sure that is.</summary>
    public static Estimate Part(ReadOnlySpan<double> sums, long lastMs)
    {
        var part = Ratio(sums, lastMs);
        if (!part.IsKnown)
            return part;
        return part.Value is > 0 and < 1 ? part with { High = Math.Min(part.High, 1) } : Share(part.Value * part.Weight, part.Weight, lastMs);
    }

    /// <summary>The product of two shares that were measured apart. Its interval is that of both ends at once, so no narrower than it should be.</summary>
    public static Estimate Product(in Estimate a, in Estimate b)
    {
        if (!a.IsKnown || !b.IsKnown)
            return a.IsKnown ? a : b;
        return new Estimate(a.Value * b.Value, a.Low * b.Low, a.High * b.High, Math.Max(a.Weight, b.Weight), Math.Max(a.LastMs, b.LastMs));
    }

    /// <summary>
    /// The quotient of two ratios, on the logarithm, as if they were measured apart. Where one's samples are among the other's they move together, and the interval is wider than it has to be. The weight is that of the one that
    /// stands on less.
    /// </summary>
    public static Estimate Quotient(in Estimate a, in Estimate b)
    {
        if (!a.IsKnown || !b.IsKnown || a.Value <= 0 || b.Value <= 0)
            return Estimate.Unknown;
        var value = a.Value / b.Value;
        double Half(in Estimate one) => one.Low > 0 ? Math.Log(one.High / one.Low) / 2 : double.PositiveInfinity;
        var factor = Math.Exp(Math.Sqrt(Math.Pow(Half(a), 2) + Math.Pow(Half(b), 2)));
        return new Estimate(value, value / factor, value * factor, Math.Min(a.Weight, b.Weight), Math.Max(a.LastMs, b.LastMs));
    }

    /// <summary>The same in another unit.</summary>
    public static Estimate Scale(in Estimate estimate, double by) =>
        estimate.IsKnown ? new Estimate(estimate.Value * by, estimate.Low * by, estimate.High * by, estimate.Weight, estimate.LastMs) : estimate;
}
