using System.Collections.Immutable;
using Trivet.Core.Failures;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Benchmarks.Weather;

/// <summary>Trivet's own router over its own health board, on a clock that jumps from slot to slot.</summary>
internal sealed class TrivetRouting : IWeatherPolicy
{
    private const long SlotMs = 10 * 60_000;
    private const long TryMs = 2_000; // when outcomes are known, after the slot begins
    private const long ProbeMs = 1_000;

    private readonly HealthBoard _health = new();
    private readonly Router _router;
    private readonly ResolvedRoute _route;
    private readonly List<Offering> _order = [];
    private readonly Dictionary<Offering, int> _places;
    private readonly ulong _session;
    private readonly RelayWeather _weather;

    public TrivetRouting(RelayWeather weather, string policy, ulong session = 0)
    {
        _session = session;
        _weather = weather;
        _router = new Router(_health);
        var profile = VendorProfiles.Get("custom");
        var offerings = weather.Names.Select(name => new Offering(new UpstreamConfig { Name = name, Profile = profile, Endpoints = [] }, "m")).ToImmutableArray();
        _places = offerings.Select((offering, place) => (offering, place)).ToDictionary(pair => pair.offering, pair => pair.place);
        _route = new ResolvedRoute { Name = "m", Match = RouteMatch.Route, Candidates = offerings, Route = new RouteConfig { Model = "m", Candidates = [], Policy = policy } };
        Name = session == 0 ? $"trivet {policy}" : $"trivet {policy}, one session";
    }

    public string Name { get; }

    public (int First, int Second) Choose(int slot)
    {
        _router.Order(_route, new RoutingQuestion(_session, slot * SlotMs, RequestFeatures.None, Protocol.OpenAIChat), _order);
        Probe(slot);
        return (_places[_order[0]], _places[_order[1]]);
    }

    public int Probes { get; private set; }

    // What the background questions of this slot find, which is known by the next one: whoever is down or in doubt, and once an hour whoever has been out too
    // often, is asked while somebody wants the route.
    private void Probe(int slot)
    {
        foreach (var (offering, place) in _places)
        {
            var card = _health.For(offering.Id);
            var isWatched = card.IsDoubtful(slot * SlotMs) || card.IsDown;
            if (!isWatched && !card.TryRecheck(slot * SlotMs))
                continue;
            Probes++;
            if (!_weather.Fails[place][slot])
                card.Succeeded((slot * SlotMs) + ProbeMs);
            else if (!isWatched)
                card.Failed(new Failure(FailureKind.UpstreamServerError), (slot * SlotMs) + ProbeMs);
        }
    }

    public void Tell(int relay, int slot, bool isWell)
    {
        var card = _health.For(_route.Candidates[relay].Id);
        if (isWell)
            card.Succeeded((slot * SlotMs) + TryMs);
        else
            card.Failed(new Failure(FailureKind.UpstreamServerError), (slot * SlotMs) + TryMs);
    }
}
