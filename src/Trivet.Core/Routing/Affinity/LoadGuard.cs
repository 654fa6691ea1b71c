namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// Keeps a warm cache or a lower price from pulling everything to one offering: who is ahead of its fair share by more than it may be is passed over for work that can as well go elsewhere.
/// Load is an exponentially forgotten sum, so that a burst is forgiven and one who was down is not owed an hour's work at once. Not thread-safe: one router owns it.
/// </summary>
internal sealed class LoadGuard
{
    private readonly double[] _load;
    private readonly double _memoryMs;
    private long _nowMs;

    /// <param name="offerings">How many share the work, equally.</param>
    /// <param name="memory">Time after which work counts 1/e.</param>
    public LoadGuard(int offerings, TimeSpan memory) => (_load, _memoryMs) = (new double[offerings], memory.TotalMilliseconds);

    /// <summary>The work that an offering has of late.</summary>
    public double this[int offering] => _load[offering];

    /// <summary>Whether an offering has no more than its share.</summary>
    /// <param name="offering">Which.</param>
    /// <param name="up">Those that share the work now.</param>
    /// <param name="excess">How far above the mean of those it may be (0.05).</param>
    public bool HasRoom(int offering, ReadOnlySpan<bool> up, double excess)
    {
        double sum = 0;
        var count = 0;
        for (var i = 0; i < _load.Length; i++)
        {
            if (!up[i])
                continue;
            sum += _load[i];
            count++;
        }

        return count == 0 || _load[offering] <= sum / count * (1 + excess);
    }

    /// <summary>Books work.</summary>
    public void Add(int offering, double work, long nowMs)
    {
        if (nowMs > _nowMs)
        {
            var kept = Math.Exp((_nowMs - nowMs) / _memoryMs);
            for (var i = 0; i < _load.Length; i++)
                _load[i] *= kept;
            _nowMs = nowMs;
        }

        _load[offering] += work;
    }
}
