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
    /// those that are healthy before those that rest. Returns the reason in a word or two.
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
        return Capabilities.Cover(first, question.Features, question.ClientProtocol) ? $"{first.Upstream.Name} rests" : $"{first.Upstream.Name} lacks a capability";
    }

    private void StablePartition(List<Offering> order, in RoutingQuestion question)
    {
        // Insertion by rank keeps the policy's order among equals; candidates are few.
        for (var i = 1; i < order.Count; i++)
        {
            var candidate = order[i];
            var rank = Rank(candidate, question);
            var at = i;
            while (at > 0 && Rank(order[at - 1], question) > rank)
            {
                order[at] = order[at - 1];
                at--;
            }

            order[at] = candidate;
        }
    }

    private int Rank(Offering offering, in RoutingQuestion question) =>
        (Capabilities.Cover(offering, question.Features, question.ClientProtocol) ? 0 : 2) + (health.For(offering.Id).IsReady(question.NowMs) ? 0 : 1);
}
