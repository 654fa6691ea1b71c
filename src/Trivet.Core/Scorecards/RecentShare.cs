namespace Trivet.Core.Scorecards;

/// <summary>
/// How the last thirty or so samples went, each a thirtieth less weighty than the one after it, whatever time went by: what tells within minutes of traffic that something has changed, where the long share takes days.
/// It says so only where misses are six deviations above the usual, which without a change happens once in ten thousand samples or more seldom. Safe for concurrent use.
/// </summary>
public sealed class RecentShare
{
    private const double Keep = 1 - (1 / 33.0);
    private const double Deviations = 6;

    /// <summary>Nobody's share is so sure that fewer misses in a hundred than this are usual.</summary>
    private const double MissesMin = 0.01;

    private readonly Lock _gate = new();
    private double _misses;
    private double _all;

    /// <summary>Notes one sample.</summary>
    public void Record(bool isHit)
    {
        lock (_gate)
        {
            _misses = (_misses * Keep) + (isHit ? 0 : 1);
            _all = (_all * Keep) + 1;
        }
    }

    /// <summary>The recent share where it is so far below the usual one that chance is no explanation; null where it is not.</summary>
    /// <param name="usual">The long share.</param>
    public double? FallenFrom(double usual)
    {
        lock (_gate)
        {
            var miss = Math.Max(1 - usual, MissesMin);
            var excess = _misses - (_all * miss);
            return excess > 0 && excess > Deviations * Math.Sqrt(_all * miss * (1 - miss)) ? 1 - (_misses / _all) : null;
        }
    }
}
