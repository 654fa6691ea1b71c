namespace Trivet.Core.Scorecards;

/// <summary>
/// How often an offering has failed lately, remembered for hours: a moving average over windows of five minutes in which it was used, each one's share of failures
/// with a twentieth of the weight. An outage of a minute leaves next to nothing; one that lasted a whole window is remembered until many good ones have come after it.
/// Relays that fail come back and fail again (P(fail | failed ten minutes ago) .70 against .072, EVIDENCE_FACTS §4.1), and finding out costs a request each time,
/// so an offering that was not asked is forgiven slowly: half in twelve hours. Safe for concurrent use.
/// </summary>
public sealed class Steadiness
{
    private const long WindowMs = 5 * 60_000;
    private const double Weight = 0.05;

    private const double ForgivenHalfMs = 12 * 3_600_000.0;

    // Two windows that nearly all failed: less is an outage like any other.
    private const double UnsteadyRate = 0.08;

    private readonly Lock _gate = new();
    private double _failureRate; // as it stood when the last window closed
    private long _closedMs;
    private long _windowEndsMs;
    private int _asked;
    private int _failed;

    /// <summary>The average share of failures, of the windows that are over at <paramref name="nowMs"/> (Unix milliseconds); 0 where nothing is known.</summary>
    public double FailureRate(long nowMs)
    {
        lock (_gate)
        {
            CloseWindow(nowMs);
            return RateAt(nowMs);
        }
    }

    /// <summary>It has failed so often that it stands behind those that have not.</summary>
    public bool IsUnsteady(long nowMs) => FailureRate(nowMs) > UnsteadyRate;

    /// <summary>An attempt ended.</summary>
    public void Record(bool isWell, long nowMs)
    {
        lock (_gate)
        {
            CloseWindow(nowMs);
            if (_asked == 0)
                _windowEndsMs = nowMs + WindowMs;
            _asked++;
            if (!isWell)
                _failed++;
        }
    }

    private void CloseWindow(long nowMs)
    {
        if (_asked == 0 || nowMs < _windowEndsMs)
            return;
        var rate = RateAt(_windowEndsMs);
        _failureRate = rate + (Weight * ((_failed / (double)_asked) - rate));
        (_closedMs, _asked, _failed) = (_windowEndsMs, 0, 0);
    }

    private double RateAt(long nowMs) => _failureRate == 0 ? 0 : _failureRate * Math.Pow(2, -Math.Max(0, nowMs - _closedMs) / ForgivenHalfMs);
}
