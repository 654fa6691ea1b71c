namespace Trivet.Core.Scorecards.Warnings;

/// <summary>What of a scorecard's counts the early warning looks at.</summary>
/// <param name="Attempts">All attempts so far, of this process.</param>
/// <param name="Hits">Those in which the sign was seen.</param>
internal readonly record struct PressureCount(long Attempts, long Hits);

/// <summary>One sign (limits, refusals, …) of one subject, cut into minutes with traffic. Not thread-safe.</summary>
internal sealed class PressureSeries(double tightShare, double priorShare, double priorAfterTight)
{
    private const long MinuteMs = 60_000;

    /// <summary>A minute with fewer attempts goes on until it has so many.</summary>
    private const int AttemptsMin = 3;

    private PressureCount _begun;
    private long _beganMs;
    private long _tightMs;

    /// <summary>The detector.</summary>
    public TightMinutes Minutes { get; } = new(priorShare, priorAfterTight);

    /// <summary>Attempts of the last minute that was closed, and in how many the sign was seen.</summary>
    public PressureCount Last { get; private set; }

    /// <summary>The last minute was tight.</summary>
    public bool IsTight { get; private set; }

    /// <summary>When a minute was last tight, Unix milliseconds; 0 for never.</summary>
    public long TightMs => _tightMs;

    /// <summary>When the last minute was closed, Unix milliseconds.</summary>
    public long ClosedMs { get; private set; }

    /// <summary>The counts as they stand now. True where a minute was closed by it.</summary>
    public bool Look(PressureCount now, long nowMs)
    {
        if (_beganMs == 0)
            (_begun, _beganMs) = (now, nowMs);
        var attempts = now.Attempts - _begun.Attempts;
        if (nowMs - _beganMs < MinuteMs || attempts < AttemptsMin)
            return false;
        Last = new PressureCount(attempts, now.Hits - _begun.Hits);
        IsTight = Last.Hits >= tightShare * attempts;
        Minutes.Close(IsTight);
        if (IsTight)
            _tightMs = nowMs;
        ClosedMs = nowMs;
        (_begun, _beganMs) = (now, nowMs);
        return true;
    }
}
