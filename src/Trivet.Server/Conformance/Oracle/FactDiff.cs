namespace Trivet.Server.Conformance.Oracle;

/// <summary>What of a request did not arrive, and what arrived that nobody asked for.</summary>
internal sealed class FactDiff
{
    // What protocols demand, what says only the default, and thoughts that the vendor sealed, the client never saw and the gateway brought back.
    private static readonly HashSet<string> Harmless = new(StringComparer.Ordinal) { "max_tokens", "store", "truncation", "user.detail auto", "user.result.detail auto", "tier auto", "assistant.thought" };

    private FactDiff(List<Fact> missing, List<Fact> extra, bool isReordered) => (Missing, Extra, IsReordered) = (missing, extra, isReordered);

    public IReadOnlyList<Fact> Missing { get; }

    public IReadOnlyList<Fact> Extra { get; }

    /// <summary>All of it arrived, but what is said not in its order.</summary>
    public bool IsReordered { get; }

    public bool IsEmpty => Missing.Count == 0 && Extra.Count == 0 && !IsReordered;

    public static FactDiff Between(IEnumerable<Fact> asked, IEnumerable<Fact> arrived)
    {
        var (wanted, came) = (Joined(asked), Joined(arrived));
        var left = new List<Fact>(came);
        var missing = wanted.Where(fact => !Take(left, fact)).ToList();

        // A text that something else was put beside is there, and the addition is what is new.
        missing.RemoveAll(fact => fact.IsSpoken && left.Exists(other => other.Name == fact.Name && other.Value.Contains(fact.Value, StringComparison.Ordinal)));
        left.RemoveAll(fact => Harmless.Contains(fact.Name) || Harmless.Contains($"{fact.Name} {fact.Value}"));
        missing.RemoveAll(fact => Harmless.Contains($"{fact.Name} {fact.Value}"));
        var isReordered = missing.Count == 0 && left.Count == 0 && !wanted.Where(f => f.IsSpoken).Zip(came.Where(f => f.IsSpoken && wanted.Exists(w => w.Says(f)))).All(pair => pair.First.Says(pair.Second));
        return new FactDiff(missing, left, isReordered);
    }

    public override string ToString() => string.Join("; ", Missing.Select(f => "lost: " + f).Concat(Extra.Select(f => "added: " + f)).Concat(IsReordered ? ["in another order"] : []));

    private static bool Take(List<Fact> from, Fact fact)
    {
        var at = from.FindIndex(fact.Says);
        if (at >= 0)
            from.RemoveAt(at);
        return at >= 0;
    }

    // Neighbouring texts of one side are one text: protocols cut them differently.
    private static List<Fact> Joined(IEnumerable<Fact> facts)
    {
        var (joined, rest) = (new List<Fact>(), new List<Fact>());
        foreach (var fact in Settled(facts))
        {
            if (!fact.IsSpoken)
                rest.Add(fact);
            else if (joined.Count > 0 && joined[^1].Name == fact.Name && (fact.Name.EndsWith(".text", StringComparison.Ordinal) || fact.Name.EndsWith(".thought", StringComparison.Ordinal) || fact.Name == "system"))
                joined[^1] = new Fact(fact.Name, joined[^1].Value + "\n" + fact.Value, IsLoose: true);
            else if (fact.Value.Length > 0 || !fact.Name.EndsWith(".thought", StringComparison.Ordinal))
                joined.Add(fact);
        }

        return [.. joined, .. rest];
    }

    // Results are told apart by their calls and stand right behind them in every protocol: what else the same turn says is beside them. No thinking has no effort; an empty instruction says nothing.
    private static IEnumerable<Fact> Settled(IEnumerable<Fact> facts)
    {
        var all = facts.Where(f => !(f.Name == "system" && f.Value.Length == 0)).ToList();
        var isOff = all.Exists(f => f is { Name: "thinking", Value: "off" });
        var turn = new List<Fact>();
        foreach (var fact in all.Where(f => !(isOff && f.Name is ("effort" or "budget"))).Append(null))
        {
            if (fact is not null && fact.Name.StartsWith("user.", StringComparison.Ordinal))
            {
                turn.Add(fact);
                continue;
            }

            foreach (var said in turn.Where(IsResult).OrderBy(r => r.Name, StringComparer.Ordinal).ThenBy(r => r.Value, StringComparer.Ordinal).Concat(turn.Where(f => !IsResult(f))))
                yield return said;
            turn.Clear();
            if (fact is not null)
                yield return fact;
        }
    }

    private static bool IsResult(Fact fact) => fact.Name.Contains(".result", StringComparison.Ordinal);
}
