namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// A sequential two-sample test by betting: after each pair (one answer of the reference, one of the observed upstream to the same prompt) it bets on which of the two has the feature.
/// Assumes only that under honesty the two of a pair are exchangeable, which same-day answers to the same prompt at the same settings are; needs no model of how often honest answers differ.
/// Wealth is the mean of Π(1 + λᵢ (f(reference) − f(observed))) over a grid of λ, an e-process: false alarms at threshold 1/α happen with probability at most α whenever one looks (Ville).
/// It cannot see a change that leaves the feature's mean alone, and a reference of another day is not exchangeable. Sources: Shekhar and Ramdas 2023; Pandeva et al. 2024.
/// </summary>
internal sealed class ExchangeabilityBet
{
    private static readonly double[] Shares = [0.1, 0.3, 0.5, 0.7, 0.9, 0.98];

    private readonly double[] _logWealth = new double[Shares.Length];

    /// <summary>Pairs so far.</summary>
    public int Pairs { get; private set; }

    /// <summary>The evidence that the observed one has the feature less than the reference.</summary>
    public double EValue { get; private set; } = 1;

    /// <summary>The most it ever was.</summary>
    public double EValueMax { get; private set; } = 1;

    /// <summary>Takes a pair of features, each between 0 and 1; returns the evidence.</summary>
    public double Add(double reference, double observed)
    {
        var payoff = Math.Clamp(reference, 0, 1) - Math.Clamp(observed, 0, 1);
        Pairs++;
        var wealth = 0.0;
        for (var i = 0; i < Shares.Length; i++)
        {
            _logWealth[i] += Math.Log(1 + Shares[i] * payoff);
            wealth += Math.Exp(_logWealth[i]);
        }

        EValue = wealth / Shares.Length;
        EValueMax = Math.Max(EValueMax, EValue);
        return EValue;
    }
}
