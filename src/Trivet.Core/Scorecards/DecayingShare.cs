namespace Trivet.Core.Scorecards;

/// <summary>The share of something among samples, of which old ones count less: each half as much after a half-life. Its interval is Wilson's at the decayed counts. Safe for concurrent use.</summary>
/// <param name="halfLife">After how long a sample counts half.</param>
public sealed class DecayingShare(TimeSpan halfLife)
{
    private readonly Lock _gate = new();
    private double _hits;
    private double _all;
    private long _asOfMs;
    private long _lastMs;

    /// <summary>Notes one sample.</summary>
    public void Record(bool isHit, long nowMs)
    {
        lock (_gate)
        {
            Decay(nowMs);
            var weight = nowMs < _asOfMs ? Math.Pow(0.5, (_asOfMs - nowMs) / halfLife.TotalMilliseconds) : 1; // one that is told late is as old as it is
            _all += weight;
            if (isHit)
                _hits += weight;
            _lastMs = Math.Max(_lastMs, nowMs);
        }
    }

    /// <summary>The share as it stands at <paramref name="nowMs"/> (Unix milliseconds).</summary>
    public Estimate Read(long nowMs)
    {
        lock (_gate)
        {
            Decay(nowMs);
            return Intervals.Share(_hits, _all, _lastMs);
        }
    }

    private void Decay(long nowMs)
    {
        if (nowMs <= _asOfMs)
            return;
        var keep = Math.Pow(0.5, (nowMs - _asOfMs) / halfLife.TotalMilliseconds);
        _hits *= keep;
        _all *= keep;
        _asOfMs = nowMs;
    }
}
