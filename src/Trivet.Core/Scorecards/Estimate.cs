namespace Trivet.Core.Scorecards;

/// <summary>A measured quantity with its uncertainty. Nothing measured is <see cref="Unknown"/>, never a zero.</summary>
/// <param name="Value">The best single number.</param>
/// <param name="Low">Lower end of the 95 % interval.</param>
/// <param name="High">Upper end of it.</param>
/// <param name="Weight">How many samples it stands on, old ones counted less.</param>
/// <param name="LastMs">When the last of them came, Unix milliseconds.</param>
public readonly record struct Estimate(double Value, double Low, double High, double Weight, long LastMs)
{
    /// <summary>Nothing is known.</summary>
    public static readonly Estimate Unknown = new(double.NaN, double.NaN, double.NaN, 0, 0);

    /// <summary>Whether anything was measured.</summary>
    public bool IsKnown => Weight > 0;
}
