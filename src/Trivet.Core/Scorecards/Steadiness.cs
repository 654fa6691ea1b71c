namespace Trivet.Core.Scorecards;

/// <summary>
/// How often an offering has been out lately, remembered until it has been well for long: a moving average over windows of five minutes in which it was asked, each with a twentieth of the
/// weight. A window counts as out where nearly all that was asked in it failed, so that an outage of a minute, or one that a question a minute later finds over, leaves nothing.
/// Relays that are out for longer come back and go out again (P(fail | failed ten minutes ago) .70 against .072, still .22 more after six hours: EVIDENCE_FACTS §4.1), and each time somebody's request
/// finds out. So time alone forgives nothing; background questions do, one an hour, eighteen good ones after a single window. By <c>bench -- weather</c> that is what keeps the first try above .998
/// and one fallback above .9998 with four relays; forgiving half in twelve hours came to .989. Safe for concurrent use.
/// </summary>
public sealed class Steadiness
{
    private const long WindowMs = 5 * 60_000;
    private const double Weight = 0.05;
    private const double OutShare = 0.8;
    private const double UnsteadyRate = 0.02;

    private readonly Lock _gate = new();
    private double _outRate; // as it stood when the last window closed
    private long _windowEndsMs;
    private int _asked;
    private int _failed;

    /// <summary>The average share of windows in which it was out, of those that are over at <paramref name="nowMs"/> (Unix milliseconds); 0 where nothing is known.</summary>
    public double OutRate(long nowMs)
    {
        lock (_gate)
        {
            CloseWindow(nowMs);
            return _outRate;
        }
    }

    /// <summary>It has been out so often that it stands behind those that have not.</summary>
    public bool IsUnsteady(long nowMs) => OutRate(nowMs) > UnsteadyRate;

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
        _outRate += Weight * ((_failed >= _asked * OutShare ? 1 : 0) - _outRate);
        (_asked, _failed) = (0, 0);
    }
}
