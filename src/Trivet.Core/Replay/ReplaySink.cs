using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>
/// Stands before a client's writer: lets the capture see the answer and puts Trivet's mark where the client's protocol has room for an opaque value, so that
/// what only the issuer can read never stands there naked, and comes back with its address on it.
/// </summary>
/// <param name="next">Who gets the answer; null for nobody.</param>
/// <param name="capture">Who collects.</param>
/// <param name="room">Where the client's protocol has room; null for none: opaque values then go on as they are.</param>
internal sealed class ReplaySink(IStreamSink? next, ReplayCapture capture, BlockAttribute? room) : IStreamSink
{
    private readonly List<bool> _isThought = [];

    /// <summary>Where a protocol has room for an opaque value beside thoughts.</summary>
    public static BlockAttribute? RoomIn(Protocol client) => client switch
    {
        Protocol.AnthropicMessages => BlockAttribute.Signature,
        Protocol.OpenAIResponses => BlockAttribute.Encrypted,
        Protocol.Gemini => BlockAttribute.ThoughtSignature,
        _ => null, // Chat has reasoning_details, in which every vendor's values stand as they are
    };

    /// <summary>The same for a whole answer: collects, keeps, marks.</summary>
    public static void Apply(CanonicalResponse response, ReplayCapture capture, BlockAttribute? room)
    {
        var id = 0;
        ResponsePlayer.Play(response, new ReplaySink(null, capture, null));
        foreach (var block in response.Blocks)
        {
            if (block is MediaBlock or ToolResultBlock)
                continue;
            if (room == BlockAttribute.ThoughtSignature && block is ToolCallBlock && capture.IsFirstBareCall(id))
                block.ThoughtSignature = capture.BareMark;
            if (block is ReasoningBlock thought && room is { } attribute && capture.MarkOf(id) is { } mark)
                Put(thought, attribute, mark);
            id++;
        }
    }

    /// <inheritdoc/>
    public void OnStart(in StreamStart start) => next?.OnStart(start);

    /// <inheritdoc/>
    public void OnBlockStart(int block, in BlockStart start)
    {
        capture.Start(start);
        var isThought = start.Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning;
        _isThought.Add(isThought);
        next?.OnBlockStart(block, isThought && room is not null ? start with { Kind = BlockKind.Reasoning } : start);
        if (room == BlockAttribute.ThoughtSignature && capture.IsFirstBareCall(block))
            next?.OnBlockAttribute(block, BlockAttribute.ThoughtSignature, new JsonText(capture.BareMark).ToToken().Span); // now: a call is written as soon as its arguments are complete
    }

    /// <inheritdoc/>
    public void OnTextDelta(int block, ReadOnlySpan<byte> token)
    {
        capture.Add(block, token);
        next?.OnTextDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
    {
        capture.Add(block, token);
        next?.OnReasoningDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
    {
        capture.Add(block, token);
        next?.OnArgumentsDelta(block, token);
    }

    /// <inheritdoc/>
    public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
    {
        capture.Attribute(block, attribute, value);
        if (room is null || !_isThought[block] || attribute is BlockAttribute.ReasoningDetail or BlockAttribute.Citation)
            next?.OnBlockAttribute(block, attribute, value);
    }

    /// <inheritdoc/>
    public void OnBlockEnd(int block)
    {
        if (next is null)
            return;
        if (room is { } attribute && _isThought[block] && capture.MarkOf(block) is { } mark)
            next.OnBlockAttribute(block, attribute, new JsonText(mark).ToToken().Span);
        next.OnBlockEnd(block);
    }

    /// <inheritdoc/>
    public void OnUsage(in Usage usage) => next?.OnUsage(usage);

    /// <inheritdoc/>
    public void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence)
    {
        capture.Keep(); // before the client can know that the answer is complete, and come back
        next?.OnStop(reason, nativeReason, stopSequence);
    }

    /// <inheritdoc/>
    public void OnError(WireError error) => next?.OnError(error);

    /// <inheritdoc/>
    public void OnEnd() => next?.OnEnd();

    private static void Put(ReasoningBlock thought, BlockAttribute room, string mark)
    {
        (thought.Signature, thought.Encrypted, thought.ThoughtSignature, thought.IsRedacted) = (default, default, default, false);
        switch (room)
        {
            case BlockAttribute.Signature:
                thought.Signature = mark;
                break;
            case BlockAttribute.Encrypted:
                thought.Encrypted = mark;
                break;
            default:
                thought.ThoughtSignature = mark;
                break;
        }
    }
}
