using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Upstreams;
using Trivet.Wire.BedrockConverse.Streams;

namespace Trivet.Core.Relay.Attempts;

/// <summary>
/// Runs one attempt: sends, watches its deadlines, hands the answer to the client. The only place but the store base where socket and HTTP exceptions
/// are caught and named.
/// </summary>
internal sealed class AttemptRunner(Metering.Bookkeeper? books, RoutingLessons? lessons, TimeProvider time)
{
    /// <summary>Null when the client has its whole answer. Otherwise what failed; <see cref="RelayCall.IsCommitted"/> tells whether it can be tried elsewhere.</summary>
    public async Task<Failure?> RunAsync(RelayCall call, Attempt attempt, HttpRequestMessage message)
    {
        var deadlines = attempt.Offering.Upstream.Deadlines;
        using var deadline = new CancellationTokenSource(Shorter(Shorter(deadlines.Headers ?? attempt.FirstContentLimit, attempt.FirstContentLimit), deadlines.Total), time);
        var clock = new AttemptClock(time, deadline, deadlines, attempt) { Grace = books is null ? TimeSpan.Zero : call.Snapshot.Config.Limits.Grace };
        call.Clock = clock;
        if (call.IsStopped)
            return new Failure(FailureKind.GatewayStopping);
        if (call.HasLost)
            return new Failure(FailureKind.GatewayAbandoned);
        if (call.Client.Aborted.IsCancellationRequested)
            return new Failure(FailureKind.ClientGone);
        await using var leaving = call.Client.Aborted.UnsafeRegister(static state => ((AttemptClock)state!).ClientLeft(), clock);
        using var running = lessons?.Begin(call, attempt);
        try
        {
            using var response = await attempt.Upstream.Connections.SendAsync(message, deadline.Token);
            response.RequestMessage = message = null!; // a slow stream holds no request; there is nothing in it to dispose
            attempt.HttpStatus = (int)response.StatusCode;
            clock.HeadersArrived();
            lessons?.Heard(call, attempt, response);
            if (attempt.NotesLimits is { } card)
                RiskSigns.NoteLimits(card, attempt.Offering.Model, attempt.Endpoint.Protocol, response);
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
            return call.IsClientGone && clock.StoppedFor == FailureKind.None ? new Failure(FailureKind.ClientGone) : new Failure(clock.MissedDeadline());
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or OperationCanceledException or InvalidDataException)
        {
            if (clock.StoppedFor != FailureKind.None)
                return new Failure(clock.StoppedFor);
            if (call.IsClientGone)
                return new Failure(FailureKind.ClientGone);
            var kind = attempt.Stage == AttemptStage.Connecting ? UpstreamFailures.FromException(exception) : FailureKind.UpstreamTruncated;
            return new Failure(kind) { Internal = exception.GetBaseException().Message };
        }
    }

    private static TimeSpan Shorter(TimeSpan a, TimeSpan b) => a < b ? a : b;

    private static bool IsOf(HttpResponseMessage response, string mediaType) =>
        UpstreamAnswer.ContentType(response)?.StartsWith(mediaType, StringComparison.OrdinalIgnoreCase) == true;
}
