namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// The exact paired test of two success rates on the same items: given that the two disagree on an item, either is the better one with probability one half.
/// Assumes that items are independent of each other. It cannot see a loss smaller than <see cref="DetectableDifference"/>, nor losses on skills that no item asks for, and
/// items on which both fail or both succeed tell it nothing. Sources: McNemar 1947; arXiv 2602.10144 for models; the rule of the detectable difference: arXiv 2605.28873.
/// </summary>
/// <param name="Items">Items that both answered.</param>
/// <param name="OnlyReference">Items that only the reference got right.</param>
/// <param name="OnlyObserved">Items that only the observed one got right.</param>
internal readonly record struct McNemarTest(int Items, int OnlyReference, int OnlyObserved)
{
    /// <summary>Items on which the two disagree.</summary>
    public int Disagreements => OnlyReference + OnlyObserved;

    /// <summary>Success rate of the reference minus that of the observed one; null without items.</summary>
    public double? Difference => Items == 0 ? null : (double)(OnlyReference - OnlyObserved) / Items;

    /// <summary>Probability of so many or more items that only the reference gets right where both are equally good: one-sided, because only a worse model is a complaint.</summary>
    public double PValueWorse => UpperTail(OnlyReference, Disagreements);

    /// <summary>Two-sided: whether the two differ at all.</summary>
    public double PValueDifferent => Math.Min(1, 2 * UpperTail(Math.Max(OnlyReference, OnlyObserved), Disagreements));

    /// <summary>The smallest true difference that this many items find with probability <paramref name="power"/> at one-sided <paramref name="alpha"/>, given how often the two disagree.</summary>
    /// <param name="items">Paired items.</param>
    /// <param name="disagreement">Share of items on which the two disagree.</param>
    /// <param name="alpha">False alarm rate of the test.</param>
    /// <param name="power">Probability of finding it.</param>
    public static double DetectableDifference(int items, double disagreement, double alpha = 0.05, double power = 0.8) =>
        (SpecialFunctions.NormalQuantile(1 - alpha) + SpecialFunctions.NormalQuantile(power)) * Math.Sqrt(disagreement / items);

    private static double UpperTail(int successes, int trials)
    {
        if (successes == 0)
            return 1;
        // P(X ≥ k) for X ~ Binomial(n, 1/2) is the beta distribution's P(Y ≤ 1/2) with (k, n − k + 1).
        return SpecialFunctions.BetaCdf(successes, trials - successes + 1, 0.5);
    }
}
