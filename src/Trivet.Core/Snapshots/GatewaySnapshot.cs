using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using Trivet.Core.Catalogue;
using Trivet.Core.Replay;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Upstreams;
using Trivet.Core.Yaml;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Snapshots;

/// <summary>
/// The configuration as request code sees it: compiled into frozen lookups, immutable, replaced whole by <see cref="SnapshotHolder"/>.
/// A request keeps the one it started with.
/// </summary>
public sealed class GatewaySnapshot
{
    /// <summary>Put before a model's name so that Claude Code shows it; it hides ids without <c>claude</c> or <c>anthropic</c>.</summary>
    public const string DiscoveryPrefix = "claude-via-";

    /// <summary>Claude Code appends it to ask for the long context; no vendor but Anthropic's agent knows it.</summary>
    public const string LongContextSuffix = "[1m]";

    // Names that only patterns match are resolved once and kept. Names come from clients, so the number is bounded.
    private const int RememberedMax = 1024;
    private const int NameCharsMax = 512;

    private readonly FrozenDictionary<string, ResolvedRoute> _exact;
    private readonly FrozenDictionary<string, ResolvedRoute>.AlternateLookup<ReadOnlySpan<char>> _exactBySpan;
    private readonly FrozenDictionary<string, UpstreamConfig> _upstreams;
    private readonly FrozenDictionary<string, ListedModel> _models;
    private readonly ConcurrentDictionary<string, ResolvedRoute> _remembered = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ResolvedRoute>.AlternateLookup<ReadOnlySpan<char>> _rememberedBySpan;
    private readonly SnapshotCompiler _patterns;
    private readonly FrozenDictionary<string, PolicyConfig> _policies;
    private readonly FrozenDictionary<string, PolicyConfig> _policiesOfKeys;
    private readonly PolicyConfig? _policyOfUnknownKeys;
    private readonly bool[] _hasSeveralIssuers;
    private int _rememberedCount; // the dictionary's own count takes all of its locks

    private GatewaySnapshot(SnapshotCompiler compiler)
    {
        _patterns = compiler;
        Config = compiler.Config;
        Prices = new PriceBook(Config.Fx);
        Models = compiler.ListModels();
        _exact = compiler.Exact.ToFrozenDictionary(StringComparer.Ordinal);
        _exactBySpan = _exact.GetAlternateLookup<ReadOnlySpan<char>>();
        _rememberedBySpan = _remembered.GetAlternateLookup<ReadOnlySpan<char>>();
        _policies = compiler.Policies.ToFrozenDictionary(StringComparer.Ordinal);
        _policyOfUnknownKeys = Config.Policies.FirstOrDefault(policy => policy is { Broken: not null, Keys.Count: 0 });
        _policiesOfKeys = Config.Policies.SelectMany(policy => policy.Keys.Select(key => (key, policy))).DistinctBy(pair => pair.key).ToFrozenDictionary(pair => pair.key, pair => pair.policy, StringComparer.Ordinal);
        _upstreams = Config.Upstreams.ToFrozenDictionary(upstream => upstream.Name, StringComparer.Ordinal);
        _models = Models.ToFrozenDictionary(model => model.Id, StringComparer.Ordinal);
        _hasSeveralIssuers = [.. Enum.GetValues<Protocol>().Select(protocol => CountIssuers(Config, protocol) > 1)];
    }

    /// <summary>What it was compiled from.</summary>
    public GatewayConfig Config { get; }

    /// <summary>Turns what attempts used into money.</summary>
    public PriceBook Prices { get; }

    /// <summary>The models to tell clients of: real names first, then discovery aliases.</summary>
    public ImmutableArray<ListedModel> Models { get; }

    /// <summary>Routes whose names answer with an error, each with why in <see cref="Routing.RouteConfig.Broken"/>.</summary>
    public ImmutableArray<Routing.RouteConfig> BrokenRoutes => _patterns.BrokenRoutes;

    /// <summary>Compiles a validated configuration.</summary>
    public static GatewaySnapshot Compile(GatewayConfig config) => new(new SnapshotCompiler(config));

    /// <summary>Opaque values of a protocol may be of more than one vendor, so that it has to be known whose each is. The sandbox does not count: it is everywhere.</summary>
    public bool HasSeveralIssuers(Protocol protocol) => _hasSeveralIssuers[(int)protocol];

    /// <summary>An upstream by its name, disabled ones included.</summary>
    public bool TryGetUpstream(string name, [NotNullWhen(true)] out UpstreamConfig? upstream) => _upstreams.TryGetValue(name, out upstream);

    /// <summary>A model at an upstream, with its price, whether or not a route leads there.</summary>
    public Offering OfferingOf(UpstreamConfig upstream, string model) => _patterns.Offer(upstream, model);

    /// <summary>A listed model by its id.</summary>
    public bool TryGetModel(string id, [NotNullWhen(true)] out ListedModel? model) => _models.TryGetValue(id, out model);

    /// <summary>Resolves the name in a client's request, unescaped UTF-8. Allocates nothing for a known name.</summary>
    public bool TryResolve(ReadOnlySpan<byte> utf8Model, [NotNullWhen(true)] out ResolvedRoute? route)
    {
        route = null;
        if (utf8Model.IsEmpty || utf8Model.Length > NameCharsMax) return false;
        Span<char> name = stackalloc char[NameCharsMax];
        return Encoding.UTF8.TryGetChars(utf8Model, name, out var length) && TryResolve(name[..length], out route);
    }

    /// <summary>The policies that clients may ask for: those of the file and the presets.</summary>
    public IReadOnlyDictionary<string, PolicyConfig> Policies => _policies;

    /// <summary>What is wrong with a policy's name, with the nearest that there is; null where there is such a policy.</summary>
    public string? PolicyProblem(string name) =>
        _policies.ContainsKey(name) ? null : $"there is no policy '{name}'{Nearest.Hint(name, [.. _policies.Keys.Order(StringComparer.Ordinal)])}";

    /// <summary>The policy that names a key, which decides its requests whatever their routes say; null for none. A broken one refuses them (<see cref="PolicyConfig.Broken"/>).</summary>
    public PolicyConfig? PolicyOfKey(string id, string name) =>
        _policiesOfKeys.Count > 0 && (_policiesOfKeys.TryGetValue(id, out var policy) || _policiesOfKeys.TryGetValue(name, out policy)) ? policy : _policyOfUnknownKeys;

    /// <summary>
    /// Resolves the name in a client's request. In this order: a route's name, a route's alias, <c>upstream/model</c>, the most specific
    /// pattern of a route, a model of upstreams. Tolerates <see cref="LongContextSuffix"/> and <see cref="DiscoveryPrefix"/>.
    /// </summary>
    public bool TryResolve(ReadOnlySpan<char> model, [NotNullWhen(true)] out ResolvedRoute? route)
    {
        if (TryFind(model, out route) && route.Route?.Broken is null) return true;
        route = null;
        return false;
    }

    /// <summary>Why a name that has a route is not served; null where it is served, or where nobody has it.</summary>
    public string? BrokenRoute(ReadOnlySpan<char> model) =>
        TryFind(model, out var route) && route.Route?.Broken is { } why ? $"The route '{route.Name}': {why}." : null;

    private bool TryFind(ReadOnlySpan<char> model, [NotNullWhen(true)] out ResolvedRoute? route)
    {
        if (_exactBySpan.TryGetValue(model, out route) || _rememberedBySpan.TryGetValue(model, out route)) return true;
        if (model.IsEmpty || model.Length > NameCharsMax) return false;

        route = ResolveByPattern(model);
        if (route is null) return false;
        if (Volatile.Read(ref _rememberedCount) < RememberedMax && _rememberedBySpan.TryAdd(model, route)) Interlocked.Increment(ref _rememberedCount);
        return true;
    }

    private static int CountIssuers(GatewayConfig config, Protocol protocol) => config.Upstreams
        .Where(upstream => upstream.Enabled && upstream.Vendor != BuiltInSandbox.Vendor && upstream.EndpointFor(protocol) is not null)
        .Select(OpaqueOrigin.IssuerOf).Distinct(StringComparer.Ordinal).Count();

    private ResolvedRoute? ResolveByPattern(ReadOnlySpan<char> model)
    {
        if (model.EndsWith(LongContextSuffix, StringComparison.Ordinal))
        {
            model = model[..^LongContextSuffix.Length];
            if (_exactBySpan.TryGetValue(model, out var known)) return known;
        }

        // Before the patterns: `claude-*` is a common route and must not swallow an alias that names its model.
        if (model.StartsWith(DiscoveryPrefix, StringComparison.Ordinal))
        {
            var named = model[DiscoveryPrefix.Length..];
            if (_exactBySpan.TryGetValue(named, out var known)) return known;
            if (_patterns.Match(named.ToString()) is { } matched) return matched;
        }

        return _patterns.Match(model.ToString());
    }
}
