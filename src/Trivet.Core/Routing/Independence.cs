using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing;

/// <summary>
/// Who fails together. What an upstream's failure has in common with its neighbour's is the upstream, the host, the vendor: after one, candidates that share
/// none of them are worth more than any order of preference (one independent fallback lifts .945 to .996, EVIDENCE §4.2).
/// </summary>
internal static class Independence
{
    /// <summary>
    /// Reorders the candidates behind <paramref name="failed"/>: those first that share least with it, in the order they had otherwise. For whom a policy had to give up floors stays behind those who meet them, and what is in
    /// quarantine behind all.
    /// </summary>
    public static void Prefer(List<Offering> order, int failed, HealthBoard health, RelaxedLevels relaxed)
    {
        const int SharedMax = 4;
        const int Quarantined = SharedMax * 256;
        var bad = order[failed];
        for (var i = failed + 2; i < order.Count; i++)
        {
            var candidate = order[i];
            var distance = Distance(candidate);
            var at = i;
            while (at > failed + 1 && Distance(order[at - 1]) > distance)
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = candidate;
        }

        int Distance(Offering offering) => Shared(bad, offering) + (relaxed.LevelOf(offering) * SharedMax) + (health.For(offering.Id).Card.Standing == AuditStanding.Quarantined ? Quarantined : 0);
    }

    /// <summary>They share neither upstream nor host nor vendor.</summary>
    public static bool IsFull(Offering one, Offering other) => Shared(one, other) == 0;

    private static int Shared(Offering bad, Offering other) =>
        string.Equals(bad.Upstream.Name, other.Upstream.Name, StringComparison.Ordinal) ? 3
        : SharesHost(bad, other) ? 2
        : bad.Upstream.Profile.Sites.Count > 0 && string.Equals(bad.Upstream.Vendor, other.Upstream.Vendor, StringComparison.Ordinal) ? 1 // a vendor without sites of its own is a way of writing, not a company
        : 0;

    private static bool SharesHost(Offering bad, Offering other)
    {
        foreach (var endpoint in bad.Upstream.Endpoints)
        {
            foreach (var another in other.Upstream.Endpoints)
            {
                if (string.Equals(endpoint.BaseUri.Authority, another.BaseUri.Authority, StringComparison.OrdinalIgnoreCase))
                    return true;
            }
        }

        return false;
    }
}
