using System.Buffers;
using System.Text;
using Trivet.Core.Conversations;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Continuing;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// Relays an answer that the upstream streams. The numbers are those of the steps in the body:
/// 1. wait for what comes, holding next to nothing meanwhile;
/// 2. take it, and whatever else is there by then, and cut it into whole events;
/// 3. each event passes through, or is read to canonical and written in the client's protocol, into what is held;
/// 4. nothing is released before the first real content: until then an error, a dead stream or a slow first token still fails over;
/// 5. what stands behind an event that cannot be read is held as well, until the end shows that nothing was lost with it;
/// 6. one flush for all that was there; at the end none, because the end of the answer is sent with it;
/// 7. at the end, decide whether the answer is complete;
/// 8. when the client has left, what comes within its grace is read for the usage that it ends with, and given to nobody.
/// </summary>
internal static class StreamedAnswer
{
    /// <summary>What is held for the client before it is flushed although more is there to be read.</summary>
    private const int HeldBytesMax = 64 * 1024;

    /// <summary>What is held at most behind an event that cannot be read.</summary>
    private const int GapBytesMax = 4 << 20;

    /// <summary>What is read at most of an answer whose client has left.</summary>
    private const int GraceBytesMax = 1 << 20;

    /// <summary>How long the client waits for the end of a stream that has such an event, where another attempt could go on instead.</summary>
    private static readonly TimeSpan GapPatience = TimeSpan.FromSeconds(5);

    public static async Task<Failure?> RelayAsync(RelayCall call, Attempt attempt, HttpResponseMessage response, Stream stream, AttemptClock clock, Metering.Bookkeeper? books, TimeProvider time)
    {
        call.Held.Clear();
        call.Tap.Reset();
        if (call.Continuation is null)
            call.Frame = null; // of an attempt that failed before any of it was released
        using IAnswerFlow flow = call.Format.OnlyPasses ? new PassThroughFlow(call, attempt)
            : !call.Scan.Stream || attempt.Demands != AnswerDemands.None ? new FoldingFlow(call, attempt)
            : attempt.IsPassThrough && call.Continuation is null ? new PassThroughFlow(call, attempt)
            : new TranslatingFlow(call, attempt);
        using var reader = new SseReader();
        var (gapSince, graceEndsAt) = (TimeSpan.Zero, 0L);
        await using var source = new ReadAhead(stream, clock);
        source.Start();
        while (true)
        {
            int read;
            try
            {
                do
                {
                    read = await source.Read; // 1
                    attempt.OutputBytes += read;
                    if (read > 0)
                        call.Held.Expect(read); // what passes through is as long as what came
                    if (read > 0 && !reader.Feed(source.Take(read), flow)) // 2, 3
                        return await BreakOffAsync(call, attempt, flow, new Failure(FailureKind.UpstreamMalformed) { Detail = "One event of the stream is too large." }, time);
                    if (read > 0)
                        source.Start();
                }
                while (read > 0 && source.IsReady && call.Held.Length < HeldBytesMax);
            }
            catch (OperationCanceledException) when (IsOver(call) && !call.IsClientGone)
            {
                read = 0; // it said that it was done and then did not close
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException && !call.IsClientGone)
            {
                if (!IsOver(call))
                    return await BreakOffAsync(call, attempt, flow, new Failure(clock.StoppedFor == FailureKind.None ? FailureKind.UpstreamTruncated : clock.StoppedFor) { Internal = exception.Message }, time);
                read = 0;
            }
            catch (OperationCanceledException) when (!call.IsClientGone)
            {
                return await BreakOffAsync(call, attempt, flow, new Failure(clock.MissedDeadline()), time);
            }

            var isEnd = read == 0;
            if (isEnd)
            {
                reader.Complete(flow);
                flow.Complete(); // 7
                TellLate(call, attempt, flow);
            }

            if (call.Tap.HasContent)
                clock.ContentArrived();
            AttemptBooking.Note(call, attempt, books);
            if (call.IsClientGone) // 8
            {
                clock.ClientLeft();
                if (graceEndsAt == 0)
                    graceEndsAt = attempt.OutputBytes + GraceBytesMax;
                if (isEnd || attempt.OutputBytes > graceEndsAt)
                    return new Failure(FailureKind.ClientGone);
                flow.Forgo();
                Empty(call);
                continue;
            }

            if (flow.HasDiverged) // or seems to, because an event is missing
                return flow.Gap is null ? Continuation.Diverged() : await BreakOffAsync(call, attempt, flow, Unreadable(), time);
            var isKeptBack = call.IsCommitted && call.Tap.Error is { } kept && flow.MayContinue && Continuation.Helps(call, InStream(attempt, kept));
            var readsOn = !isEnd && !isKeptBack && call.Tap is { Error: not null, HasContent: true } && flow is PassThroughFlow; // what stands behind the error is the client's, too
            if (call.Tap.Error is { } error && !call.IsCommitted && !readsOn)
                return Withheld(call, response, flow, InStream(attempt, error));

            if (IsOver(call) && !isEnd)
                clock.StopReasonArrived();
            else if (call.Tap.HasContent)
                clock.Progress();

            if (isEnd && !call.Tap.IsComplete && call.Tap.Error is null && !call.IsCommitted)
                return new Failure(FailureKind.UpstreamTruncated); // all of it came at once, and it is not all
            if (isKeptBack)
                return await BreakOffAsync(call, attempt, flow, InStream(attempt, call.Tap.Error!), time);
            if (flow.Gap is { } gap && !(isEnd && call.Tap.IsComplete && flow.IsWhole)) // 5
            {
                if (isEnd || call.Held.Length > GapBytesMax || flow.MayContinue && call.IsCommitted && clock.Elapsed - gapSince > GapPatience)
                    return await BreakOffAsync(call, attempt, flow, Unreadable(), time);
                gapSince = gapSince == TimeSpan.Zero ? clock.Elapsed : gapSince;
                if (call.IsCommitted && gap > call.HeldSent && !await ReleaseAsync(call, attempt, response, flow, isEnd, time, gap))
                    clock.ClientLeft();
                continue;
            }

            if (call.IsCommitted || call.Tap.Error is null && (flow.ReleasesEarly ? call.Tap.HasContent && call.Held.Length > 0 || call.Tap.IsComplete : isEnd && call.Tap.IsComplete)) // 4
            {
                if (!await ReleaseAsync(call, attempt, response, flow, isEnd, time, call.Held.Length)) // 6
                {
                    if (call.HasLost)
                        return new Failure(FailureKind.GatewayAbandoned);
                    if (isEnd)
                        return new Failure(FailureKind.ClientGone);
                    clock.ClientLeft();
                    continue;
                }
            }

            if (call.Tap.Error is { } late && !readsOn)
            {
                call.Continuation?.IsTold = true; // the error went out with what was held
                return InStream(attempt, late);
            }

            if (isEnd)
                return call.Tap.IsComplete ? null : await BreakOffAsync(call, attempt, flow, new Failure(FailureKind.UpstreamTruncated), time);
        }
    }

    // What only the end of an answer shows to be lost (citations, a stop sequence) is too late for the header: a comment behind the stream tells it. Gemini's
    // older SDK takes whatever is not data for a broken chunk (2026-11), and its answers lose nothing late.
    private static void TellLate(RelayCall call, Attempt attempt, IAnswerFlow flow)
    {
        if (flow is not TranslatingFlow || !call.IsCommitted || call.Tap.Error is not null || call.Format.Protocol == Protocol.Gemini)
            return;
        if (call.Continuation is not null)
            call.Held.Write(Encoding.UTF8.GetBytes($": x-trivet-continued: {ResponseHeaders.Ascii(attempt.Offering.Id)}\n\n"));
        else if (attempt.Lost is { Length: > 0 } lost && lost != attempt.LostTold)
            call.Held.Write(Encoding.UTF8.GetBytes($": x-trivet-lost: {ResponseHeaders.Ascii(lost)}\n\n"));
    }

    private static Failure Unreadable() => new(FailureKind.UpstreamMalformed) { Detail = "One event of the stream is not valid JSON." };

    private static bool IsOver(RelayCall call) => call.Tap.IsComplete || call.Tap.Error is not null;

    // Content and error came together, before anything was released: another candidate may still answer. Where none does, a client of the same
    // protocol gets the stream as it stood.
    private static Failure Withheld(RelayCall call, HttpResponseMessage response, IAnswerFlow flow, Failure failure)
    {
        if (flow is not PassThroughFlow || !call.Tap.HasContent)
            return failure;
        var status = (int)response.StatusCode;
        call.UpstreamErrorBody = new VerbatimError(status, flow.ContentType(response), call.Held.WrittenMemory.ToArray(), []);
        return failure with { UpstreamStatus = status };
    }

    /// <summary>The failure that an error within a stream is.</summary>
    public static Failure InStream(Attempt attempt, WireError error)
    {
        var kind = VendorErrors.Refine(attempt.Offering.Upstream.Profile, error);
        kind ??= AnswerChecks.KindOf(error) ?? (error.Code is "upstream_stream_truncated" ? FailureKind.UpstreamTruncated
            : error.Code is "upstream_invalid_event" ? FailureKind.UpstreamMalformed
            : UpstreamFailures.FromError(0, error));
        if (kind == FailureKind.UpstreamServerError)
            kind = FailureKind.UpstreamStreamError;
        return new Failure(kind.Value) { UpstreamError = error, RetryAfter = error.RetryAfter };
    }

    private static async ValueTask<bool> ReleaseAsync(RelayCall call, Attempt attempt, HttpResponseMessage response, IAnswerFlow flow, bool isEnd, TimeProvider time, int upTo)
    {
        await call.Output.EnterAsync(time);
        try
        {
            if (!call.IsCommitted)
            {
                if (!call.TryCommit())
                    return false;
                if (!call.Output.IsOpen)
                {
                    ResponseHeaders.Set(call, attempt, response);
                    attempt.LostTold = attempt.Lost;
                    call.Output.Open((int)response.StatusCode, flow.ContentType(response), flow.ReleasesEarly ? null : call.Held.Length);
                }

                if (!flow.MayContinue || isEnd || !call.TryKeepRequest())
                {
                    flow.Forgo();
                    call.ReleaseRequest();
                }
            }
            else if (call.RetainedBytes > 0 && !flow.MayContinue)
            {
                call.ReleaseRequest(); // a call has begun, or too much was said: nobody else could go on
            }

            return await SendAsync(call, attempt, upTo, keeps: flow.Gap is not null, flushes: !isEnd, time);
        }
        finally
        {
            call.Output.Exit();
        }
    }

    private static async ValueTask<bool> SendAsync(RelayCall call, Attempt attempt, int upTo, bool keeps, bool flushes, TimeProvider time)
    {
        var events = call.Held.WrittenMemory[call.HeldSent..upTo];
        if (events.Length == 0)
            return true;
        ResponseKeeping.Look(call, attempt);
        if (call.RetainedBytes > 0)
            call.EventsSent = call.Format.NextEventNumber(events.Span, call.EventsSent);
        var isThere = await call.Output.WriteAsync(events, call.Client.Aborted, flushes);
        if (keeps)
            call.HeldSent = upTo; // the gap is a place in what is held
        else
            Empty(call);
        call.Output.LastWriteTimestamp = time.GetTimestamp();
        return isThere;
    }

    // Back to the pool: a slow stream holds nothing between its events.
    private static void Empty(RelayCall call)
    {
        call.Held.Dispose();
        call.HeldSent = 0;
    }

    // After the first content nothing can be taken back. Where others may go on with the answer the client is told nothing yet; else it is told within the
    // stream, in its own protocol, behind whatever whole events are still held.
    private static async ValueTask<Failure> BreakOffAsync(RelayCall call, Attempt attempt, IAnswerFlow flow, Failure failure, TimeProvider time)
    {
        if (!call.IsCommitted || !call.Scan.Stream)
            return failure;
        await call.Output.EnterAsync(time);
        try
        {
            await SendAsync(call, attempt, flow.Gap ?? call.Held.Length, keeps: false, flushes: true, time);
            Empty(call);
            if (call.RetainedBytes > 0 && Continuation.TryKeep(call, attempt, flow, failure))
                return failure;
            call.Continuation?.IsTold = true;
            flow.Fail(failure.ToWireError());
            await call.Output.WriteAsync(call.Held.WrittenMemory, call.Client.Aborted);
            call.Held.Clear();
        }
        finally
        {
            call.Output.Exit();
        }

        return failure;
    }
}

/// <summary>What is done with each event of an upstream's stream. Writes into <see cref="RelayCall.Held"/>, learns into <see cref="RelayCall.Tap"/>.</summary>
internal interface IAnswerFlow : ISseHandler, IDisposable
{
    /// <summary>The client gets it piece by piece; otherwise whole, at the end.</summary>
    bool ReleasesEarly { get; }

    /// <summary>Where in <see cref="RelayCall.Held"/> an event is missing that could not be read; null where none is.</summary>
    int? Gap { get; }

    /// <summary>With a gap, at the end: nothing was lost in it. As many pieces of content came as the upstream counts tokens.</summary>
    bool IsWhole { get; }

    /// <summary>Another attempt may go on with the answer if it breaks off now.</summary>
    bool MayContinue { get; }

    /// <summary>What the client has been told, up to the gap; null where nobody keeps it.</summary>
    ReleasedAnswer? Released { get; }

    /// <summary>No other attempt will go on with the answer: what would be needed for that is no longer kept.</summary>
    void Forgo();

    /// <summary>The attempt was to go on with an answer and does not.</summary>
    bool HasDiverged => false;

    /// <summary>The stream has ended.</summary>
    void Complete();

    /// <summary>The stream fails here, after some of it was released: the client is told in a last event.</summary>
    void Fail(WireError error);

    /// <summary>Content type for the client.</summary>
    string ContentType(HttpResponseMessage response);
}
