namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// A round's distance from the past as an e-value. The past is one fixed sample for all rounds, so that their p-values are not independent of each other and cannot be multiplied. Bounded means can: where an unchanged offering is
/// on average at most <c>m</c> further away than samples of this size are by chance, given all that came before, 1 + λ (excess − m) has mean at most one, round after round. One observation a day: prompts that move on
/// the same day move together. It cannot see a change that is smaller than m. Source: Waudby-Smith and Ramdas 2023; the rule of arXiv 2602.11083 (more than .2 and four deviations on three days) has no error rate.
/// </summary>
internal static class DriftEvidence
{
    // Of what cannot ruin: at a mean of 0.06 a round in which all has changed multiplies by about 10, one in which nothing has by 0.3.
    private const double Share = 0.8;

    /// <summary>The evidence of one round.</summary>
    /// <param name="excess">Distance beyond what chance explains.</param>
    /// <param name="innocent">The largest mean of it that is innocent.</param>
    public static double Of(double excess, double innocent) => 1 + Share / innocent * (Math.Clamp(excess, 0, 1) - innocent);
}
