using System.Collections.Immutable;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Routing;

/// <summary>Orders the candidates of a route by what the operator wrote, whatever is known of them. Stateless, or safe for concurrent use.</summary>
internal interface IRoutingPolicy
{
    /// <summary>Its name in <c>policy:</c>.</summary>
    string Name { get; }

    /// <summary>Puts the candidates into the order in which they are to be tried.</summary>
    void Order(ImmutableArray<Offering> candidates, in RoutingQuestion question, List<Offering> order);
}

/// <summary>The first healthy one, in the order that the operator wrote.</summary>
internal sealed class InOrderPolicy : IRoutingPolicy
{
    public string Name => RouteConfig.InOrder;

    public void Order(ImmutableArray<Offering> candidates, in RoutingQuestion question, List<Offering> order)
    {
        foreach (var candidate in candidates)
            order.Add(candidate);
    }
}

/// <summary>
/// By weight. A conversation draws the same order each time (weighted rendezvous hashing), so it stays where its prompt cache is, on any node
/// and after any restart, with no table to keep.
/// </summary>
internal sealed class WeightedPolicy : IRoutingPolicy
{
    public string Name => RouteConfig.Weighted;

    public void Order(ImmutableArray<Offering> candidates, in RoutingQuestion question, List<Offering> order)
    {
        var session = question.SessionHash != 0 ? question.SessionHash : (ulong)Random.Shared.NextInt64();
        Span<double> keys = candidates.Length <= 64 ? stackalloc double[candidates.Length] : new double[candidates.Length];
        for (var i = 0; i < candidates.Length; i++)
        {
            var candidate = candidates[i];
            var at = order.Count;
            var key = Key(session, candidate);
            while (at > 0 && keys[at - 1] < key)
            {
                keys[at] = keys[at - 1];
                at--;
            }

            keys[at] = key;
            order.Insert(at, candidate);
        }
    }

    // −w / ln(u): drawing the largest of these picks each candidate in proportion to its weight.
    private static double Key(ulong session, Offering candidate)
    {
        var hash = session ^ StableHash(candidate.Id);
        hash ^= hash >> 33;
        hash *= 0xFF51AFD7ED558CCDUL;
        hash ^= hash >> 33;
        hash *= 0xC4CEB9FE1A85EC53UL;
        hash ^= hash >> 33;
        var uniform = ((hash >> 11) + 0.5) / (1UL << 53);
        return -candidate.Weight / Math.Log(uniform);
    }

    private static ulong StableHash(string text)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in text)
            hash = (hash ^ c) * 1099511628211UL;
        return hash;
    }
}
