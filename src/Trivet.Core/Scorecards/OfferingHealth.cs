using System.Collections.Concurrent;
using Trivet.Core.Failures;

namespace Trivet.Core.Scorecards;

/// <summary>
/// Whether an offering is worth trying now. After failures it rests for a short, growing while, never long: an upstream that recovers gets its
/// traffic back within seconds. One model's failures do not touch its neighbours.
/// </summary>
public sealed class OfferingHealth
{
    private const int FirstRestMs = 500;
    private const int RestMsMax = 5_000;

    private long _restsUntilMs;
    private int _failuresInRow;

    /// <summary>Failures since the last success.</summary>
    public int FailuresInRow => Volatile.Read(ref _failuresInRow);

    /// <summary>Whether it may be tried first at <paramref name="nowMs"/> (Unix milliseconds). An offering that rests is tried last, never not at all.</summary>
    public bool IsReady(long nowMs) => Volatile.Read(ref _restsUntilMs) <= nowMs;

    /// <summary>An attempt went well.</summary>
    public void Succeeded()
    {
        if (Volatile.Read(ref _failuresInRow) == 0)
            return;
        Volatile.Write(ref _failuresInRow, 0);
        Volatile.Write(ref _restsUntilMs, 0);
    }

    /// <summary>An attempt failed.</summary>
    public void Failed(Failure failure, long nowMs)
    {
        var effect = failure.Rule.Scorecard;
        if (effect == ScorecardEffect.None)
            return;
        var failures = Math.Min(Interlocked.Increment(ref _failuresInRow), 16);
        var rest = Math.Min(FirstRestMs << Math.Min(failures - 1, 8), RestMsMax);
        if (effect == ScorecardEffect.Limited && failure.RetryAfter is { } wait)
            rest = (int)Math.Clamp(wait.TotalMilliseconds, rest, 60_000);
        Volatile.Write(ref _restsUntilMs, nowMs + rest);
    }
}

/// <summary>The health of every offering, by <c>upstream/model</c>.</summary>
public sealed class HealthBoard
{
    private readonly ConcurrentDictionary<string, OfferingHealth> _offerings = new(StringComparer.Ordinal);

    /// <summary>The health of an offering, made when first asked for.</summary>
    public OfferingHealth For(string offeringId) => _offerings.GetOrAdd(offeringId, static _ => new OfferingHealth());
}
