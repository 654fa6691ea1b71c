using System.Collections.Frozen;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing;

/// <summary>Candidates of a route, in the order in which they are to be tried, with the reason for the first.</summary>
internal sealed class Router(HealthBoard health, RoutingMemory? memory = null)
{
    private static readonly FrozenDictionary<string, IRoutingPolicy> Policies =
        new IRoutingPolicy[] { new InOrderPolicy(), new WeightedPolicy() }.ToFrozenDictionary(policy => policy.Name, StringComparer.Ordinal);

    // What explains routes without a policy of their own: nothing is asked of offerings, and the aim decides nothing.
    private static readonly PolicyConfig NoPolicy = new() { Name = "" };

    private readonly PolicyOrder _policies = new(health, memory ?? new RoutingMemory());

    /// <summary>
    /// Fills <paramref name="order"/>. Under a policy on evidence, by that (<see cref="PolicyOrder"/>); those that it does not admit are left out, and where it admits none the order is empty and the reason says who
    /// lacks what. Otherwise by what the operator wrote; then those that can do all that the request needs before those that cannot, and within each the written order among those that are well, before those that
    /// have failed often over the last hours, those whose vendor seems about to cut them off, those that an audit found suspicious, those of whom the last that is known is a failure, and those that rest. Quarantined ones come last of all. Returns the reason in a
    /// few words, and in <paramref name="relaxed"/>, where somebody asks, for whom the policy had to give up floors.
    /// </summary>
    public string Order(ResolvedRoute route, in RoutingQuestion question, List<Offering> order, RelaxedLevels? relaxed = null)
    {
        order.Clear();
        relaxed?.Clear();
        if ((question.Policy ?? route.Evidence) is { } onEvidence)
            return OrderBy(onEvidence, route, question, order, relaxed);
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
        var standing = Standings.Of(health.For(first.Id), question.NowMs);
        if (standing != Standing.Quarantined && !Capabilities.Cover(first, question.Features, question.ClientProtocol))
            return $"{first.Upstream.Name} lacks a capability";
        return standing switch
        {
            Standing.Resting => $"{first.Upstream.Name} rests",
            Standing.Doubtful => $"{first.Upstream.Name} failed last",
            Standing.Quarantined => $"{first.Upstream.Name} is quarantined",
            Standing.DownWeighted => $"{first.Upstream.Name} is suspicious",
            Standing.Warned => $"{first.Upstream.Name} is about to be cut off",
            _ => $"{first.Upstream.Name} fails often",
        };
    }

    /// <summary>The decision in full: what <see cref="Order"/> would do now, candidate by candidate.</summary>
    public RouteDecision Explain(ResolvedRoute route, in RoutingQuestion question)
    {
        var order = new List<Offering>();
        var reason = Order(route, question, order);
        var policy = question.Policy ?? route.Evidence ?? NoPolicy;
        var facts = RouteDecision.Facts(_policies.Decide(route, policy, question), order, question.NowMs);
        return new RouteDecision
        {
            Policy = policy.Name.Length > 0 ? policy.Name : route.Policy,
            Aim = policy.Name.Length > 0 ? policy.Aim : null,
            Currency = policy.Currency,
            Task = question.Task,
            Reason = reason,
            Candidates = facts,
        };
    }

    private string OrderBy(PolicyConfig policy, ResolvedRoute route, in RoutingQuestion question, List<Offering> order, RelaxedLevels? relaxed)
    {
        var candidates = _policies.Decide(route, policy, question);
        foreach (ref readonly var candidate in candidates)
        {
            if (candidate.Level == Candidate.Never)
                continue;
            order.Add(candidate.Offering);
            relaxed?.Add(candidate.Offering, candidate.Level);
        }

        return DecisionText.Reason(candidates, policy);
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

    private int Compare(Offering left, Offering right, in RoutingQuestion question)
    {
        var (one, other) = (health.For(left.Id), health.For(right.Id));
        var (standing, otherStanding) = (Standings.Of(one, question.NowMs), Standings.Of(other, question.NowMs));
        if ((standing == Standing.Quarantined) != (otherStanding == Standing.Quarantined))
            return standing.CompareTo(otherStanding);
        var byCover = Capabilities.Cover(right, question.Features, question.ClientProtocol).CompareTo(Capabilities.Cover(left, question.Features, question.ClientProtocol));
        if (byCover != 0)
            return byCover;
        var byStanding = standing.CompareTo(otherStanding);
        return byStanding != 0 ? byStanding : Standings.Compare(standing, one, other, question.NowMs);
    }
}
