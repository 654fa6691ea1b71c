using Trivet.Core.Failures;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Relay.Attempts;

/// <summary>The deadlines of one attempt on one timer, which is set anew at each stage.</summary>
internal sealed class AttemptClock(TimeProvider time, CancellationTokenSource deadline, DeadlineConfig deadlines, Attempt attempt)
{
    // After its stop reason an upstream has nothing more to say but usage and an end marker; some never close.
    private static readonly TimeSpan Epilogue = TimeSpan.FromSeconds(2);

    private bool _isTotal;
    private FailureKind _stoppedFor; // None: it goes on
    private long _leftTimestamp; // 0: the client is there

    /// <summary>How long the upstream is still read after the client has left, for the usage that it reports at the end.</summary>
    public TimeSpan Grace { get; init; }

    public CancellationToken Token => deadline.Token;

    public void HeadersArrived()
    {
        attempt.Stage = AttemptStage.AwaitingContent;
        if (deadlines.Headers is not null)
            Arm(attempt.FirstContentLimit - Elapsed); // otherwise that is what it was set to
    }

    /// <summary>Notes the first content.</summary>
    public void ContentArrived()
    {
        if (attempt.TimeToFirstContentMs is not null)
            return;
        attempt.Stage = AttemptStage.Streaming;
        attempt.TimeToFirstContentMs = (long)Elapsed.TotalMilliseconds;
    }

    /// <summary>Something came: silence is counted from now.</summary>
    public void Progress() => Arm(deadlines.Idle);

    /// <summary>The stop reason came: only an epilogue may follow.</summary>
    public void StopReasonArrived() => Arm(deadlines.Idle < Epilogue ? deadlines.Idle : Epilogue);

    /// <summary>Nobody wants the rest of the answer.</summary>
    public void GiveUp() => deadline.Cancel();

    /// <summary>The attempt ends here, for this reason. Called from any thread.</summary>
    public void Stop(FailureKind reason)
    {
        _stoppedFor = reason;
        try
        {
            deadline.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // It has ended by itself.
        }
    }

    /// <summary>Why it was stopped; <see cref="FailureKind.None"/> where it was not.</summary>
    public FailureKind StoppedFor => _stoppedFor;

    /// <summary>The client has left: what the upstream says within the grace is read, whatever it says. Called from any thread, and more than once.</summary>
    public void ClientLeft()
    {
        if (Interlocked.CompareExchange(ref _leftTimestamp, time.GetTimestamp(), 0) != 0)
            return;
        if (Grace > TimeSpan.Zero)
            deadline.CancelAfter(Grace);
        else
            deadline.Cancel();
    }

    /// <summary>What the deadline that struck was for.</summary>
    public FailureKind MissedDeadline() => _stoppedFor != FailureKind.None ? _stoppedFor : _isTotal ? FailureKind.UpstreamTotalTimeout : attempt.Stage switch
    {
        AttemptStage.Connecting => deadlines.Headers is null ? FailureKind.UpstreamFirstContentTimeout : FailureKind.UpstreamHeadersTimeout,
        AttemptStage.AwaitingContent => FailureKind.UpstreamFirstContentTimeout,
        _ => FailureKind.UpstreamIdleTimeout,
    };

    /// <summary>Since the attempt was sent.</summary>
    public TimeSpan Elapsed => time.GetElapsedTime(attempt.StartedTimestamp);

    private void Arm(TimeSpan wait)
    {
        var left = deadlines.Total - Elapsed;
        _isTotal = left < wait;
        var next = _isTotal ? left : wait;
        deadline.CancelAfter(next > TimeSpan.Zero ? next : TimeSpan.Zero);

        // It may have left just now, on another thread, and its grace been overwritten.
        if (Volatile.Read(ref _leftTimestamp) is not 0 and var leftAt && Grace - time.GetElapsedTime(leftAt) is var rest && rest < next)
            deadline.CancelAfter(rest > TimeSpan.Zero ? rest : TimeSpan.Zero);
    }
}
