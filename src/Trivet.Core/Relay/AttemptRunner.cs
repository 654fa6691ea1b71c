using System.Net.Http;
using Trivet.Core.Failures;
using Trivet.Core.Upstreams;
using Trivet.Wire.BedrockConverse;

namespace Trivet.Core.Relay;

/// <summary>
/// Runs one attempt: sends, watches its deadlines, hands the answer to the client. The only place but the store base where socket and HTTP exceptions
/// are caught and named.
/// </summary>
internal sealed class AttemptRunner(Metering.Bookkeeper? books, TimeProvider time)
{
    /// <summary>Null when the client has its whole answer. Otherwise what failed; <see cref="ClientOutput.IsCommitted"/> tells whether it can be tried elsewhere.</summary>
    public async Task<Failure?> RunAsync(RelayCall call, Attempt attempt, HttpRequestMessage message)
    {
        var deadlines = attempt.Offering.Upstream.Deadlines;
        using var deadline = new CancellationTokenSource(Shorter(Shorter(deadlines.Headers ?? attempt.FirstContentLimit, attempt.FirstContentLimit), deadlines.Total), time);
        await using var leaving = call.Client.Aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), deadline);
        var clock = new AttemptClock(time, deadline, deadlines, attempt);
        try
        {
            using var response = await attempt.Upstream.Connections.SendAsync(message, deadline.Token);
            response.RequestMessage = message = null!; // a slow stream holds no request; there is nothing in it to dispose
            attempt.HttpStatus = (int)response.StatusCode;
            clock.HeadersArrived();
            if (attempt.HttpStatus is < 200 or > 299)
                return await UpstreamAnswer.ReadErrorAsync(call, attempt, response, time.GetUtcNow(), deadline.Token);
            await using var stream = await UpstreamAnswer.OpenAsync(response, deadline.Token);
            if (IsOf(response, BedrockEventStream.MediaType))
            {
                await using var events = new EventStreamBody(stream);
                return await StreamedAnswer.RelayAsync(call, attempt, response, events, clock, books, time);
            }

            return IsOf(response, "text/event-stream")
                ? await StreamedAnswer.RelayAsync(call, attempt, response, stream, clock, books, time)
                : await WholeAnswer.RelayAsync(call, attempt, response, stream, clock, time);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            return call.Client.Aborted.IsCancellationRequested ? new Failure(FailureKind.ClientGone) : new Failure(clock.MissedDeadline());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
        {
            if (call.Client.Aborted.IsCancellationRequested)
                return new Failure(FailureKind.ClientGone);
            var kind = attempt.Stage == AttemptStage.Connecting ? UpstreamFailures.FromException(exception) : FailureKind.UpstreamTruncated;
            return new Failure(kind) { Internal = exception.GetBaseException().Message };
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static bool IsOf(HttpResponseMessage response, string mediaType) =>
        UpstreamAnswer.ContentType(response)?.StartsWith(mediaType, StringComparison.OrdinalIgnoreCase) == true;
}

/// <summary>The deadlines of one attempt on one timer, which is set anew at each stage.</summary>
internal sealed class AttemptClock(TimeProvider time, CancellationTokenSource deadline, DeadlineConfig deadlines, Attempt attempt)
{
    // After its stop reason an upstream has nothing more to say but usage and an end marker; some never close.
    private static readonly TimeSpan Epilogue = TimeSpan.FromSeconds(2);

    private bool _isTotal;

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

    /// <summary>What the deadline that struck was for.</summary>
    public FailureKind MissedDeadline() => _isTotal ? FailureKind.UpstreamTotalTimeout : attempt.Stage switch
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
    }
}
