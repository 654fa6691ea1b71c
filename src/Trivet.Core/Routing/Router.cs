using System.Collections.Frozen;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing;

/// <summary>Candidates of a route, in the order in which they are to be tried, with the reason for the first.</summary>
internal sealed class Router(HealthBoard health)
{
    private static readonly FrozenDictionary<string, IRoutingPolicy> Policies =
        new IRoutingPolicy[] { new InOrderPolicy(), new WeightedPolicy() }.ToFrozenDictionary(policy => policy.Name, StringComparer.Ordinal);

    /// <summary>
    /// Fills <paramref name="order"/>: by policy; then those that can do all that the request needs before those that cannot, and within each
    /// the policy's order among those that are well, before those that have failed often over the last hours, those of whom the last that is known is a failure,
    /// and those that rest. Returns the reason in a word or two.
    /// </summary>
    public string Order(ResolvedRoute route, in RoutingQuestion question, List<Offering> order)
    {
        order.Clear();
        var policy = Policies.GetValueOrDefault(route.Policy) ?? Policies[RouteConfig.InOrder];
        policy.Order(route.Candidates, question, order);
        foreach (var offering in order)
            health.For(offering.Id).Want(question.NowMs);
        if (order.Count == 1)
            return "only candidate";

        var first = order[0];
        StablePartition(order, question);
        if (ReferenceEquals(order[0], first))
            return policy.Name;
        if (!Capabilities.Cover(first, question.Features, question.ClientProtocol))
            return $"{first.Upstream.Name} lacks a capability";
        return StandingOf(health.For(first.Id), question.NowMs) switch
        {
            Standing.Resting => $"{first.Upstream.Name} rests",
            Standing.Doubtful => $"{first.Upstream.Name} failed last",
            _ => $"{first.Upstream.Name} fails often",
        };
    }

    private void StablePartition(List<Offering> order, in RoutingQuestion question)
    {
        // Insertion keeps the policy's order among equals; candidates are few.
        for (var i = 1; i < order.Count; i++)
        {
            var candidate = order[i];
            var at = i;
            while (at > 0 && Compare(order[at - 1], candidate, question) > 0)
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = candidate;
        }
    }

    private static Standing StandingOf(OfferingHealth card, long nowMs) =>
        !card.IsReady(nowMs) ? Standing.Resting : card.IsDoubtful(nowMs) ? Standing.Doubtful : card.Steadiness.IsUnsteady(nowMs) ? Standing.Unsteady : Standing.Well;

    private int Compare(Offering left, Offering right, in RoutingQuestion question)
    {
        var byCover = Capabilities.Cover(right, question.Features, question.ClientProtocol).CompareTo(Capabilities.Cover(left, question.Features, question.ClientProtocol));
        if (byCover != 0)
            return byCover;
        var (one, other) = (health.For(left.Id), health.For(right.Id));
        var standing = StandingOf(one, question.NowMs);
        var byStanding = standing.CompareTo(StandingOf(other, question.NowMs));
        return byStanding != 0 ? byStanding : standing switch
        {
            Standing.Doubtful => one.LastFailureMs.CompareTo(other.LastFailureMs), // the longer ago, the likelier it is over
            Standing.Unsteady => one.Steadiness.OutRate(question.NowMs).CompareTo(other.Steadiness.OutRate(question.NowMs)),
            _ => 0,
        };
    }

    /// <summary>How an offering stands, the better first.</summary>
    private enum Standing : byte
    {
        Well,
        Unsteady,
        Doubtful,
        Resting,
    }
}
