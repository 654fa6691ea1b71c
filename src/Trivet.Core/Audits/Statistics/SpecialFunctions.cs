namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// The few functions that exact intervals and tests need, in double precision: relative error below 1e-12 where the tests of this folder use them.
/// Sources: Lanczos' series for log Γ, Lentz' continued fraction for the incomplete beta function, Marsaglia's series for the normal distribution; quantiles by bisection.
/// </summary>
internal static class SpecialFunctions
{
    private const double Tiny = 1e-300;
    private const int FractionTermsMax = 500;

    private static readonly double[] Lanczos =
    [
        0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059, 12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
    ];

    /// <summary>log Γ(x) for x above 0.</summary>
    public static double LogGamma(double x)
    {
        if (x < 0.5)
            return Math.Log(Math.PI / Math.Abs(Math.Sin(Math.PI * x))) - LogGamma(1 - x);
        x -= 1;
        var sum = Lanczos[0];
        for (var i = 1; i < Lanczos.Length; i++)
            sum += Lanczos[i] / (x + i);
        var t = x + 7.5;
        return 0.5 * Math.Log(2 * Math.PI) + (x + 0.5) * Math.Log(t) - t + Math.Log(sum);
    }

    /// <summary>log of n over k.</summary>
    public static double LogChoose(long n, long k) => LogGamma(n + 1) - LogGamma(k + 1) - LogGamma(n - k + 1);

    /// <summary>P(X ≤ x) for X ~ Beta(a, b).</summary>
    public static double BetaCdf(double a, double b, double x)
    {
        if (x <= 0)
            return 0;
        if (x >= 1)
            return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(1 - x));
        return x < (a + 1) / (a + b + 2) ? front * BetaFraction(a, b, x) / a : 1 - front * BetaFraction(b, a, 1 - x) / b;
    }

    /// <summary>The x with P(X ≤ x) = p for X ~ Beta(a, b), by bisection: slow, and right at every edge.</summary>
    public static double BetaQuantile(double a, double b, double p)
    {
        double low = 0, high = 1;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (BetaCdf(a, b, middle) < p)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    /// <summary>P(X ≤ x) for X ~ N(0, 1).</summary>
    public static double NormalCdf(double x)
    {
        // Marsaglia's series converges fast where it is used; the tails are cut where a double has no more digits.
        if (x > 8.2)
            return 1;
        if (x < -8.2)
            return 0;
        double sum = x, term = x;
        for (var i = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum) && i < 300; i += 2)
            sum += term *= x * x / i;
        return 0.5 + sum * Math.Exp(-0.5 * x * x) / Math.Sqrt(2 * Math.PI);
    }

    /// <summary>The x with P(X ≤ x) = p for X ~ N(0, 1), by bisection on <see cref="NormalCdf"/>.</summary>
    public static double NormalQuantile(double p)
    {
        double low = -8.2, high = 8.2;
        for (var i = 0; i < 60; i++)
        {
            var middle = (low + high) / 2;
            if (NormalCdf(middle) < p)
                low = middle;
            else
                high = middle;
        }

        return (low + high) / 2;
    }

    private static double BetaFraction(double a, double b, double x)
    {
        double c = 1, d = 1 / Floor(1 - (a + b) * x / (a + 1)), result = d;
        for (var m = 1; m <= FractionTermsMax; m++)
        {
            var even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
            d = 1 / Floor(1 + even * d);
            c = Floor(1 + even / c);
            result *= d * c;
            var odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            d = 1 / Floor(1 + odd * d);
            c = Floor(1 + odd / c);
            var step = d * c;
            result *= step;
            if (Math.Abs(step - 1) < 1e-15)
                break;
        }

        return result;
    }

    private static double Floor(double value) => Math.Abs(value) < Tiny ? Tiny : value;
}
