using Trivet.Core.Routing;
using Trivet.Core.Routing.Difficulty;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Snapshots.Drafts;
using Trivet.Core.Yaml;

namespace Trivet.Core.Snapshots.Checks;

/// <summary>Turns policies as written into policies as they are, and names what is left unsaid.</summary>
internal static class PolicyChecks
{
    /// <summary>What <c>policy:</c> of a route may say.</summary>
    public static IReadOnlyList<string> NamesFor(IReadOnlyList<PolicyConfig> policies) =>
        [RouteConfig.InOrder, RouteConfig.Weighted, .. policies.Where(policy => policy.Broken is null).Select(policy => policy.Name).Union(PolicyPresets.Names, StringComparer.Ordinal)];

    public static List<PolicyConfig> Build(IReadOnlyDictionary<string, Placed<PolicyDraft>> drafts, string folder, ReadContext context)
    {
        var built = new List<PolicyConfig>();
        foreach (var (name, (draft, place)) in drafts)
        {
            if (name is RouteConfig.InOrder or RouteConfig.Weighted)
                context.Problem(place, $"{place}: '{name}' is the name of what goes by the order or the weights in the file; call it otherwise");
            else if (!UpstreamChecks.IsName(name))
                context.Problem(place, $"{place} may hold letters, digits, '.', '_' and '-' only, because clients write it into a header");
            CheckWhenNone(draft, place, context);
            if (draft.Aim is { Aim: PolicyAim.Exchange, SecondNano: 0, QualityNano: 0 })
                context.Problem(place, $"{place}.aim gives neither seconds nor quality a worth: write cheapest, or what they are worth");
            built.Add(new PolicyConfig
            {
                Name = name,
                Floors = draft.Floors,
                Aim = draft.Aim?.Aim ?? PolicyAim.Cheapest,
                SecondNano = draft.Aim?.SecondNano ?? 0,
                QualityNano = draft.Aim?.QualityNano ?? 0,
                Currency = draft.Currency,
                WhenNone = draft.WhenNone ?? WhenNone.Refuse,
                Relax = [.. draft.Relax.Select(floor => floor.Value)],
                BalancePercent = draft.BalancePercent,
                Priors = draft.Priors,
                Keys = draft.Keys,
                Tasks = draft.Tasks,
                Difficulty = draft.Difficulty is { } difficulty && context.MayNameFile(place.Key("difficulty", place.Node)) ? Difficulty(difficulty, place, folder, context) : null,
            });
        }

        return built;
    }

    private static DifficultyConfig Difficulty(DifficultyDraft draft, Place place, string folder, ReadContext context)
    {
        var path = Path.GetFullPath(Path.Combine(folder, draft.Table));
        if (draft.Table.Length > 0 && !File.Exists(path))
            context.Problem(place, $"{place}.difficulty.table: there is no file {path}");
        return new DifficultyConfig { TablePath = path, Weak = draft.Weak, Strong = draft.Strong, StrongPercent = draft.StrongPercent };
    }

    // What happens then is the operator's to say: refusing stops people's work, and giving a floor up may send data where it must not go.
    private static void CheckWhenNone(PolicyDraft draft, Place place, ReadContext context)
    {
        if (draft.Floors.IsAny && draft.WhenNone is null && !place.Has("when_none"))
            context.Problem(place, $"{place} needs the key 'when_none': what happens when no offering meets its floors, refuse or relax");
        if (draft.WhenNone == WhenNone.Relax && draft.Relax.Count == 0 && !place.Has("relax"))
            context.Problem(place, $"{place} needs the key 'relax': the floors that may be given up, the first first, such as [first_content, availability]");
        if (draft.WhenNone != WhenNone.Relax && draft.Relax.Count > 0)
            context.Problem(draft.Relax[0].Place, $"{place}.relax is of use with when_none: relax only");
        foreach (var twice in draft.Relax.GroupBy(floor => floor.Value).Where(same => same.Count() > 1))
            context.Problem(twice.Last().Place, $"{twice.Last().Place}: '{PolicyWords.Of(twice.Key)}' stands there twice");
    }
}
