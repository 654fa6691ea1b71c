namespace Trivet.Core.Routing.Policies;

/// <summary>By what candidates are told apart: what the aim makes of them, and all that comes before it.</summary>
internal static class Ranks
{
    /// <summary>It has more than its share of the load.</summary>
    public const uint OverShareBit = 1u << 8;

    /// <summary>The loss of what has no price: behind everything that has one.</summary>
    public const double UnknownLoss = 1e18;

    /// <summary>Qualities nearer than this are one.</summary>
    private const double QualityBand = 0.01;

    /// <summary>What the aim makes of a candidate; the smaller the better.</summary>
    public static double LossOf(in Candidate candidate, PolicyConfig policy, double bestQuality)
    {
        var cost = double.IsNaN(candidate.CostNano) ? UnknownLoss : candidate.CostNano;
        return policy.Aim switch
        {
            PolicyAim.Fastest => candidate.Seconds,
            PolicyAim.Best => Worth(candidate) >= bestQuality - QualityBand ? cost : UnknownLoss * (2 + bestQuality - Worth(candidate)),

            // Without a price the rest still tells; what is unknown is taken for dear then, not for free.
            PolicyAim.Exchange => cost + (candidate.Seconds * policy.SecondNano) + ((1 - Worth(candidate)) * policy.QualityNano),
            _ => cost,
        };
    }

    /// <summary>The probability that an answer is of use: one that passes the checks and that nobody wants is of none, and one that fails them neither.</summary>
    public static double Worth(in Candidate candidate) => candidate.Quality * candidate.Approval;

    /// <summary>How many floors must be given up, the first in the policy's order first, until all that are left are met.</summary>
    public static byte LevelOf(in Candidate candidate, PolicyConfig policy, PolicyConfig? own)
    {
        var failed = candidate.Failed;
        if (failed == Floor.None)
            return 0;

        // Where a request may go at all is the route's to say, also where the client asks for another policy.
        if (policy.WhenNone == WhenNone.Refuse)
            return Candidate.Never;
        if (own is not null && !ReferenceEquals(own, policy) && Appraisal.Places(candidate.Offering, own.Floors) != Floor.None)
            return Candidate.Never;
        for (var i = 0; i < policy.Relax.Count; i++)
        {
            failed &= ~policy.Relax[i];
            if (failed == Floor.None)
                return (byte)(i + 1);
        }

        return Candidate.Never;
    }

    /// <summary>Health, floors and preferences in one number, the smaller the better: two bits for what is out, seven for floors given up, three for what is doubtful otherwise, eight for the task, one for load.</summary>
    public static uint Of(in Candidate candidate)
    {
        var outRank = candidate.Standing switch { Standing.Resting => 3u, Standing.Limited => 2u, Standing.Doubtful => 1u, _ => 0u };
        var unsteady = candidate.Standing switch { Standing.DownWeighted => 4u, Standing.Warned => 3u, Standing.Unsteady => 2u, Standing.Ahead => 1u, _ => 0u };
        return (candidate.Level == Candidate.Never ? 1u << 31 : 0) | (candidate.Standing == Standing.Quarantined ? 1u << 30 : 0) | (candidate.Covers ? 0 : 1u << 29)
            | (outRank << 27) | ((candidate.Level & 0x7Fu) << 20) | (unsteady << 17) | ((uint)candidate.TaskRank << 9) | (candidate.IsOverShare ? OverShareBit : 0);
    }
}
