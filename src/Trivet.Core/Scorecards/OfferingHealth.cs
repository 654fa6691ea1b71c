using Trivet.Core.Failures;

namespace Trivet.Core.Scorecards;

/// <summary>
/// Whether an offering is worth trying now. After a failure it rests for a short, growing while. After several in a row it is down: no request tries it first
/// until a background probe has found it well , so that no user pays for finding out. Where nobody probes, the rests alone decide. One
/// model's failures do not touch its neighbours.
/// </summary>
public sealed class OfferingHealth
{
    private const int FirstRestMs = 500;
    private const int RestMsMax = 5_000;

    /// <summary>Failed attempts in a row after which it is down: about three requests, since most are tried twice.</summary>
    private const int FailuresToDown = 5;

    /// <summary>The same for an offering that is slow: each of these cost somebody the whole limit.</summary>
    private const int SlowToDown = 2;

    /// <summary>Races in a row lost to a hedge without an answer of its own in between: one call in ten that is slow comes to this once in a thousand, one that hangs at once.</summary>
    private const int OvertakenToDown = 3;

    /// <summary>How long a failure may stand unanswered before requests no longer are what finds out whether it is over.</summary>
    private const long DoubtAfterMs = 60_000;

    /// <summary>How often one that has been out too often is asked in the background whether it is well now.</summary>
    private const long RecheckEveryMs = 60 * 60_000;

    private long _restsUntilMs;
    private long _failedMs;
    private long _recheckedMs;
    private int _isAwaitingCheck;
    private long _wantedMs;
    private int _failuresInRow;
    private int _slowInRow;
    private int _overtakenInRow;
    private int _isDown;

    /// <summary>Failures since the last success.</summary>
    public int FailuresInRow => Volatile.Read(ref _failuresInRow);

    /// <summary>Failed so often in a row that only a probe brings it back.</summary>
    public bool IsDown => Volatile.Read(ref _isDown) != 0;

    /// <summary>When routing last considered it, Unix milliseconds.</summary>
    public long WantedMs => Volatile.Read(ref _wantedMs);

    /// <summary>It refused to go on from a last turn of the assistant's, whatever its vendor's profile says.</summary>
    public bool RefusesPrefill { get; set; }

    /// <summary>How long it takes to its first content.</summary>
    public FirstContentTimes FirstContent => Card.FirstContent;

    /// <summary>What has been measured of it, for routing and for people.</summary>
    public Scorecard Card { get; } = new();

    /// <summary>Whether it may be tried first at <paramref name="nowMs"/> (Unix milliseconds). An offering that rests is tried last, never not at all.</summary>
    public bool IsReady(long nowMs) => Volatile.Read(ref _restsUntilMs) <= nowMs && !IsDown;

    /// <summary>
    /// The last that is known of it, a while ago, is a failure: more likely than not it still fails (P .70 ten minutes later, EVIDENCE_FACTS §4.1), so those of whom
    /// better is known go first, and a probe finds out.
    /// </summary>
    public bool IsDoubtful(long nowMs) => LastFailureMs is > 0 and var failed && nowMs - failed >= DoubtAfterMs;

    /// <summary>Whether a background question is due to one that has been out too often; then it is the caller's to ask.</summary>
    public bool TryRecheck(long nowMs)
    {
        var last = Volatile.Read(ref _recheckedMs);
        return nowMs - last >= RecheckEveryMs && !IsDown && Steadiness.IsUnsteady(nowMs) && Interlocked.CompareExchange(ref _recheckedMs, nowMs, last) == last;
    }

    /// <summary>Whether nobody is to look after its failure yet; then it is the caller's to, until <see cref="EndCheck"/>.</summary>
    public bool TryBeginCheck() => Interlocked.Exchange(ref _isAwaitingCheck, 1) == 0;

    /// <summary>Somebody has looked.</summary>
    public void EndCheck() => Volatile.Write(ref _isAwaitingCheck, 0);

    /// <summary>When it failed last, Unix milliseconds; 0 where it has gone well since.</summary>
    public long LastFailureMs => Volatile.Read(ref _failedMs);

    /// <summary>Routing considers it.</summary>
    public void Want(long nowMs) => Volatile.Write(ref _wantedMs, nowMs);

    /// <summary>How often it has been out lately.</summary>
    public Steadiness Steadiness { get; } = new();

    /// <summary>An attempt or a probe went well.</summary>
    public void Succeeded(long nowMs)
    {
        Steadiness.Record(isWell: true, nowMs);
        Card.RecordOutcome(isAnswered: true, nowMs);
        if (Volatile.Read(ref _overtakenInRow) != 0)
            Volatile.Write(ref _overtakenInRow, 0);
        if (Volatile.Read(ref _failuresInRow) == 0)
            return;
        Volatile.Write(ref _failuresInRow, 0);
        Volatile.Write(ref _slowInRow, 0);
        Volatile.Write(ref _restsUntilMs, 0);
        Volatile.Write(ref _failedMs, 0);
        Volatile.Write(ref _isDown, 0);
    }

    /// <summary>An attempt failed. True where with it the offering has come to be down, for whoever probes.</summary>
    public bool Failed(Failure failure, long nowMs)
    {
        var effect = failure.Rule.Scorecard;
        if (effect == ScorecardEffect.None)
            return false;
        var failures = Math.Min(Interlocked.Increment(ref _failuresInRow), 16);
        var rest = Math.Min(FirstRestMs << Math.Min(failures - 1, 8), RestMsMax);
        if (effect == ScorecardEffect.Limited)
        {
            if (failure.RetryAfter is { } wait)
                rest = (int)Math.Clamp(wait.TotalMilliseconds, rest, 60_000);
            Volatile.Write(ref _restsUntilMs, nowMs + rest);
            return false;
        }

        Steadiness.Record(isWell: false, nowMs);
        Card.RecordOutcome(isAnswered: false, nowMs);
        Volatile.Write(ref _failedMs, nowMs);
        Volatile.Write(ref _restsUntilMs, nowMs + rest);
        var slow = effect == ScorecardEffect.Slow ? Interlocked.Increment(ref _slowInRow) : Volatile.Read(ref _slowInRow);
        return failures >= FailuresToDown || slow >= SlowToDown;
    }

    /// <summary>It was asked first and had said nothing when a hedge answered. True where that has come so often in a row that somebody should ask whether it hangs.</summary>
    public bool Overtaken() => Interlocked.Increment(ref _overtakenInRow) >= OvertakenToDown;

    /// <summary>Somebody probes it: until that ends it is down. False where it is already.</summary>
    public bool TryGoDown() => Interlocked.Exchange(ref _isDown, 1) == 0;

    /// <summary>Nobody probes it any longer: the next request that wants it is the test.</summary>
    public void LeaveToRequests() => Volatile.Write(ref _isDown, 0);
}
