namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Fisher's exact test of two rates on separate trials: given all successes together, how they fall on the two sides is a deal of cards. Assumes trials exchangeable between the sides under honesty. It cannot see
/// differences that few trials cannot show: eight against eight reach p = 0.00008 at best. Source: Fisher 1922.
/// </summary>
internal static class FisherExactTest
{
    /// <summary>Probability, under equal rates, that the observed side has so few successes or fewer.</summary>
    /// <param name="reference">Successes of the reference.</param>
    /// <param name="referenceTrials">Of how many.</param>
    /// <param name="observed">Successes of the observed one.</param>
    /// <param name="observedTrials">Of how many.</param>
    public static double PValueFewer(int reference, int referenceTrials, int observed, int observedTrials)
    {
        var successes = reference + observed;
        var all = SpecialFunctions.LogChoose(referenceTrials + observedTrials, successes);
        var sum = 0.0;
        for (var k = Math.Max(0, successes - referenceTrials); k <= observed; k++)
            sum += Math.Exp(SpecialFunctions.LogChoose(observedTrials, k) + SpecialFunctions.LogChoose(referenceTrials, successes - k) - all);
        return Math.Min(1, sum);
    }
}
