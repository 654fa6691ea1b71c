using System.Collections.Immutable;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Snapshots;

/// <summary>
/// Turns a configuration into answers to "who serves this name?": every name that is known beforehand goes to <see cref="Exact"/>,
/// names that only patterns match are answered by <see cref="Match"/>. Both follow the same order, so a name means the same
/// whether it is listed or not.
/// </summary>
internal sealed class SnapshotCompiler
{
    private readonly OfferingPrices _prices;
    private readonly Dictionary<string, PolicyConfig> _policies;
    private readonly List<UpstreamModels> _upstreams;
    private readonly List<(ModelPattern Pattern, RouteConfig Route)> _patterns = [];

    public SnapshotCompiler(GatewayConfig config)
    {
        Config = config;
        _prices = new OfferingPrices(config.Catalogue);
        _policies = config.Policies.Where(policy => policy.Broken is null).Concat(PolicyPresets.All).DistinctBy(policy => policy.Name).ToDictionary(policy => policy.Name, StringComparer.Ordinal);
        _upstreams = [.. config.Upstreams.Where(upstream => upstream.Enabled).Select(upstream => new UpstreamModels(upstream))];
        var routes = config.Routes.Select(Judged).ToList();
        BrokenRoutes = [.. routes.Where(route => route.Broken is not null)];

        // 1. Routes by name, then by alias; the first in the file wins.
        foreach (var route in routes)
            AddExact(route.Model, route, RouteMatch.Route);
        foreach (var route in routes)
            foreach (var alias in route.Aliases)
                AddExact(alias, route, RouteMatch.Alias);

        // 2. Their patterns, the most specific first; the sort is stable, so the file's order breaks ties.
        _patterns = [.. _patterns.OrderByDescending(entry => entry.Pattern.LiteralLength)];

        // 3. Every name that upstreams offer, answered as Match answers it.
        foreach (var upstream in _upstreams)
            foreach (var name in upstream.Names.Concat(upstream.Names.Select(name => $"{upstream.Config.Name}/{name}")))
                if (!Exact.ContainsKey(name) && Match(name) is { } route)
                    Exact.Add(name, route);

        // 4. A name under which Claude Code shows what it would hide.
        foreach (var (name, route) in Exact.Where(entry => NeedsDiscoveryAlias(entry.Key)).ToList())
            Exact.TryAdd(GatewaySnapshot.DiscoveryPrefix + name, route);
    }

    public GatewayConfig Config { get; }

    /// <summary>Routes whose names answer with an error, each with why.</summary>
    public ImmutableArray<RouteConfig> BrokenRoutes { get; }

    /// <summary>Those of the file, and the presets that it does not replace.</summary>
    public IReadOnlyDictionary<string, PolicyConfig> Policies => _policies;

    public Dictionary<string, ResolvedRoute> Exact { get; } = new(StringComparer.Ordinal);

    /// <summary>Answers a name that no route has literally; null when nobody serves it.</summary>
    /// <remarks>A qualified name comes before routes' patterns: it must stay possible to ask one upstream, whatever <c>*</c> is routed to.</remarks>
    public ResolvedRoute? Match(string name) => Qualified(name) ?? RoutePattern(name) ?? Bare(name);

    /// <summary>What clients are told: routes, their aliases, models of upstreams; then the discovery aliases.</summary>
    public ImmutableArray<ListedModel> ListModels()
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var listed = new List<ListedModel>();
        var names = Config.Routes.Select(route => route.Model)
            .Concat(Config.Routes.SelectMany(route => route.Aliases))
            .Concat(_upstreams.SelectMany(upstream => upstream.Names));
        foreach (var name in names)
        {
            if (!Exact.TryGetValue(name, out var route) || route.Route?.Broken is not null || !seen.Add(name)) continue;
            listed.Add(new ListedModel(name, route.Candidates[0].Upstream.Vendor, route.Route?.DisplayName ?? name, IsDiscoveryAlias: false));
        }

        var aliases = listed.Where(model => NeedsDiscoveryAlias(model.Id)).Select(model => model with
        {
            Id = GatewaySnapshot.DiscoveryPrefix + model.Id,
            DisplayName = $"{model.DisplayName} via {Exact[model.Id].Candidates[0].Upstream.Profile.DisplayName}",
            IsDiscoveryAlias = true,
        });
        return [.. listed, .. aliases.Where(alias => !seen.Contains(alias.Id))];
    }

    // Without an upstream that is on it keeps its names all the same: a pattern or the upstreams' own lists of models would serve them without the policy that people rely on.
    private RouteConfig Judged(RouteConfig route) => route.Broken is null && Candidates(route, carried: null).Length == 0 ? route with { Broken = WhyNobody(route) } : route;

    private string WhyNobody(RouteConfig route)
    {
        var known = Config.Upstreams.Select(upstream => upstream.Name).ToHashSet(StringComparer.Ordinal);
        var named = route.Candidates.Select(candidate => candidate.Upstream).Distinct(StringComparer.Ordinal).Select(name => $"'{name}' {(known.Contains(name) ? "is switched off" : "is not there")}");
        return $"none of its upstreams can be asked: {string.Join(", ", named)}";
    }

    private static bool NeedsDiscoveryAlias(string name) =>
        !name.Contains("claude", StringComparison.OrdinalIgnoreCase) && !name.Contains("anthropic", StringComparison.OrdinalIgnoreCase);

    private void AddExact(string name, RouteConfig route, RouteMatch match)
    {
        var pattern = new ModelPattern(name);
        if (pattern.IsWildcard) _patterns.Add((pattern, route));
        else Exact.TryAdd(name, new ResolvedRoute { Name = route.Model, Match = match, Route = route, Evidence = _policies.GetValueOrDefault(route.Policy), Candidates = Candidates(route, carried: null) });
    }

    private ResolvedRoute? Qualified(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash <= 0) return null;
        var upstream = _upstreams.Find(upstream => name.AsSpan(0, slash).SequenceEqual(upstream.Config.Name));
        if (upstream?.Map(name[(slash + 1)..], qualified: true) is not { } model) return null;
        return new ResolvedRoute { Name = name, Match = RouteMatch.Qualified, Candidates = [Offer(upstream.Config, model)] };
    }

    private ResolvedRoute? RoutePattern(string name)
    {
        foreach (var (pattern, route) in _patterns)
        {
            if (!pattern.TryMatch(name, out var carried)) continue;
            return new ResolvedRoute { Name = route.Model, Match = RouteMatch.Wildcard, Route = route, Evidence = _policies.GetValueOrDefault(route.Policy), Candidates = Candidates(route, name[carried]) };
        }

        return null;
    }

    private ResolvedRoute? Bare(string name)
    {
        ImmutableArray<Offering> candidates =
        [
            .. _upstreams.Select(upstream => (upstream.Config, Model: upstream.Map(name, qualified: false)))
                .Where(offer => offer.Model is not null)
                .Select(offer => Offer(offer.Config, offer.Model!)),
        ];
        return candidates.IsEmpty ? null : new ResolvedRoute { Name = name, Match = RouteMatch.Model, Candidates = candidates };
    }

    private ImmutableArray<Offering> Candidates(RouteConfig route, string? carried)
    {
        if (route.Broken is not null)
            return [];
        var candidates = ImmutableArray.CreateBuilder<Offering>(route.Candidates.Count);
        foreach (var candidate in route.Candidates)
        {
            if (_upstreams.Find(upstream => upstream.Config.Name == candidate.Upstream) is not { } upstream) continue;
            var model = carried is null ? candidate.Model : candidate.Model.Replace("*", carried, StringComparison.Ordinal);
            candidates.Add(Offer(upstream.Config, upstream.Config.ModelAliases.GetValueOrDefault(model, model), candidate.Weight));
        }

        return candidates.ToImmutable();
    }

    /// <summary>A model at an upstream, with its price.</summary>
    public Offering Offer(UpstreamConfig upstream, string model, int weight = 1) =>
        new(upstream, model, weight, _prices.For(upstream, model)) { Unpriced = upstream.Unpriced ?? Config.Unpriced };

    /// <summary>What one upstream offers.</summary>
    private sealed class UpstreamModels(UpstreamConfig config)
    {
        private readonly HashSet<string> _literals = [.. config.Models.Where(model => !model.Contains('*', StringComparison.Ordinal))];
        private readonly ModelPattern[] _patterns = [.. config.Models.Where(model => model.Contains('*', StringComparison.Ordinal)).Select(model => new ModelPattern(model))];

        public UpstreamConfig Config => config;

        /// <summary>The names that are known beforehand, as clients say them, in the operator's order.</summary>
        public IEnumerable<string> Names { get; } = [.. config.Models.Where(model => !model.Contains('*', StringComparison.Ordinal)).Concat(config.ModelAliases.Keys).Distinct()];

        /// <summary>The upstream's name for a client's, or null where it is not offered.</summary>
        public string? Map(string name, bool qualified)
        {
            if (config.ModelAliases.TryGetValue(name, out var own)) return own;
            if (name.Length == 0 || name.Contains('*', StringComparison.Ordinal)) return null;
            if (_literals.Contains(name)) return name;
            return _patterns.Any(pattern => (qualified || pattern.Text != UpstreamConfig.AnyModel) && pattern.IsMatch(name)) ? name : null;
        }
    }
}
