using System.Runtime.InteropServices;

namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// What the prompt cache of one offering (and credential: caches belong to accounts) should still hold: when each prefix was last sent, and how much of what should have been read from the cache was reported so.
/// It is an estimate from outside. It cannot see evictions under pressure, other clients of the same account, or a vendor that spreads an account over machines: those show as <see cref="Phi"/> below 1.
/// Memory is bounded by the traffic of two lifetimes and by <see cref="EntriesMax"/>. Thread-safe; asking allocates nothing.
/// </summary>
internal sealed class PromptCacheState
{
    /// <summary>Prefixes kept per generation; 40 bytes each.</summary>
    public const int EntriesMax = 1 << 18;

    // A new observation moves φ by a twentieth: a vendor that stops giving discounts is believed after some twenty requests.
    private const double Forgetting = 0.05;

    private readonly Lock _gate = new();
    private readonly long _lifetimeMs;
    private Dictionary<ulong, long> _young = [];
    private Dictionary<ulong, long> _old = [];
    private long _youngSinceMs;

    /// <param name="lifetime">How long a prefix lives after its last use.</param>
    public PromptCacheState(TimeSpan lifetime) => _lifetimeMs = (long)lifetime.TotalMilliseconds;

    /// <summary>Reported over predicted cached tokens, smoothed; 1 until something is known. Near 0 with predictions in the thousands: the discount is pocketed, or accounts rotate.</summary>
    public double Phi { get; private set; } = 1;

    /// <summary>Requests that <see cref="Phi"/> rests on.</summary>
    public long Observations { get; private set; }

    /// <summary>How many pieces of the prompt's beginning were sent within the lifetime: what a perfect cache would hold.</summary>
    public int WarmPieces(PromptPrefix prompt, long nowMs)
    {
        var hashes = prompt.Hashes.Span;
        lock (_gate)
        {
            // Whoever sent a prefix sent its beginning with it, so ages only grow along the chain: halve.
            int low = 0, high = hashes.Length;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (IsWarm(hashes[middle], nowMs))
                    low = middle + 1;
                else
                    high = middle;
            }

            return low;
        }
    }

    /// <summary>Tokens that will probably be read from the cache: warm tokens times <see cref="Phi"/>.</summary>
    public double ExpectedCachedTokens(PromptPrefix prompt, long nowMs) => prompt.TokensOf(WarmPieces(prompt, nowMs)) * Phi;

    /// <summary>The prompt was sent: its prefixes are warm from now on.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="nowMs">Unix milliseconds.</param>
    /// <param name="piecesWritten">How much of it was written to the cache; all where the vendor caches by itself.</param>
    public void Sent(PromptPrefix prompt, long nowMs, int piecesWritten = int.MaxValue)
    {
        var hashes = prompt.Hashes.Span;
        lock (_gate)
        {
            if (nowMs - _youngSinceMs >= _lifetimeMs || _young.Count > EntriesMax)
            {
                (_old, _young) = (_young, _old);
                _young.Clear();
                _youngSinceMs = nowMs;
            }

            for (var i = 0; i < hashes.Length && i < piecesWritten; i++)
                CollectionsMarshal.GetValueRefOrAddDefault(_young, hashes[i], out _) = nowMs;
        }
    }

    /// <summary>The upstream reported its cached tokens for a prompt of which so many should have been cached. Predictions of nothing say nothing.</summary>
    public void Reported(int predictedTokens, long cachedTokens)
    {
        if (predictedTokens <= 0)
            return;
        var share = Math.Clamp((double)cachedTokens / predictedTokens, 0, 1);
        lock (_gate)
        {
            Phi = Observations == 0 ? share : Phi + Forgetting * (share - Phi);
            Observations++;
        }
    }

    private bool IsWarm(ulong hash, long nowMs) =>
        (_young.TryGetValue(hash, out var sentMs) || _old.TryGetValue(hash, out sentMs)) && nowMs - sentMs <= _lifetimeMs;
}
