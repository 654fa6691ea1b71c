using Trivet.Core.Scorecards;

namespace Trivet.Core.Routing.Policies;

/// <summary>How offerings stand: by what failed lately, and by what audits concluded.</summary>
internal static class Standings
{
    /// <summary>The worse of both.</summary>
    public static Standing Of(OfferingHealth card, long nowMs)
    {
        if (card.Card.Standing == AuditStanding.Quarantined)
            return Standing.Quarantined;
        if (!card.IsReady(nowMs))
            return Standing.Resting;
        if (card.IsDoubtful(nowMs))
            return Standing.Doubtful;
        if (card.Card.Standing == AuditStanding.DownWeighted)
            return Standing.DownWeighted;
        return card.Card.IsWarned ? Standing.Warned : card.Steadiness.IsUnsteady(nowMs) ? Standing.Unsteady : Standing.Well;
    }

    /// <summary>Which of two that stand alike is the likelier to answer; 0 where nothing tells.</summary>
    public static int Compare(Standing both, OfferingHealth one, OfferingHealth other, long nowMs) => both switch
    {
        Standing.Doubtful => one.LastFailureMs.CompareTo(other.LastFailureMs), // the longer ago, the likelier it is over
        Standing.Unsteady => one.Steadiness.OutRate(nowMs).CompareTo(other.Steadiness.OutRate(nowMs)),
        _ => 0,
    };
}
