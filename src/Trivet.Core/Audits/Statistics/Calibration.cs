namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Turns a p-value into an e-value, so that tests of a fixed size can be carried on from one audit to the next. The mean over κ of the calibrators κ p^(κ−1), which needs no κ to be chosen:
/// (1 − p + p ln p) / (p ln² p). It is at most the inverse of p, and on average 1 where the p-value is uniform. Source: Vovk and Wang 2021.
/// </summary>
internal static class Calibration
{
    /// <summary>The e-value of a p-value above 0.</summary>
    public static double EValueOf(double pValue)
    {
        var p = Math.Clamp(pValue, 1e-300, 1);
        var log = Math.Log(p);
        return log > -1e-4 ? 0.5 : (1 - p + p * log) / (p * log * log); // at 1 it is 0 divided by 0; its limit is a half
    }
}
