using System.Globalization;
using Trivet.Core.Routing.Affinity;

namespace Trivet.Benchmarks.Evidence;

/// <summary>
/// What affinity to warm prompt caches saves on a real trace: eight upstreams, five minutes of cache, writing at 1.25 and reading at 0.1 of the input price; one upstream is down for ten minutes
/// in the middle, another is a fifth cheaper. Costs are relative to the same tokens without any cache at the full price; imbalance is the busiest upstream's tokens over the mean.
/// </summary>
internal sealed class CacheEvidence
{
    private const int Upstreams = 8;
    private const int BlockTokens = 512;
    private const int Down = 3, Cheap = 5;
    private const double CheapPrice = 0.8;
    private const double Excess = 0.05, StickyExcess = 0.5;
    private const int StickyPieces = 1;      // the system prompt is warm everywhere soon; only what is more than that holds a session
    private const long DownFromMs = 25 * 60_000L, DownUntilMs = 35 * 60_000L;

    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    private readonly IReadOnlyList<TraceRequest> _trace;
    private readonly PromptPrefix[] _prompts;
    private readonly EvidenceOptions _options;

    public CacheEvidence(IReadOnlyList<TraceRequest> trace, EvidenceOptions options)
    {
        (_trace, _options) = (trace, options);
        _prompts = [.. trace.Select(request => new PromptPrefix(request.Blocks, TokensEach(request)))];
    }

    private delegate int Policy(PromptPrefix prompt, long nowMs, bool[] up, PromptCacheState[] caches, LoadGuard load);

    public IEnumerable<EvidenceRow> Rows()
    {
        var random = new Random(_options.Seed);
        foreach (var (name, policy) in new (string, Policy)[] { ("random", (_, _, up, _, _) => AnyUp(up, random)), ("cheapest first", (_, _, up, _, _) => up[Cheap] ? Cheap : AnyUp(up, random)) })
        {
            var result = Run(policy);
            yield return Row($"{name}: cost", result.Cost);
            yield return Row($"{name}: imbalance", result.Imbalance);
        }

        var affine = Run(Affine);
        yield return Row("affinity and cost: cost, the cheaper price counted", affine.Cost).AtMost(0.915);
        yield return Row("affinity and cost: cost at equal prices", affine.CostAtEqualPrices).AtMost(0.915);
        yield return Row("affinity and cost: imbalance", affine.Imbalance).AtMost(1.1);
        yield return Row("affinity and cost: share of tokens read from a cache", affine.HitShare);
        yield return Row("affinity and cost: share of tokens at the cheaper upstream", affine.CheapShare);
    }

    /// <summary>Expected cost, warm cache counted, among those that have room; who has more of the prompt warm than any other may be a little further ahead of its share.</summary>
    private static int Affine(PromptPrefix prompt, long nowMs, bool[] up, PromptCacheState[] caches, LoadGuard load)
    {
        Span<int> warm = stackalloc int[Upstreams];
        var (most, least) = (0, int.MaxValue);
        for (var i = 0; i < Upstreams; i++)
        {
            warm[i] = up[i] ? caches[i].WarmPieces(prompt, nowMs) : 0;
            (most, least) = (Math.Max(most, warm[i]), Math.Min(least, warm[i]));
        }

        var (best, bestCost) = (-1, double.MaxValue);
        for (var i = 0; i < Upstreams; i++)
        {
            if (!up[i] || !load.HasRoom(i, up, warm[i] == most && most > least + StickyPieces ? StickyExcess : Excess))
                continue;
            var cost = CostOf(i).Of(prompt.Tokens, prompt.TokensOf(warm[i]) * caches[i].Phi);
            if (cost < bestCost * 0.999 || (cost < bestCost * 1.001 && load[i] < load[best]))
                (best, bestCost) = (i, cost);
        }

        return best;
    }

    private Outcome Run(Policy policy)
    {
        var caches = Enumerable.Range(0, Upstreams).Select(_ => new PromptCacheState(Lifetime)).ToArray();
        var load = new LoadGuard(Upstreams, TimeSpan.FromMinutes(10));
        var (up, tokens) = (new bool[Upstreams], new long[Upstreams]);
        double cost = 0, costAtEqualPrices = 0, whole = 0, hits = 0;
        for (var i = 0; i < _trace.Count; i++)
        {
            var (prompt, nowMs) = (_prompts[i], _trace[i].TimeMs);
            for (var u = 0; u < Upstreams; u++)
                up[u] = u != Down || nowMs < DownFromMs || nowMs >= DownUntilMs;
            var chosen = policy(prompt, nowMs, up, caches, load);

            // The estimate is exact here: the simulated caches are what it assumes. What the bench shows is the routing.
            var cached = prompt.TokensOf(caches[chosen].WarmPieces(prompt, nowMs));
            cost += CostOf(chosen).Of(prompt.Tokens, cached);
            costAtEqualPrices += CostOf(0).Of(prompt.Tokens, cached);
            (whole, hits, tokens[chosen]) = (whole + prompt.Tokens, hits + cached, tokens[chosen] + prompt.Tokens);
            caches[chosen].Sent(prompt, nowMs);
            load.Add(chosen, prompt.Tokens, nowMs);
        }

        return new Outcome(cost / whole, costAtEqualPrices / whole, tokens.Max() / tokens.Average(), hits / whole, tokens[Cheap] / whole);
    }

    private static InputCost CostOf(int upstream) => new(upstream == Cheap ? CheapPrice : 1, ReadFactor: 0.1, WriteFactor: 1.25);

    private static int AnyUp(bool[] up, Random random)
    {
        while (true)
        {
            if (random.Next(Upstreams) is var pick && up[pick])
                return pick;
        }
    }

    private static int[] TokensEach(TraceRequest request)
    {
        var each = new int[request.Blocks.Length];
        for (var i = 0; i < each.Length; i++)
            each[i] = Math.Min((i + 1) * BlockTokens, Math.Max(request.InputTokens, i * BlockTokens + 1));
        return each;
    }

    private static EvidenceRow Row(string name, double value) => new(EvidenceOptions.Cache, string.Create(CultureInfo.InvariantCulture, $"{Upstreams} upstreams, {name}"), value);

    private sealed record Outcome(double Cost, double CostAtEqualPrices, double Imbalance, double HitShare, double CheapShare);
}
