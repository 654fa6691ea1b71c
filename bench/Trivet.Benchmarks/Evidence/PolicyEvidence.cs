using Trivet.Core.Routing.Policies;
using Trivet.Wire.Canonical;

namespace Trivet.Benchmarks.Evidence;

/// <summary>
/// What a policy with floors costs above an oracle that knows the truth, on made-up markets (<see cref="MarketDraw"/>): six requests a minute for a month. Beside it: round robin, the cheapest list price, and the
/// offering that is best in hindsight. All but the oracle fall back to the next one where an attempt fails. Quality is learned from the checks of answers that users got, and of one shadow item for each offering in ten minutes.
/// </summary>
internal sealed class PolicyEvidence(EvidenceOptions options)
{
    private const double QualityFloor = 0.9, AvailabilityFloor = 0.95;
    private const int RequestsPerMinute = 6;
    private const int ShadowEveryMinutes = 10;
    private const int Draws = 12;
    private const int PromptTokens = 2000, AnswerTokens = 400;
    private const double AnswerPrice = 4; // of the prompt's

    private static readonly PolicyConfig Policy = new()
    {
        Name = "p",
        Aim = PolicyAim.Cheapest,
        Floors = new PolicyFloors { Quality = QualityFloor, Availability = AvailabilityFloor },
        WhenNone = WhenNone.Relax,
        Relax = [Floor.Availability, Floor.Quality],
    };

    public IEnumerable<EvidenceRow> Rows()
    {
        var draws = Enumerable.Range(options.Seed, Draws).Select(seed => Play(new MarketDraw(seed), seed)).ToList();
        foreach (var (name, i) in new[] { ("aim cheapest with floors", 0), ("round robin", 1), ("cheapest list price", 2), ("best in hindsight", 3) })
        {
            var (regret, held, first) = (Mean($"{name}: cost over the oracle's", draws.Select(draw => draw[i].Cost)), Mean($"{name}: requests with floors held", draws.Select(draw => draw[i].Held)), Mean($"{name}: first tries answered", draws.Select(draw => draw[i].First)));
            yield return i == 0 ? regret.AtMost(1.03) : regret;
            yield return i == 0 ? held.AtLeast(0.995) : held;
            yield return first;
        }
    }

    private static List<Score> Play(MarketDraw market, int seed)
    {
        var oracle = Oracle(market);
        return
        [
            Routed(market, seed, oracle, Policy, inOrderOfPrice: false),
            RoundRobin(market, seed, oracle),
            Routed(market, seed, oracle, policy: null, inOrderOfPrice: true),
            Hindsight(market, seed, oracle),
        ];
    }

    // The cheapest in truth of those that meet the floors in truth and are up; where none does, the best of those that are up.
    private static double Oracle(MarketDraw market)
    {
        double cost = 0;
        for (var minute = 0; minute < MarketDraw.Minutes; minute++)
        {
            var up = Enumerable.Range(0, MarketDraw.Offerings).Where(i => !market.IsOut(i, minute)).ToList();
            var good = up.Where(i => Holds(market, i, minute)).ToList();
            cost += RequestsPerMinute * (good.Count > 0 ? good.Min(i => Cost(market, i, minute)) : up.Count > 0 ? Cost(market, up.MaxBy(i => market.Quality(i, minute)), minute) : 0);
        }

        return cost;
    }

    private static Score Routed(MarketDraw market, int seed, double oracle, PolicyConfig? policy, bool inOrderOfPrice)
    {
        var random = new Random(seed);
        var prices = PricesAt(market, 0);
        var fleet = new RoutedFleet(prices, policy, seed);
        var (order, run) = (new List<int>(), new Run(market, random));
        for (var minute = 0; minute < MarketDraw.Minutes; minute++)
        {
            var nowMs = minute * 60_000L;
            var now = PricesAt(market, minute);
            if (minute == 0 || !now.SequenceEqual(prices))
                fleet.Price(now, inOrderOfPrice ? [.. Enumerable.Range(0, now.Length).OrderBy(i => now[i].Input)] : null);
            prices = now;
            fleet.Probe(i => !market.IsOut(i, minute), nowMs);
            for (var i = 0; i < MarketDraw.Offerings && minute % ShadowEveryMinutes == 0; i++)
            {
                if (!market.IsOut(i, minute))
                    fleet.Health(i).Card.RecordCheck(random.NextDouble() < market.Quality(i, minute), nowMs);
            }

            for (var request = 0; request < RequestsPerMinute; request++)
            {
                var atMs = nowMs + (request * 60_000L / RequestsPerMinute);
                fleet.Order(RoutedFleet.Question(atMs, PromptTokens), order);
                run.Ask(order, minute, (place, isAnswered) => Tell(fleet, market, place, isAnswered, random.NextDouble() < market.Quality(place, minute), atMs));
            }
        }

        return run.Score(oracle);
    }

    private static Score RoundRobin(MarketDraw market, int seed, double oracle)
    {
        var (run, next) = (new Run(market, new Random(seed)), 0);
        for (var minute = 0; minute < MarketDraw.Minutes; minute++)
        {
            for (var request = 0; request < RequestsPerMinute; request++)
            {
                run.Ask([.. Enumerable.Range(next, MarketDraw.Offerings).Select(i => i % MarketDraw.Offerings)], minute, (_, _) => { });
                next = (next + 1) % MarketDraw.Offerings;
            }
        }

        return run.Score(oracle);
    }

    // Always the one that held the floors most often over the whole month, the cheapest of those within a hundredth of it; then the next best.
    private static Score Hindsight(MarketDraw market, int seed, double oracle)
    {
        var held = Enumerable.Range(0, MarketDraw.Offerings).Select(i => Enumerable.Range(0, MarketDraw.Minutes).Count(minute => !market.IsOut(i, minute) && Holds(market, i, minute)) / (double)MarketDraw.Minutes).ToArray();
        var cost = Enumerable.Range(0, MarketDraw.Offerings).Select(i => Enumerable.Range(0, MarketDraw.Minutes).Sum(minute => Cost(market, i, minute))).ToArray();
        int[] order = [.. Enumerable.Range(0, MarketDraw.Offerings).OrderByDescending(i => Math.Round(held[i], 2)).ThenBy(i => cost[i])];
        var run = new Run(market, new Random(seed));
        for (var minute = 0; minute < MarketDraw.Minutes; minute++)
        {
            for (var request = 0; request < RequestsPerMinute; request++)
                run.Ask(order, minute, (_, _) => { });
        }

        return run.Score(oracle);
    }

    private static void Tell(RoutedFleet fleet, MarketDraw market, int place, bool isAnswered, bool isSound, long atMs)
    {
        if (!isAnswered)
        {
            fleet.Failed(place, atMs);
            return;
        }

        var (health, memory) = (fleet.Health(place), fleet.MemoryOf(place));
        health.Succeeded(atMs);
        health.Card.RecordCheck(isSound, atMs);
        memory.Begin(PromptTokens, atMs);
        memory.End();
        memory.Answered(PromptTokens, new Usage { InputUncached = (long)(PromptTokens * market.Inflation[place]), OutputText = AnswerTokens }, speakingMs: 8_000);
    }

    private static (double Input, double Output)[] PricesAt(MarketDraw market, int minute) =>
        [.. Enumerable.Range(0, MarketDraw.Offerings).Select(i => (market.Price(i, minute), market.Price(i, minute) * AnswerPrice))];

    private static bool Holds(MarketDraw market, int offering, int minute) => market.Quality(offering, minute) >= QualityFloor && 1 - market.FailureShare[offering] >= AvailabilityFloor;

    private static double Cost(MarketDraw market, int offering, int minute) => market.Price(offering, minute) * ((PromptTokens * market.Inflation[offering]) + (AnswerTokens * AnswerPrice));

    // Over draws, with the normal interval of their mean.
    private static EvidenceRow Mean(string name, IEnumerable<double> values)
    {
        var all = values.ToList();
        var mean = all.Average();
        var half = 1.96 * Math.Sqrt(all.Sum(value => (value - mean) * (value - mean)) / (all.Count - 1) / all.Count);
        return new EvidenceRow(EvidenceOptions.Policy, name, mean) { Low = mean - half, High = mean + half };
    }

    private sealed record Score(double Cost, double Held, double First);

    private sealed class Run(MarketDraw market, Random random)
    {
        private double _cost;
        private int _requests, _held, _first;

        public void Ask(IReadOnlyList<int> order, int minute, Action<int, bool> tell)
        {
            _requests++;
            for (var i = 0; i < order.Count; i++)
            {
                var place = order[i];
                var isAnswered = !market.IsOut(place, minute) && random.NextDouble() >= market.FailureShare[place];
                tell(place, isAnswered);
                if (!isAnswered)
                    continue;
                _cost += PolicyEvidence.Cost(market, place, minute);
                _held += Holds(market, place, minute) ? 1 : 0;
                _first += i == 0 ? 1 : 0;
                return;
            }
        }

        public Score Score(double oracle) => new(_cost / oracle, _held / (double)_requests, _first / (double)_requests);
    }
}
