using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Streams;

/// <summary>One block of the sink, on its way to the wire.</summary>
internal sealed class GeminiStreamBlock(in BlockStart start)
{
    public BlockKind Kind { get; } = start.Kind;

    public Protocol Origin { get; } = start.Origin;

    public bool IsCustom { get; } = start is { Kind: BlockKind.ToolCall, ToolKind: ToolKind.Custom };

    public JsonText CallId { get; } = start.Id.Detach();

    public JsonText Name { get; } = start.Name.Detach();

    /// <summary>The part, of a block that has no other name; empty where it is another protocol's and no picture.</summary>
    public byte[] Raw { get; } = start.Kind != BlockKind.Opaque ? []
        : start.Origin == Protocol.Gemini ? start.Raw.Utf8.ToArray()
        : DrawnPicture.Of(start.Origin, start.Type, start.Raw) is { } picture ? picture.ToGeminiPart() : [];

    /// <summary>Lets a call's arguments through as whole members of one object.</summary>
    public ArgumentsGate? Gate { get; } = start is { Kind: BlockKind.ToolCall, ToolKind: not ToolKind.Custom } ? new ArgumentsGate() : null;

    /// <summary>Text that waits for a call before it, or a call's arguments, escaped.</summary>
    public TokenBuffer? Held { get; set; } = start.Kind == BlockKind.ToolCall ? new TokenBuffer() : null;

    /// <summary>The opaque signature, a token with its quotes; empty for none.</summary>
    public byte[] Signature { get; set; } = [];

    public bool IsEnded { get; set; }

    public bool HasText { get; set; }

    public bool IsThought => Kind is BlockKind.Reasoning or BlockKind.RedactedReasoning;
}
