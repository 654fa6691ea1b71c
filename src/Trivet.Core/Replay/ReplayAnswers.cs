using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>What is learned from answers, for the requests that follow them.</summary>
internal static class ReplayAnswers
{
    /// <summary>Puts the replay's sink before a writer where there is something to learn or to mark.</summary>
    public static IStreamSink Wrap(RelayCall call, Attempt attempt, IStreamSink writer) => CaptureFor(call, attempt) is { } capture
        ? new ReplaySink(writer, capture, RoomFor(call, attempt))
        : writer;

    /// <summary>The same for a whole answer that is translated.</summary>
    public static void Apply(RelayCall call, Attempt attempt, CanonicalResponse response)
    {
        if (CaptureFor(call, attempt) is { } capture)
            ReplaySink.Apply(response, capture, RoomFor(call, attempt));
    }

    /// <summary>Whether opaque values in an answer that passes through are to be looked for: there is more than one whose they could be.</summary>
    public static bool WatchesBlobs(RelayCall call, Attempt attempt) => call.Replay is not null && call.Snapshot.Config.Replay.Enabled && call.Snapshot.HasSeveralIssuers(attempt.Endpoint.Protocol);

    /// <summary>Remembers whose the opaque values in an event or a body are.</summary>
    public static void NoteBlobs(RelayCall call, Attempt attempt, ReadOnlySpan<byte> json)
    {
        if (OpaqueBlobs.MayHoldAny(attempt.Endpoint.Protocol, json) && ReplayScope.Of(call) is { } scope)
            NoteBlobs(call.Replay!, scope, OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint), json);
    }

    /// <summary>Reads the thoughts along of a stream that passes through, where the vendor demands them from clients which drop them; null as a rule.</summary>
    public static IStreamReader? ReadAlong(RelayCall call, Attempt attempt) => SinkForPassing(call, attempt) is { } sink ? WireFormats.For(attempt.Endpoint.Protocol).CreateStreamReader(sink, attempt.Offering) : null;

    /// <summary>Learns from a whole answer that passes through.</summary>
    public static void Observe(RelayCall call, Attempt attempt, ReadOnlyMemory<byte> body)
    {
        if (WatchesBlobs(call, attempt))
            NoteBlobs(call, attempt, body.Span);
        if (SinkForPassing(call, attempt) is { } sink && WireFormats.For(attempt.Endpoint.Protocol).TryReadResponse(body, attempt.Offering, out var response, out _))
            ResponsePlayer.Play(response!, sink);
    }

    // Apart, because what the lambda holds is made at a method's beginning: events without such values allocate nothing.
    private static void NoteBlobs(ReplayMemory memory, ReplayScope scope, OpaqueOrigin origin, ReadOnlySpan<byte> json) =>
        OpaqueBlobs.ForEach(json, value => memory.RememberOrigin(scope.Organisation, ReplayKey.OfBlob(scope.Text, value), origin, scope.Config));

    private static ReplaySink? SinkForPassing(RelayCall call, Attempt attempt) => WantsThoughtsOfPassing(call, attempt) && ReplayScope.Of(call) is { Config.Enabled: true } scope
        ? new ReplaySink(null, new ReplayCapture(call.Replay!, scope, OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint), turnOrdinal: -1, said: default, wantsThoughts: true, showsBlobs: false), null)
        : null;

    private static bool WantsThoughtsOfPassing(RelayCall call, Attempt attempt) =>
        attempt.Endpoint.Protocol == Protocol.OpenAIChat && call.Scan.Features.HasFlag(RequestFeatures.Tools) && call.Replay is { } memory
        && (attempt.Offering.Quirks(Protocol.OpenAIChat).ReasoningInHistory == ReasoningInHistory.Required || memory.IsDemanding(attempt.Offering.Id));

    private static BlockAttribute? RoomFor(RelayCall call, Attempt attempt) =>
        call.Format.Protocol == attempt.Endpoint.Protocol ? null : ReplaySink.RoomIn(call.Format.Protocol);

    private static ReplayCapture? CaptureFor(RelayCall call, Attempt attempt)
    {
        var protocol = attempt.Endpoint.Protocol;
        var quirks = attempt.Offering.Quirks(protocol);
        var isWanted = protocol != Protocol.OpenAIChat || quirks.ReasoningInHistory != ReasoningInHistory.Omit || quirks.ReasoningCarriers.HasFlag(ReasoningCarriers.GoogleExtra);
        if (!isWanted || call.Replay is not { } memory || call.Canonical is not { } request || ReplayScope.Of(call) is not { Config.Enabled: true } scope)
            return null;
        var wantsThoughts = protocol == Protocol.OpenAIChat || quirks.ReasoningInHistory == ReasoningInHistory.Required || quirks.Thinking.BlocksMustReturn;
        var turnOrdinal = request.Turns.Count(static turn => turn.Role == Role.Assistant);
        return new ReplayCapture(memory, scope, OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint), turnOrdinal, ReplayDigests.Said(request.Turns, request.Turns.Count), wantsThoughts, showsBlobs: RoomFor(call, attempt) is null);
    }
}
