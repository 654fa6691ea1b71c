namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Evidence by betting that a bounded quantity is larger than claimed: an e-process for "each x, given what came before, has mean at most m". One unit is spread evenly over gamblers
/// who each bet a fixed share λ of what <c>m</c> allows to lose, so that wealth is the mean of Π(1 + λᵢ (x − m)): no λ has to be guessed, and the price is at most a factor of
/// <see cref="Gamblers"/> against the best of them. Under the claim, wealth ever reaches 1/α with probability at most α (Ville 1939), whenever one looks.
/// Assumes only the bound and the mean; values need be neither independent nor of one distribution. It cannot see a mean below <c>m</c>, and a rare large excess only slowly.
/// Sources: Waudby-Smith and Ramdas 2023; for token counts arXiv 2510.05181, whose λ of .07 to .19 lie in the grid.
/// </summary>
internal sealed class BettingProcess
{
    /// <summary>Shares of the largest bet that cannot ruin.</summary>
    private static readonly double[] Shares = [0.02, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 0.95];

    private readonly double _claim, _low, _high;
    private readonly double[] _logWealth = new double[Shares.Length];

    /// <param name="claim">The largest mean that is innocent.</param>
    /// <param name="low">Values are at least this; where one is not, the claim about the mean is about values raised to it.</param>
    /// <param name="high">Larger values are cut to this: loses power, never validity.</param>
    public BettingProcess(double claim, double low, double high)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(claim, low);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(high, claim);
        (_claim, _low, _high) = (claim, low, high);
    }

    /// <summary>Over how many bets the unit is spread.</summary>
    public static int Gamblers => Shares.Length;

    /// <summary>Values so far.</summary>
    public int Count { get; private set; }

    /// <summary>Sum of the values as they counted.</summary>
    public double Sum { get; private set; }

    /// <summary>The wealth: evidence against the claim now.</summary>
    public double EValue { get; private set; } = 1;

    /// <summary>The most it ever was. 1/this is a p-value that holds at every time.</summary>
    public double EValueMax { get; private set; } = 1;

    /// <summary>Takes a value; returns the evidence.</summary>
    public double Add(double value)
    {
        var x = Math.Clamp(value, _low, _high);
        Count++;
        Sum += x;
        var wealth = 0.0;
        for (var i = 0; i < Shares.Length; i++)
        {
            _logWealth[i] += Math.Log(1 + Shares[i] / (_claim - _low) * (x - _claim));
            wealth += Math.Exp(_logWealth[i]);
        }

        EValue = wealth / Shares.Length;
        EValueMax = Math.Max(EValueMax, EValue);
        return EValue;
    }
}
