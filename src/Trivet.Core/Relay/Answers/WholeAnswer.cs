using Trivet.Core.Conversations;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Replay;
using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// Relays an answer that comes as one JSON value. It is read whole before anything is released, so that an error inside a 200 or a body
/// that was cut off can still fail over; a client that asked for a stream gets it played as one.
/// </summary>
internal static class WholeAnswer
{
    public static async Task<Failure?> RelayAsync(RelayCall call, Attempt attempt, HttpResponseMessage response, Stream stream, AttemptClock clock, TimeProvider time)
    {
        call.Held.Clear();
        call.Tap.Reset();
        var answer = call.Held;
        if (!await UpstreamAnswer.ReadAllAsync(stream, answer, clock.Token))
            return new Failure(FailureKind.UpstreamMalformed) { Detail = "The answer is too large." };
        attempt.OutputBytes = answer.Length;
        attempt.IsChallenged = RiskSigns.IsChallenge(response, answer.WrittenSpan);
        clock.ContentArrived();

        var passes = attempt.IsPassThrough && (!call.Scan.Stream || call.Format.OnlyPasses);
        var failure = passes ? PassThrough(call, attempt) : Translate(call, attempt);
        if (failure is not null)
            return failure;

        if (call.IsClientGone)
            return new Failure(FailureKind.ClientGone); // read within its grace, for what it cost

        // A client that waits for a stream may be getting a keep-alive just now: one of the two writes at a time.
        await call.Output.EnterAsync(time);
        try
        {
            if (!call.TryCommit())
                return new Failure(FailureKind.GatewayAbandoned);
            ResponseKeeping.Look(call, attempt);
            if (!call.Output.IsOpen)
            {
                ResponseHeaders.Set(call, attempt, response);
                var type = passes ? UpstreamAnswer.ContentType(response) ?? "application/json" : call.Scan.Stream ? "text/event-stream" : "application/json";
                call.Output.Open((int)response.StatusCode, type, call.Scan.Stream && !passes ? null : call.Held.Length);
            }

            return await call.Output.WriteAsync(call.Held.WrittenMemory, call.Client.Aborted) ? null : new Failure(FailureKind.ClientGone);
        }
        finally
        {
            call.Output.Exit();
        }
    }

    /// <summary>Writes an answer in the client's words into what is held for it: whole, or played as a stream. False where it was to go on with another and does not.</summary>
    public static bool Write(RelayCall call, Attempt attempt, CanonicalResponse response)
    {
        var context = ResponseContext.For(call, attempt);
        if (!call.Scan.Stream)
        {
            call.Format.WriteResponse(response, context, call.Held, attempt.Losses);
            return true;
        }

        if (call.Continuation is { } going)
        {
            going.Reopen(call, attempt);
            var splice = new SpliceSink(going, going.Answer);
            ResponsePlayer.Play(response, splice);
            if (splice.HasDiverged)
                return false;
        }
        else
        {
            ResponsePlayer.Play(response, call.Format.CreateStreamWriter(call.Held, context, attempt.Losses));
        }

        ResponsePlayer.NoteUnsaid(response, call.Format.Protocol, attempt.Losses);
        return true;
    }

    private static Failure? PassThrough(RelayCall call, Attempt attempt)
    {
        call.Format.ObserveBody(call.Held.WrittenSpan, call.Tap);
        if (call.Tap.Error is { } error)
            return Refused(attempt, error);
        ReplayAnswers.Observe(call, attempt, call.Held.WrittenMemory);
        if (attempt.Sample is { } sample && call.Tap.IsComplete && call.Format.TryReadResponse(call.Held.WrittenMemory, attempt.Offering, out var response, out _))
            sample.Take(response!);
        return call.Tap.IsComplete ? null : new Failure(FailureKind.UpstreamMalformed);
    }

    private static Failure? Translate(RelayCall call, Attempt attempt)
    {
        // The answer moves to an array of its own: texts of the canonical form point into it while the translation is written into Held.
        var body = call.Held.WrittenMemory.ToArray();
        call.Held.Clear();
        if (!WireFormats.Upstream(attempt.Endpoint.Protocol).TryReadResponse(body, attempt.Offering, out var canonical, out var error))
            return error is { Class: not ErrorClass.InvalidRequest } or { Code.Length: > 0 } ? Refused(attempt, error!) : new Failure(FailureKind.UpstreamMalformed) { UpstreamError = error };
        canonical = Enforcing.Apply(attempt, canonical!);
        if (call.Canonical is { } request)
            ToolAliasSink.Apply(canonical!, request.Aliases);
        call.Tap.Usage = canonical!.Usage;
        call.Tap.Model = canonical.Model;
        call.Tap.StopReason = canonical.StopReason;
        if (canonical.ServiceTier.Token.Length > 2)
            call.Tap.TakeServiceTier(canonical.ServiceTier.Token.Span[1..^1]);
        attempt.IsEmptyAnswer = AnswerChecker.IsEmpty(canonical);
        call.Tap.HasToolCall = canonical.Blocks.Exists(block => block is ToolCallBlock);
        (call.Tap.HasContent, call.Tap.IsComplete) = (true, true);
        if (AnswerChecks.Fault(call, attempt, canonical) is { } fault)
            return Refused(attempt, AnswerChecks.Refuse(call, canonical, fault));
        attempt.Sample?.Take(canonical);
        ReplayAnswers.Apply(call, attempt, canonical);
        return Write(call, attempt, canonical) ? null : Continuation.Diverged();
    }

    private static Failure Refused(Attempt attempt, WireError error) =>
        new(VendorErrors.Refine(attempt.Offering.Upstream.Profile, error) ?? AnswerChecks.KindOf(error) ?? UpstreamFailures.FromError(0, error)) { UpstreamError = error, RetryAfter = error.RetryAfter };
}
