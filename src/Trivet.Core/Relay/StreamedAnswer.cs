using System.Buffers;
using System.Net.Http;
using System.Text;
using Trivet.Core.Conversations;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay;

/// <summary>
/// Relays an answer that the upstream streams. The numbers are those of the steps in the body:
/// 1. wait for what comes, holding next to nothing meanwhile;
/// 2. take it, and whatever else is there by then, and cut it into whole events;
/// 3. each event passes through, or is read to canonical and written in the client's protocol, into what is held;
/// 4. nothing is released before the first real content: until then an error, a dead stream or a slow first token still fails over;
/// 5. one flush for all that was there; at the end none, because the end of the answer is sent with it;
/// 6. at the end, decide whether the answer is complete.
/// </summary>
internal static class StreamedAnswer
{
    /// <summary>What is held for the client before it is flushed although more is there to be read.</summary>
    private const int HeldBytesMax = 64 * 1024;

    public static async Task<Failure?> RelayAsync(RelayCall call, Attempt attempt, HttpResponseMessage response, Stream stream, AttemptClock clock, Metering.Bookkeeper? books, TimeProvider time)
    {
        call.Held.Clear();
        call.Tap.Reset();
        IAnswerFlow flow = !call.Scan.Stream ? new FoldingFlow(call, attempt)
            : attempt.IsPassThrough ? new PassThroughFlow(call, attempt)
            : new TranslatingFlow(call, attempt);
        using var reader = new SseReader();
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
                        call.Held.GetSpan(read); // what passes through is as long as what came: one array, instead of growing into it
                    if (read > 0 && !reader.Feed(source.Take(read), flow)) // 2, 3
                        return await FailAsync(call, flow, new Failure(FailureKind.UpstreamMalformed) { Detail = "One event of the stream is too large." }, time);
                    if (read > 0)
                        source.Start();
                }
                while (read > 0 && source.IsReady && call.Held.Length < HeldBytesMax);
            }
            catch (OperationCanceledException) when (IsOver(call) && !call.Client.Aborted.IsCancellationRequested)
            {
                read = 0; // it said that it was done and then did not close
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException or InvalidDataException && !call.Client.Aborted.IsCancellationRequested)
            {
                if (!IsOver(call))
                    return await FailAsync(call, flow, new Failure(FailureKind.UpstreamTruncated) { Internal = exception.Message }, time);
                read = 0;
            }
            catch (OperationCanceledException) when (!call.Client.Aborted.IsCancellationRequested)
            {
                return await FailAsync(call, flow, new Failure(clock.MissedDeadline()), time);
            }

            var isEnd = read == 0;
            if (isEnd)
            {
                reader.Complete(flow);
                flow.Complete(); // 6
                TellLateLosses(call, attempt, flow);
            }

            if (call.Tap.HasContent)
                clock.ContentArrived();
            AttemptBooking.Note(call, attempt, books);
            var readsOn = !isEnd && call.Tap is { Error: not null, HasContent: true } && flow is PassThroughFlow; // what stands behind the error is the client's, too
            if (call.Tap.Error is { } error && !call.Output.IsCommitted && !readsOn)
                return Withheld(call, response, flow, InStream(attempt, error));

            if (IsOver(call) && !isEnd)
                clock.StopReasonArrived();
            else if (call.Tap.HasContent)
                clock.Progress();

            if (call.Output.IsCommitted || call.Tap.Error is null && (flow.ReleasesEarly ? call.Tap.HasContent || call.Tap.IsComplete : isEnd && call.Tap.IsComplete)) // 4
            {
                if (!await ReleaseAsync(call, attempt, response, flow, isEnd, time)) // 5
                    return new Failure(FailureKind.ClientGone);
            }

            if (call.Tap.Error is { } late && !readsOn)
                return InStream(attempt, late);

            if (isEnd)
                return call.Tap.IsComplete ? null : await FailAsync(call, flow, new Failure(FailureKind.UpstreamTruncated), time);
        }
    }

    // What only the end of an answer shows to be lost (citations, a stop sequence) is too late for the header: a comment behind the stream tells it. Gemini's
    // older SDK takes whatever is not data for a broken chunk (2026-11), and its answers lose nothing late.
    private static void TellLateLosses(RelayCall call, Attempt attempt, IAnswerFlow flow)
    {
        if (flow is TranslatingFlow && call.Output.IsCommitted && call.Tap.Error is null && call.Format.Protocol != Protocol.Gemini && attempt.Lost is { Length: > 0 } lost && lost != attempt.LostTold)
            call.Held.Write(Encoding.UTF8.GetBytes($": x-trivet-lost: {ResponseHeaders.Ascii(lost)}\n\n"));
    }

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

    private static Failure InStream(Attempt attempt, WireError error)
    {
        var kind = VendorErrors.Refine(attempt.Offering.Upstream.Profile, error);
        kind ??= error.Code is "upstream_stream_truncated" ? FailureKind.UpstreamTruncated
            : error.Code is "upstream_invalid_event" ? FailureKind.UpstreamMalformed
            : UpstreamFailures.FromError(0, error);
        if (kind == FailureKind.UpstreamServerError)
            kind = FailureKind.UpstreamStreamError;
        return new Failure(kind.Value) { UpstreamError = error, RetryAfter = error.RetryAfter };
    }

    private static async ValueTask<bool> ReleaseAsync(RelayCall call, Attempt attempt, HttpResponseMessage response, IAnswerFlow flow, bool isEnd, TimeProvider time)
    {
        await call.Output.EnterAsync(time);
        try
        {
            if (!call.Output.IsCommitted)
            {
                call.Output.Commit();
                if (!call.Output.IsOpen)
                {
                    ResponseHeaders.Set(call, attempt, response);
                    attempt.LostTold = attempt.Lost;
                    call.Output.Open((int)response.StatusCode, flow.ContentType(response), flow.ReleasesEarly ? null : call.Held.Length);
                }

                call.ReleaseRequest();
            }

            if (call.Held.Length == 0)
                return true;
            ResponseKeeping.Look(call, attempt);
            var isThere = await call.Output.WriteAsync(call.Held.WrittenMemory, call.Client.Aborted, flushes: !isEnd);
            call.Held.Dispose(); // back to the pool: a slow stream holds nothing between its events
            call.Output.LastWriteTimestamp = time.GetTimestamp();
            return isThere;
        }
        finally
        {
            call.Output.Exit();
        }
    }

    // After the first content nothing can be taken back: the client is told within the stream, in its own protocol, behind whatever whole events are
    // still held.
    private static async ValueTask<Failure> FailAsync(RelayCall call, IAnswerFlow flow, Failure failure, TimeProvider time)
    {
        if (!call.Output.IsCommitted || !call.Scan.Stream)
            return failure;
        await call.Output.EnterAsync(time);
        try
        {
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
internal interface IAnswerFlow : ISseHandler
{
    /// <summary>The client gets it piece by piece; otherwise whole, at the end.</summary>
    bool ReleasesEarly { get; }

    /// <summary>The stream has ended.</summary>
    void Complete();

    /// <summary>The stream fails here, after some of it was released: the client is told in a last event.</summary>
    void Fail(WireError error);

    /// <summary>Content type for the client.</summary>
    string ContentType(HttpResponseMessage response);
}
