using Trivet.Core.Routing;
using Trivet.Core.Snapshots.Drafts;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Checks;

/// <summary>Turns routes as written into routes as they are, and names what cannot work.</summary>
internal static class RouteChecks
{
    /// <summary>Upstreams as written, by name, with whether each is on.</summary>
    public static ILookup<string, bool> Known(IReadOnlyList<Placed<UpstreamDraft>> upstreams) =>
        upstreams.Where(upstream => upstream.Value.Name is not null).ToLookup(upstream => upstream.Value.Name!.Value.Value, upstream => upstream.Value.Enabled, StringComparer.Ordinal);

    public static List<RouteConfig> Build(IReadOnlyList<Placed<RouteDraft>> drafts, ILookup<string, bool> known, IReadOnlyList<string> policies, RetryConfig retry, ReadContext context, bool mayMiss = false)
    {
        var names = new Dictionary<string, Place>(StringComparer.Ordinal);
        var built = new List<RouteConfig>();
        foreach (var (draft, place) in drafts)
        {
            if (draft.Model is not { } model) continue;
            foreach (var name in draft.Aliases.Prepend(model))
                if (!names.TryAdd(name.Value, name.Place)) context.Problem(name.Place, $"a second route answers to '{name.Value}' (the first is on line {names[name.Value].Node.Start.Line})");

            if (draft.Policy is { } policy && !policies.Contains(policy.Value))
                context.Problem(policy.Place, $"unknown policy '{policy.Value}' in {policy.Place}{Nearest.Hint(policy.Value, policies)}");

            var candidates = Candidates(draft, model, known, context, mayMiss);
            if (draft.Candidates.Count == 0 && place.Has("candidates")) context.Problem(place, $"{place}.candidates is empty: name at least one upstream");
            else if (candidates.Count > 0 && candidates.TrueForAll(candidate => !known[candidate.Upstream].Any(enabled => enabled)))
                context.Warn(model.Place, $"every upstream of route '{model.Value}' is disabled, so its names are refused");

            built.Add(new RouteConfig
            {
                Model = model.Value,
                Aliases = [.. draft.Aliases.Select(alias => alias.Value)],
                Candidates = candidates,
                Policy = draft.Policy?.Value ?? RouteConfig.InOrder,
                Loss = draft.Loss,
                Retry = draft.Retry?.Over(retry),
                StructuredOutput = draft.StructuredOutput,
                ForcedTools = draft.ForcedTools,
                Continuation = draft.Continuation,
                Hedge = draft.Hedge is { IsEnabled: true } hedge ? hedge : null,
                DisplayName = draft.DisplayName,
            });
        }

        return built;
    }

    private static List<CandidateConfig> Candidates(RouteDraft draft, Placed<string> model, ILookup<string, bool> known, ReadContext context, bool mayMiss)
    {
        var candidates = new List<CandidateConfig>();
        var carries = draft.Aliases.Prepend(model).All(name => name.Value.Contains('*', StringComparison.Ordinal));
        foreach (var (candidate, place) in draft.Candidates)
        {
            if (candidate.Upstream is not { } upstream) continue;
            if (!known.Contains(upstream.Value))
            {
                var problem = $"unknown upstream '{upstream.Value}' in {upstream.Place}{Nearest.Hint(upstream.Value, [.. known.Select(entry => entry.Key)])}";
                if (mayMiss) context.Warn(upstream.Place, problem);
                else context.Problem(upstream.Place, problem);
            }

            var stars = (candidate.Model?.Value ?? model.Value).Count(c => c == '*');
            if (candidate.Model is null && stars > 1)
                context.Problem(place, $"{place} needs the key 'model': the route has more than one *, so the name asked for cannot be carried over");
            else if (candidate.Model is { } named && stars > 0 && !carries)
                context.Problem(named.Place, $"{named.Place} has a *, but '{model.Value}' or one of its aliases has none to carry over");
            else if (candidate.Model is { } many && stars > 1)
                context.Problem(many.Place, $"{many.Place} may hold one * at most");
            candidates.Add(new CandidateConfig(upstream.Value, candidate.Model?.Value ?? model.Value, candidate.Weight));
        }

        return candidates;
    }
}
