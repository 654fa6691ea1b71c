using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical.Streams;

/// <summary>
/// An answer as it arrives. A protocol's stream reader calls it, a protocol's stream writer is one.
/// <para>
/// Order: <see cref="OnStart"/> once; then blocks. Block ids are dense from 0 in order of first appearance. Blocks may be open side by side
/// and their deltas interleaved (Chat's parallel tool calls), so a writer whose protocol wants one block at a time must hold the later ones
/// back. Every started block ends once; no delta comes after its end. <see cref="OnUsage"/> may come at any time and is cumulative: the last
/// one counts. Then <see cref="OnStop"/> once, and <see cref="OnEnd"/> once. <see cref="OnError"/> ends the stream at any point.
/// </para>
/// <para>Texts come as JSON string tokens with their quotes, still escaped as on the wire; spans are valid during the call only.</para>
/// </summary>
public interface IStreamSink
{
    /// <summary>The answer begins.</summary>
    void OnStart(in StreamStart start);

    /// <summary>A block begins.</summary>
    void OnBlockStart(int block, in BlockStart start);

    /// <summary>More of a text or refusal block. <paramref name="token"/> is a quoted JSON string token.</summary>
    void OnTextDelta(int block, ReadOnlySpan<byte> token);

    /// <summary>More of a reasoning block's text. <paramref name="token"/> is a quoted JSON string token.</summary>
    void OnReasoningDelta(int block, ReadOnlySpan<byte> token);

    /// <summary>More of a tool call's arguments: a quoted JSON string token whose contents are a fragment of the arguments' JSON.</summary>
    void OnArgumentsDelta(int block, ReadOnlySpan<byte> token);

    /// <summary>An attribute of an open block that comes late: a signature, encrypted thoughts, citations. <paramref name="value"/> is a raw JSON value.</summary>
    void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value);

    /// <summary>A block is complete.</summary>
    void OnBlockEnd(int block);

    /// <summary>Tokens so far; cumulative.</summary>
    void OnUsage(in Usage usage);

    /// <summary>Why the answer ended. <paramref name="nativeReason"/> is the origin's word; <paramref name="stopSequence"/> is null where unknown.</summary>
    void OnStop(StopReason reason, string? nativeReason, JsonText stopSequence);

    /// <summary>The stream fails here.</summary>
    void OnError(WireError error);

    /// <summary>The stream is complete.</summary>
    void OnEnd();
}

/// <summary>What is known when an answer begins.</summary>
/// <param name="Id">The vendor's id; empty where it has none.</param>
/// <param name="Model">The model that answers; empty where not said.</param>
/// <param name="CreatedAt">Unix seconds; 0 where not said.</param>
public readonly record struct StreamStart(string Id, string Model, long CreatedAt);

/// <summary>What is known when a block begins.</summary>
public readonly record struct BlockStart
{
    /// <summary>What kind of block.</summary>
    public required BlockKind Kind { get; init; }

    /// <summary>A tool call's id.</summary>
    public JsonText Id { get; init; }

    /// <summary>A tool's name.</summary>
    public JsonText Name { get; init; }

    /// <summary>The namespace that the tool stands in; empty for none.</summary>
    public JsonText Namespace { get; init; }

    /// <summary>Who runs the tool.</summary>
    public ToolKind ToolKind { get; init; }

    /// <summary>How thoughts are carried.</summary>
    public ReasoningCarrier Carrier { get; init; }

    /// <summary>The thoughts are a summary made by the vendor (OpenAI Responses).</summary>
    public bool IsSummary { get; init; }

    /// <summary>A text begins a message of this phase (OpenAI Responses <c>phase</c>); empty for none, or for one that goes on.</summary>
    public JsonText Phase { get; init; }

    /// <summary>The whole block, raw, for <see cref="BlockKind.Opaque"/>, with the protocol that it belongs to.</summary>
    public RawJson Raw { get; init; }

    /// <summary>Origin and type of an opaque block.</summary>
    public Protocol Origin { get; init; }

    /// <summary>Type of an opaque block in its origin's words.</summary>
    public string? Type { get; init; }
}

/// <summary>Kinds of blocks in an answer.</summary>
public enum BlockKind : byte
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Thoughts.</summary>
    Reasoning,

    /// <summary>Thoughts that only the issuer can read.</summary>
    RedactedReasoning,

    /// <summary>A tool call.</summary>
    ToolCall,

    /// <summary>A refusal in OpenAI's own field.</summary>
    Refusal,

    /// <summary>A block that only its own protocol knows; complete at its start, deltas of it are dropped by readers that cannot name them.</summary>
    Opaque,
}

/// <summary>Attributes of a block that arrive after it began.</summary>
public enum BlockAttribute : byte
{
    /// <summary>Anthropic <c>signature</c>: a JSON string.</summary>
    Signature,

    /// <summary>Encrypted thoughts: a JSON string.</summary>
    Encrypted,

    /// <summary>Gemini's signature on any part: a JSON string.</summary>
    ThoughtSignature,

    /// <summary>One citation or annotation in the origin's shape.</summary>
    Citation,

    /// <summary>Raw <c>reasoning_details</c> element.</summary>
    ReasoningDetail,

    /// <summary>An array of log probabilities, told before the piece of text or refusal that they belong to: see <see cref="LogProbabilities"/>.</summary>
    LogProbs,
}
