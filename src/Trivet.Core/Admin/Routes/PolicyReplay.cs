using Trivet.Core.Catalogue;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Admin.Routes;

/// <summary>Plays booked requests of one route again under a policy, in the order in which they came.</summary>
internal sealed class PolicyReplay
{
    private readonly GatewaySnapshot _snapshot;
    private readonly ResolvedRoute _route;
    private readonly PolicyConfig _policy;
    private readonly BookEvidence _evidence = new();
    private readonly Router _router;
    private readonly Dictionary<string, Offering> _candidates;
    private readonly Dictionary<string, Tally> _tallies;
    private readonly Random _random = new(1);
    private readonly List<Offering> _order = [];
    private int _requests;
    private int _refused;
    private int _firstTry;
    private double _firstTryExpected;
    private long? _costNano = 0;

    public PolicyReplay(GatewaySnapshot snapshot, ResolvedRoute route, PolicyConfig policy)
    {
        (_snapshot, _route, _policy) = (snapshot, route, policy);
        _router = new Router(_evidence.Health, _evidence.Memory);
        _candidates = RouteAdmin.Candidates(route);
        _tallies = _candidates.Keys.ToDictionary(id => id, _ => new Tally(), StringComparer.Ordinal);
    }

    /// <summary>What audits hold against offerings now counts from the beginning: who asks wants to know what the policy will do, not what it did not know.</summary>
    public void TakeStandings(HealthBoard known)
    {
        foreach (var id in _candidates.Keys)
            _evidence.Health.For(id).Card.Standing = known.For(id).Card.Standing;
    }

    /// <summary>One request with its attempts in order.</summary>
    public void Play(IReadOnlyList<AttemptRecord> attempts)
    {
        var (first, last) = (attempts[0], attempts[^1]);
        var usage = BookEvidence.UsageOf(last);
        _requests++;
        if (first.Failure.Length == 0)
            _firstTry++;
        if (_tallies.TryGetValue(RouteAdmin.IdOf(first), out var was))
            was.Was++;
        foreach (var attempt in attempts)
            _costNano += In(attempt.CostNano, attempt.Currency, attempt.StartedMs);

        var session = ulong.TryParse(first.SessionHash, System.Globalization.NumberStyles.HexNumber, null, out var hash) ? hash : 0;
        var question = new RoutingQuestion(session, first.StartedMs, RequestFeatures.None, Protocol.OpenAIChat)
        {
            Policy = _policy,
            PromptTokens = usage.InputTotal,
            IsStream = first.Streamed,
            Fx = _snapshot.Prices.Fx,
            Draw = (ulong)_random.NextInt64(),
        };
        _router.Order(_route, question, _order);
        if (_order.Count == 0)
            _refused++;
        else
            Choose(_order[0], session, usage, first.StartedMs);
        foreach (var attempt in attempts)
        {
            if (_candidates.TryGetValue(RouteAdmin.IdOf(attempt), out var offering))
                _evidence.Note(attempt, offering);
        }
    }

    public RouteReplay Result()
    {
        var served = _requests - _refused;
        var shares = _tallies.Select(pair => new ReplayShare(pair.Key, pair.Value.Was, pair.Value.Becomes, pair.Value.Nano))
            .OrderByDescending(share => share.Becomes).ThenBy(share => share.Offering, StringComparer.Ordinal).ToList();
        return new RouteReplay
        {
            Policy = _policy.Name,
            Currency = _policy.Currency,
            Requests = _requests,
            Refused = _refused,
            CostNano = _costNano,
            ReplayedNano = shares.Exists(share => share.ReplayedNano is null) ? null : shares.Sum(share => share.ReplayedNano),
            FirstTry = _requests == 0 ? double.NaN : (double)_firstTry / _requests,
            FirstTryExpected = served == 0 ? double.NaN : _firstTryExpected / served,
            Offerings = shares,
        };
    }

    private void Choose(Offering chosen, ulong session, in Usage usage, long atMs)
    {
        var stays = string.Equals(_evidence.Memory.Sessions.Find(session, atMs), chosen.Id, StringComparison.Ordinal);
        var counted = stays ? usage : new Usage { InputUncached = usage.InputTotal, OutputText = usage.OutputText, OutputReasoning = usage.OutputReasoning };
        var quote = _snapshot.Prices.Price(chosen.Price, MeterCounts.Of(counted), DateTimeOffset.FromUnixTimeMilliseconds(atMs), ServiceTier.Standard);
        var tally = _tallies[chosen.Id];
        tally.Becomes++;
        tally.Nano += In(quote.BilledNano, quote.Currency, atMs);
        var availability = _evidence.Health.For(chosen.Id).Card.Availability(atMs);
        _firstTryExpected += availability.IsKnown ? availability.Value : _policy.Priors.Availability;

        var memory = _evidence.Memory.For(chosen);
        memory.Begin(usage.InputTotal, atMs);
        memory.End();
        _evidence.Memory.Sessions.Note(session, chosen.Id, atMs);
    }

    private long? In(long? nano, string currency, long atMs) =>
        nano is null ? null : nano == 0 ? 0 : _snapshot.Prices.Fx.Convert(nano.Value, currency, _policy.Currency, DateTimeOffset.FromUnixTimeMilliseconds(atMs))?.Nano;

    private sealed class Tally
    {
        public int Was { get; set; }

        public int Becomes { get; set; }

        public long? Nano { get; set; } = 0;
    }
}
