namespace Trivet.WebConsole.Charts;

/// <summary>How far an offering reaches on one of the three legs, from 0 to 1, with the ends of its uncertainty.</summary>
/// <param name="Score">Null where nothing is known.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end.</param>
/// <param name="Words">The measured quantity itself, in its own unit.</param>
/// <param name="Interval">The ends of its uncertainty, in the same unit; null where there are none.</param>
public readonly record struct TriangleLeg(double? Score, double Low, double High, string Words, string? Interval = null)
{
    /// <summary>The share that the outer end of a leg stands for: three nines.</summary>
    private const double NinesMax = 3;

    /// <summary>Nothing is known.</summary>
    public static TriangleLeg Unknown(string words) => new(null, 0, 0, words);

    /// <summary>
    /// A share of successes by its nines: 90 %, 99 %, 99.9 % are equally far apart. One failure in ten and one in a hundred are as different as one in a hundred and one in a
    /// thousand, which a linear leg would draw as the same.
    /// </summary>
    public static TriangleLeg OfShare(double share, double low, double high, string words, string? interval = null) => new(Nines(share), Nines(low), Nines(high), words, interval);

    /// <summary>A price against the lowest of those beside it: half as far for twice the price.</summary>
    public static TriangleLeg OfPrice(double price, double lowest, string words) => price <= 0 ? new(1, 1, 1, words) : new(lowest / price, lowest / price, lowest / price, words);

    private static double Nines(double share) => Math.Clamp(-Math.Log10(Math.Max(1 - share, 1e-9)) / NinesMax, 0, 1);
}

/// <summary>An offering on the triangle.</summary>
/// <param name="Name">Whose.</param>
/// <param name="Model">Which model of theirs.</param>
/// <param name="Href">What is known of it.</param>
/// <param name="Quality">How good its answers are.</param>
/// <param name="Stability">How surely it answers.</param>
/// <param name="Cost">How little it takes.</param>
public sealed record TriangleOffering(string Name, string Model, string? Href, TriangleLeg Quality, TriangleLeg Stability, TriangleLeg Cost);
