using Trivet.Core.Relay;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

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

    /// <summary>Reads along with a stream that passes through; null where there is nothing to learn, which is the rule.</summary>
    public static ReplayAlong? Along(RelayCall call, Attempt attempt)
    {
        var wantsThoughts = WantsThoughtsOfPassing(call, attempt);
        return call.Replay is { } memory && (wantsThoughts || call.Snapshot.HasSeveralIssuers(attempt.Endpoint.Protocol)) && ReplayScope.Of(call) is { Config.Enabled: true } scope
            ? new ReplayAlong(memory, scope, attempt, wantsThoughts)
            : null;
    }

    /// <summary>Learns from a whole answer that passes through.</summary>
    public static void Observe(RelayCall call, Attempt attempt, ReadOnlyMemory<byte> body)
    {
        if (Along(call, attempt) is not { } along)
            return;
        along.OnBody(body.Span);
        if (WantsThoughtsOfPassing(call, attempt) && WireFormats.Upstream(attempt.Endpoint.Protocol).TryReadResponse(body, attempt.Offering, out var response, out _))
            ResponsePlayer.Play(response!, along.Sink!);
    }

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
        return new ReplayCapture(memory, scope, OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint), turnOrdinal, wantsThoughts, showsBlobs: RoomFor(call, attempt) is null);
    }
}

/// <summary>Reads along with an answer that passes through: whose the opaque values are, and the thoughts of a vendor that demands them from clients which drop them.</summary>
internal sealed class ReplayAlong
{
    private readonly ReplayMemory _memory;
    private readonly ReplayScope _scope;
    private readonly OpaqueOrigin _origin;
    private readonly IStreamReader? _reader;
    private readonly ReplayBlobAction _remember;

    public ReplayAlong(ReplayMemory memory, ReplayScope scope, Attempt attempt, bool wantsThoughts)
    {
        (_memory, _scope, _origin) = (memory, scope, OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint));
        _remember = Remember;
        if (!wantsThoughts)
            return;
        Sink = new ReplaySink(null, new ReplayCapture(memory, scope, _origin, turnOrdinal: -1, wantsThoughts: true, showsBlobs: false), null);
        _reader = WireFormats.Upstream(attempt.Endpoint.Protocol).CreateStreamReader(Sink, attempt.Offering);
    }

    /// <summary>Where the thoughts go; null where they are not wanted.</summary>
    public IStreamSink? Sink { get; }

    /// <summary>One event.</summary>
    public void OnEvent(in SseEvent e)
    {
        if (OpaqueBlobs.MayHoldAny(e.Data))
            OpaqueBlobs.ForEach(e.Data, _remember);
        _reader?.OnEvent(e);
    }

    /// <summary>The stream has ended.</summary>
    public void Complete() => _reader?.Complete();

    /// <summary>A whole answer.</summary>
    public void OnBody(ReadOnlySpan<byte> body)
    {
        if (OpaqueBlobs.MayHoldAny(body))
            OpaqueBlobs.ForEach(body, _remember);
    }

    private void Remember(ReadOnlySpan<byte> value) => _memory.RememberOrigin(_scope.Organisation, ReplayKey.OfBlob(_scope.Text, value), _origin, _scope.Config);
}
