using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>One block of the sink, on its way to the wire.</summary>
internal sealed class AnthropicMessagesStreamBlock(int id, in BlockStart start)
{
    public int Id { get; } = id;

    public BlockKind Kind { get; } = start.Kind;

    public ToolKind ToolKind { get; } = start.ToolKind;

    public Protocol Origin { get; } = start.Origin;

    public JsonText CallId { get; } = start.Id.Detach();

    public JsonText Name { get; } = start.Name.Detach();

    public byte[] Raw { get; } = start.Kind == BlockKind.Opaque ? start.Raw.Utf8.ToArray() : [];

    public StreamBlockState State { get; set; }

    /// <summary>Its index on the wire while it is open there.</summary>
    public int Index { get; set; }

    /// <summary>The sink has ended it.</summary>
    public bool IsEnded { get; set; }

    /// <summary>Text that waits for its turn, and the text of a free-form call.</summary>
    public TokenBuffer Held { get; } = new();

    /// <summary>The gate of a tool call's arguments.</summary>
    public ArgumentsGate? Arguments { get; } = start is { Kind: BlockKind.ToolCall, ToolKind: not ToolKind.Custom } ? new ArgumentsGate() : null;

    /// <summary>Signature of thoughts, or data of redacted ones: a JSON string token; empty for none.</summary>
    public byte[] Proof { get; set; } = [];

    public List<byte[]>? Citations { get; set; }

    /// <summary>Text of one kind or another: it may be cut in two blocks without changing what it says.</summary>
    public bool IsText => Kind is BlockKind.Text or BlockKind.Reasoning or BlockKind.Refusal;

    /// <summary>Nothing more needs to come before another block may open.</summary>
    public bool CanClose => IsEnded || IsText || Kind is BlockKind.Opaque or BlockKind.RedactedReasoning || Arguments is { IsComplete: true };
}

/// <summary>Where a block is on its way.</summary>
internal enum StreamBlockState : byte
{
    /// <summary>Nothing to show yet: empty blocks never reach the wire.</summary>
    Silent,

    /// <summary>Waits until the open block can be closed.</summary>
    Waiting,

    /// <summary>Open on the wire.</summary>
    Open,

    /// <summary>Closed on the wire.</summary>
    Closed,
}
