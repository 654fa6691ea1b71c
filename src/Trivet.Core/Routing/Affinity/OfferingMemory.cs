using System.Collections.Concurrent;
using Trivet.Core.Routing.Caps;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// What routing remembers of one offering from the requests that it sent there: what its prompt cache should hold, how long its answers are, how it counts tokens, what it has to do. A node's own, in memory;
/// what it takes after a restart is a few requests. Safe for concurrent use.
/// </summary>
/// <param name="cacheLifetime">How long its prompt cache lives after the last use.</param>
public sealed class OfferingMemory(TimeSpan cacheLifetime)
{
    /// <summary>The memory of load: after it, work counts 1/e.</summary>
    private const double LoadMemoryMs = 10 * 60_000;

    // A new answer moves a mean by a twentieth at least.
    private const double Forgetting = 0.05;

    private readonly Lock _gate = new();
    private double _load;
    private long _loadMs;
    private int _inFlight;
    private double _outputTokens;
    private double _inputRatio;
    private int _inputs;
    private double _tokensPerSecond;
    private int _answers;
    private int _speeds;

    /// <summary>What its prompt cache should hold.</summary>
    internal PromptCacheState Cache { get; } = new(cacheLifetime);

    /// <summary>How long its prompt cache lives after the last use.</summary>
    public TimeSpan CacheLifetime => cacheLifetime;

    /// <summary>What it said is left of its limit.</summary>
    public LearnedLimit Limit { get; } = new();

    /// <summary>Attempts that run.</summary>
    public int InFlight => Volatile.Read(ref _inFlight);

    /// <summary>Mean tokens of its answers, thoughts included; NaN until one is known.</summary>
    public double OutputTokens => Volatile.Read(ref _answers) == 0 ? double.NaN : Volatile.Read(ref _outputTokens);

    /// <summary>Prompt tokens that it reports for one of our estimate; NaN until known.</summary>
    public double InputRatio => Volatile.Read(ref _inputs) == 0 ? double.NaN : Volatile.Read(ref _inputRatio);

    /// <summary>Tokens in a second, from the first content on; NaN until known.</summary>
    public double TokensPerSecond => Volatile.Read(ref _speeds) == 0 ? double.NaN : Volatile.Read(ref _tokensPerSecond);

    /// <summary>The tokens that it has got of late.</summary>
    public double Load(long nowMs)
    {
        lock (_gate)
            return nowMs > _loadMs ? _load * Math.Exp((_loadMs - nowMs) / LoadMemoryMs) : _load;
    }

    /// <summary>An attempt begins.</summary>
    public void Begin(double tokens, long nowMs)
    {
        Interlocked.Increment(ref _inFlight);
        lock (_gate)
        {
            if (nowMs > _loadMs)
            {
                _load *= Math.Exp((_loadMs - nowMs) / LoadMemoryMs);
                _loadMs = nowMs;
            }

            _load += tokens;
        }
    }

    /// <summary>It is over.</summary>
    public void End() => Interlocked.Decrement(ref _inFlight);

    /// <summary>An answer is complete.</summary>
    /// <param name="inputEstimate">Our estimate of its prompt.</param>
    /// <param name="usage">As reported.</param>
    /// <param name="speakingMs">From the first content to the end; 0 where that is not known.</param>
    public void Answered(long inputEstimate, in Usage usage, long speakingMs)
    {
        if (usage.IsEstimate)
            return;
        lock (_gate)
        {
            var share = Math.Max(Forgetting, 1.0 / (_answers + 1));
            _outputTokens += share * (usage.OutputTotal - _outputTokens);
            _answers++;
            if (inputEstimate > 0 && usage.InputTotal > 0)
            {
                _inputRatio += Math.Max(Forgetting, 1.0 / (_inputs + 1)) * (Math.Clamp(usage.InputTotal / (double)inputEstimate, 0.1, 10) - _inputRatio);
                _inputs++;
            }

            // Fewer tokens than these come in one piece, and tell the network's speed.
            if (speakingMs <= 0 || usage.OutputTotal < 16)
                return;
            share = Math.Max(Forgetting, 1.0 / (_speeds + 1));
            _tokensPerSecond += share * (Math.Min(usage.OutputTotal * 1000.0 / speakingMs, 10_000) - _tokensPerSecond);
            _speeds++;
        }
    }
}

/// <summary>The memory of every offering, by <c>upstream/model</c>, and where conversations are.</summary>
public sealed class RoutingMemory
{
    private const int OfferingsMax = 4096;

    private readonly ConcurrentDictionary<string, OfferingMemory> _offerings = new(StringComparer.Ordinal);

    private readonly ConcurrentDictionary<string, PlanUse> _plans = new(StringComparer.Ordinal);

    /// <summary>How much of an upstream's plan is used; null where it has none with quotas.</summary>
    public PlanUse? PlanOf(UpstreamConfig upstream)
    {
        if (upstream.Plan is not { Windows.Count: > 0 } plan)
            return null;
        return _plans.TryGetValue(upstream.Name, out var use) && use.Plan == plan
            ? use
            : _plans.AddOrUpdate(upstream.Name, static (_, plan) => new PlanUse(plan), static (_, old, plan) => old.Plan == plan ? old : new PlanUse(plan), plan);
    }

    /// <summary>Where conversations were answered last.</summary>
    internal SessionPlaces Sessions { get; } = new();

    /// <summary>The memory of an offering, made when first asked for, and anew where the lifetime of its cache is set otherwise.</summary>
    public OfferingMemory For(Snapshots.Offering offering)
    {
        var lifetime = offering.Upstream.PromptCache;
        if (_offerings.TryGetValue(offering.Id, out var memory) && memory.CacheLifetime == lifetime)
            return memory;
        if (_offerings.Count >= OfferingsMax)
            _offerings.Clear(); // where an upstream takes any name, clients invent them
        return _offerings.AddOrUpdate(
            offering.Id, static (_, lifetime) => new OfferingMemory(lifetime), static (_, old, lifetime) => old.CacheLifetime == lifetime ? old : new OfferingMemory(lifetime), lifetime);
    }
}
