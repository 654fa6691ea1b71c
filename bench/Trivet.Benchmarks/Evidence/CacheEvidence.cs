using System.Globalization;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;

namespace Trivet.Benchmarks.Evidence;

/// <summary>
/// What a policy saves on a real trace by the gateway's own router: eight upstreams, five minutes of cache, writing at 1.25 and reading at 0.1 of the input price; one upstream fails for ten minutes in the middle, and
/// requests find that out; another is a fifth cheaper. Costs are relative to the same tokens without any cache at the full price; imbalance is the busiest upstream's tokens over the mean.
/// </summary>
internal sealed class CacheEvidence(IReadOnlyList<TraceRequest> trace, EvidenceOptions options)
{
    private const int Upstreams = 8;
    private const int BlockTokens = 512;
    private const int Failing = 3, Cheap = 5;
    private const double CheapPrice = 0.8, ReadFactor = 0.1, WriteFactor = 1.25;
    private const long FailsFromMs = 25 * 60_000L, FailsUntilMs = 35 * 60_000L;
    private const long ProbeEveryMs = 5_000;
    private const int Draws = 10;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);
    private static readonly (double Input, double Output)[] Prices = [.. Enumerable.Range(0, Upstreams).Select(i => (i == Cheap ? CheapPrice : 1, 0.0))];

    private readonly PromptPrefix[] _prompts = [.. trace.Select(request => new PromptPrefix(request.Blocks, TokensEach(request)))];

    public IEnumerable<EvidenceRow> Rows()
    {
        yield return Row("random: cost", Several(seed => Random(seed)), outcome => outcome.Cost);
        yield return Row("random: imbalance", Several(seed => Random(seed)), outcome => outcome.Imbalance);
        var cheapest = Several(seed => Routed(new PolicyConfig { Name = "cheapest", Aim = PolicyAim.Cheapest }, seed, countsCaches: false));
        yield return Row("cheapest first: cost", cheapest, outcome => outcome.Cost);
        yield return Row("cheapest first: imbalance", cheapest, outcome => outcome.Imbalance);

        var balanced = Several(seed => Routed(new PolicyConfig { Name = "balanced", Aim = PolicyAim.Cheapest, BalancePercent = 0 }, seed));
        yield return Row("aim cheapest, balance 0: cost, the cheaper price counted", balanced, outcome => outcome.Cost).AtMost(0.915);
        yield return Row("aim cheapest, balance 0: cost at equal prices", balanced, outcome => outcome.CostAtEqualPrices).AtMost(0.915);
        yield return Row("aim cheapest, balance 0: imbalance", balanced, outcome => outcome.Imbalance).AtMost(1.1);
        yield return Row("aim cheapest, balance 0: share of tokens read from a cache", balanced, outcome => outcome.HitShare);
        yield return Row("aim cheapest, balance 0: share of tokens at the cheaper upstream", balanced, outcome => outcome.CheapShare);
        yield return Row("aim cheapest, balance 0: first tries that failed", balanced, outcome => outcome.FailedFirst);
        var loose = Several(seed => Routed(new PolicyConfig { Name = "loose", Aim = PolicyAim.Cheapest, BalancePercent = 5 }, seed));
        yield return Row("aim cheapest, balance 5: cost, the cheaper price counted", loose, outcome => outcome.Cost);
        yield return Row("aim cheapest, balance 5: imbalance", loose, outcome => outcome.Imbalance);
        var free = Several(seed => Routed(new PolicyConfig { Name = "free", Aim = PolicyAim.Cheapest }, seed));
        yield return Row("aim cheapest, no balance: cost", free, outcome => outcome.Cost);
        yield return Row("aim cheapest, no balance: imbalance", free, outcome => outcome.Imbalance);
    }

    private List<Outcome> Several(Func<int, Outcome> run) => [.. Enumerable.Range(options.Seed, Draws).Select(run)];

    private Outcome Random(int seed)
    {
        var random = new Random(seed);
        return Run(new RoutedFleet(Prices, policy: null, seed), (_, _, order) =>
        {
            order.Clear();
            order.AddRange(Enumerable.Range(0, Upstreams).OrderBy(_ => random.Next()));
        });
    }

    private Outcome Routed(PolicyConfig policy, int seed, bool countsCaches = true)
    {
        var fleet = new RoutedFleet(Prices, policy, seed);
        return Run(fleet, (i, nowMs, order) => fleet.Order(RoutedFleet.Question(nowMs, _prompts[i].Tokens, countsCaches ? _prompts[i] : default), order));
    }

    private Outcome Run(RoutedFleet fleet, Action<int, long, List<int>> order)
    {
        // What the simulated upstreams hold: apart from what the router believes that they hold.
        var caches = Enumerable.Range(0, Upstreams).Select(_ => new PromptCacheState(Lifetime)).ToArray();
        var (tokens, places, probedMs, failedFirst) = (new long[Upstreams], new List<int>(), 0L, 0);
        double cost = 0, costAtEqualPrices = 0, whole = 0, hits = 0;
        for (var i = 0; i < trace.Count; i++)
        {
            var (prompt, nowMs) = (_prompts[i], trace[i].TimeMs);
            bool IsUp(int place) => place != Failing || nowMs < FailsFromMs || nowMs >= FailsUntilMs;
            if (nowMs - probedMs >= ProbeEveryMs)
            {
                fleet.Probe(IsUp, nowMs);
                probedMs = nowMs;
            }

            order(i, nowMs, places);
            failedFirst += IsUp(places[0]) ? 0 : 1;
            foreach (var failed in places.TakeWhile(place => !IsUp(place)))
                fleet.Failed(failed, nowMs);
            var chosen = places.First(IsUp);

            var cached = prompt.TokensOf(caches[chosen].WarmPieces(prompt, nowMs));
            var input = (cached * ReadFactor) + ((prompt.Tokens - cached) * WriteFactor);
            cost += input * Prices[chosen].Input;
            costAtEqualPrices += input;
            (whole, hits, tokens[chosen]) = (whole + prompt.Tokens, hits + cached, tokens[chosen] + prompt.Tokens);
            caches[chosen].Sent(prompt, nowMs);
            Tell(fleet, chosen, prompt, cached, nowMs);
        }

        return new Outcome(cost / whole, costAtEqualPrices / whole, tokens.Max() / tokens.Average(), hits / whole, tokens[Cheap] / whole, failedFirst / (double)trace.Count);
    }

    private static void Tell(RoutedFleet fleet, int chosen, PromptPrefix prompt, int cached, long nowMs)
    {
        var memory = fleet.MemoryOf(chosen);
        memory.Begin(prompt.Tokens, nowMs);
        memory.End();
        fleet.Health(chosen).Succeeded(nowMs);
        memory.Cache.Reported(prompt.TokensOf(memory.Cache.WarmPieces(prompt, nowMs)), cached);
        memory.Cache.Sent(prompt, nowMs);
    }

    private static int[] TokensEach(TraceRequest request)
    {
        var each = new int[request.Blocks.Length];
        for (var i = 0; i < each.Length; i++)
            each[i] = Math.Min((i + 1) * BlockTokens, Math.Max(request.InputTokens, (i * BlockTokens) + 1));
        return each;
    }

    // The trace is one; what varies are the draws among equals.
    private static EvidenceRow Row(string name, List<Outcome> outcomes, Func<Outcome, double> what)
    {
        var values = outcomes.Select(what).Order().ToList();
        return new EvidenceRow(EvidenceOptions.Cache, string.Create(CultureInfo.InvariantCulture, $"{Upstreams} upstreams, {name}"), values.Average()) { Low = values[0], High = values[^1] };
    }

    private sealed record Outcome(double Cost, double CostAtEqualPrices, double Imbalance, double HitShare, double CheapShare, double FailedFirst);
}
