namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Evidence over rounds against "honest in every round", of which each brings an e-value. The product of them would never recover from a year of honest rounds, so that a seller who turns dishonest
/// later were never found; here a bet begins anew before each round, with 1/(s(s+1)) of the unit before round s, and the wealth is the sum of all bets and of what has not been bet yet:
/// Wₜ = Σₛ 1/(s(s+1)) · Π eₛ…eₜ + 1/(t+1). It is an e-process: whenever one looks, an honest upstream's wealth has reached 1/α with probability at most α (Ville). A change after s rounds costs a factor of about s² against having known it.
/// Besides, the evidence of late (<see cref="Recent"/>), which forgets all that is innocent: for deciding how soon to look again, never for a verdict.
/// Sources: Shin, Ramdas and Rinaldo 2023 (e-detectors); the weights make their sum one, so that what is controlled is the probability and not the mean time to a false alarm.
/// </summary>
/// <param name="Rounds">How many rounds.</param>
/// <param name="Bets">What all bets that were begun have come to.</param>
/// <param name="Recent">Product of the e-values since it last was below 1; at least 1.</param>
internal readonly record struct RestartedEvidence(long Rounds, double Bets, double Recent)
{
    // Wealth beyond all verdicts; more would end in infinity, which JSON does not know.
    private const double Most = 1e200;

    /// <summary>Nothing yet.</summary>
    public static readonly RestartedEvidence None = new(0, 0, 1);

    /// <summary>The wealth.</summary>
    public double EValue => Bets + 1.0 / (Rounds + 1);

    /// <summary>After one more round.</summary>
    public RestartedEvidence Add(double eValue)
    {
        var begun = Bets + 1.0 / ((Rounds + 1.0) * (Rounds + 2.0));
        return new RestartedEvidence(Rounds + 1, Math.Min(Most, begun * eValue), Math.Clamp(Recent * eValue, 1, Most));
    }
}
