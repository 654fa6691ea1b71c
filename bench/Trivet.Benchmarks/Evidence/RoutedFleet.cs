using System.Collections.Immutable;
using Trivet.Core.Catalogue;
using Trivet.Core.Failures;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Evidence;

/// <summary>Simulated upstreams behind the router that the gateway uses, with its health board and its memory: benches tell it what attempts came to, as the relay does.</summary>
internal sealed class RoutedFleet
{
    private readonly HealthBoard _health = new();
    private readonly Router _router;
    private readonly PolicyConfig? _policy;
    private readonly VendorProfile _profile = VendorProfiles.Get("custom");
    private readonly Dictionary<string, int> _places = new(StringComparer.Ordinal);
    private readonly List<Offering> _order = [];
    private readonly Random _random;
    private Offering[] _offerings = [];
    private ResolvedRoute _route;

    /// <param name="prices">By upstream: prompt and answer, currency units per million tokens, with a cache at a tenth to read and 1.25 times to write.</param>
    /// <param name="policy">Null: in the order given.</param>
    /// <param name="seed">Of the draws among equals.</param>
    public RoutedFleet(IReadOnlyList<(double Input, double Output)> prices, PolicyConfig? policy, int seed)
    {
        (_policy, _random) = (policy, new Random(seed));
        _router = new Router(_health, Memory);
        _route = Price(prices);
    }

    public RoutingMemory Memory { get; } = new();

    /// <summary>Puts other prices up, or the same in another order of preference; what is known of the offerings stays.</summary>
    public ResolvedRoute Price(IReadOnlyList<(double Input, double Output)> prices, IReadOnlyList<int>? order = null)
    {
        _offerings = [.. prices.Select((price, i) => new Offering(new UpstreamConfig { Name = $"u{i}", Profile = _profile, Endpoints = [] }, "m", 1, OfferingPrice.OfRates(Rates(price), "USD")))];
        for (var i = 0; i < _offerings.Length; i++)
            _places[_offerings[i].Id] = i;
        _route = new ResolvedRoute
        {
            Name = "m",
            Match = RouteMatch.Route,
            Candidates = order is null ? [.. _offerings] : order.Select(i => _offerings[i]).ToImmutableArray(),
            Evidence = _policy,
            Route = new RouteConfig { Model = "m", Candidates = [] },
        };
        return _route;
    }

    /// <summary>The upstreams in the order in which they would be tried.</summary>
    public void Order(RoutingQuestion question, List<int> places)
    {
        _router.Order(_route, question with { Draw = (ulong)_random.NextInt64() }, _order);
        places.Clear();
        foreach (var offering in _order)
            places.Add(_places[offering.Id]);
    }

    public static RoutingQuestion Question(long nowMs, long promptTokens, PromptPrefix prompt = default) =>
        new(0, nowMs, RequestFeatures.None, Protocol.OpenAIChat) { PromptTokens = promptTokens, IsStream = true, Prompt = prompt, WritesCache = prompt.Length > 0 };

    public OfferingHealth Health(int place) => _health.For(_offerings[place].Id);

    public OfferingMemory MemoryOf(int place) => Memory.For(_offerings[place]);

    public void Failed(int place, long nowMs)
    {
        var health = Health(place);
        if (health.Failed(new Failure(FailureKind.UpstreamServerError), nowMs))
            health.TryGoDown();
    }

    /// <summary>What the relay's background questions find: of those that are down or in doubt at each call, and once an hour of those that have been out too often.</summary>
    public void Probe(Func<int, bool> isUp, long nowMs)
    {
        for (var i = 0; i < _offerings.Length; i++)
        {
            var health = Health(i);
            var isWatched = health.IsDown || health.IsDoubtful(nowMs);
            if (!isWatched && !health.TryRecheck(nowMs))
                continue;
            if (isUp(i))
                health.Succeeded(nowMs);
            else if (!isWatched)
                Failed(i, nowMs);
        }
    }

    private static MeterRates Rates((double Input, double Output) price) => new()
    {
        InputPico = Pico(price.Input),
        CacheReadPico = Pico(price.Input * 0.1),
        CacheWrite5mPico = Pico(price.Input * 1.25),
        OutputPico = Pico(price.Output),
    };

    private static long Pico(double perMillion) => (long)Math.Round(perMillion * 1e6);
}
