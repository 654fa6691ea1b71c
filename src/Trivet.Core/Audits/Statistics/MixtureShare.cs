namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// How large a share of requests another model answers, from the rate at which answers fall outside what the reference says: share = (observed rate − reference rate) / (foreign rate − reference rate).
/// Assumes that each request is mixed independently of its prompt; a relay that swaps only long or only night-time requests has a share that depends on what is asked and when. Without knowledge of the other model
/// its foreign rate is taken as 1, so the share is a lower bound. Ends of the interval are Clopper and Pearson's for both rates at half the error each: conservative.
/// </summary>
/// <param name="Share">The estimate, 0 to 1.</param>
/// <param name="Low">Lower end; above 0 means that something is mixed in.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct MixtureShare(double Share, double Low, double High)
{
    /// <summary>Estimates it.</summary>
    /// <param name="foreignObserved">Observed answers outside the reference's.</param>
    /// <param name="observed">Observed answers.</param>
    /// <param name="foreignReference">Fresh answers of the reference outside its own earlier ones.</param>
    /// <param name="reference">Fresh answers of the reference.</param>
    /// <param name="confidence">Such as 0.95.</param>
    public static MixtureShare Estimate(int foreignObserved, int observed, int foreignReference, int reference, double confidence = 0.95)
    {
        if (observed == 0 || reference == 0)
            return new MixtureShare(0, 0, 1);
        var each = 1 - (1 - confidence) / 2;
        var seen = ProportionInterval.ClopperPearson(foreignObserved, observed, each);
        var own = ProportionInterval.ClopperPearson(foreignReference, reference, each);
        return new MixtureShare(
            ShareOf(foreignObserved / (double)observed, foreignReference / (double)reference), ShareOf(seen.Low, own.High), ShareOf(seen.High, own.Low));
    }

    private static double ShareOf(double observed, double own) => own >= 1 ? 0 : Math.Clamp((observed - own) / (1 - own), 0, 1);
}
