using System.Buffers;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>One block of the sink, on its way to the wire.</summary>
internal sealed class OpenAIResponsesStreamBlock(int id, in BlockStart start)
{
    private ArgumentsGate? _gate;
    private int _gateTaken;

    public int Id { get; } = id;

    public BlockKind Kind { get; } = start.Kind;

    public bool IsCustom { get; } = start.ToolKind == ToolKind.Custom;

    public Protocol Origin { get; } = start.Origin;

    /// <summary>Id of a call, or of a reasoning item.</summary>
    public JsonText OriginId { get; } = start.Id.Detach();

    /// <summary>Id of a call as it goes out.</summary>
    public JsonText CallId { get; set; }

    public JsonText Name { get; } = start.Name.Detach();

    public JsonText Namespace { get; } = start.Namespace.Detach();

    public byte[] Raw { get; } = start is { Kind: BlockKind.Opaque, Origin: Protocol.OpenAIResponses } ? start.Raw.Utf8.ToArray() : [];

    /// <summary>What another protocol's model drew, Base64; null for nothing.</summary>
    public JsonText Picture { get; } = start.Kind == BlockKind.Opaque && start.Origin != Protocol.OpenAIResponses && DrawnPicture.Of(start.Origin, start.Type, start.Raw) is { } picture
        ? picture.Data.Detach() : default;

    /// <summary>Phase of the message that a text begins: a string token; empty once it has begun.</summary>
    public byte[] Phase { get; set; } = start.Phase.IsEmpty ? [] : start.Phase.ToToken().ToArray();

    public StreamBlockState State { get; set; }

    /// <summary>The sink has ended it.</summary>
    public bool IsEnded { get; set; }

    /// <summary>What was said since it was last opened, or what waits for its turn.</summary>
    public TokenBuffer Text { get; } = new();

    /// <summary>Encrypted thoughts that a Responses vendor issued: a JSON string token; empty for none.</summary>
    public byte[] Encrypted { get; set; } = [];

    public List<byte[]>? Annotations { get; set; }

    /// <summary>Log probabilities since it was last opened, joined by commas; null for none.</summary>
    public ArrayBufferWriter<byte>? LogProbs { get; set; }

    /// <summary>How many bytes of them have been said with a piece of the text.</summary>
    public int LogProbsSaid { get; set; }

    /// <summary>Those of the piece that is said now.</summary>
    public ReadOnlySpan<byte> TakeLogProbs()
    {
        if (LogProbs is not { } all || all.WrittenCount == LogProbsSaid)
            return default;
        var fresh = all.WrittenSpan[LogProbsSaid..];
        LogProbsSaid = all.WrittenCount;
        return fresh[0] == (byte)',' ? fresh[1..] : fresh;
    }

    /// <summary>Text of one kind or another: it may be cut in two without changing what it says.</summary>
    public bool IsText => Kind is BlockKind.Text or BlockKind.Reasoning or BlockKind.RedactedReasoning or BlockKind.Refusal;

    /// <summary>Nothing more needs to come before another block may open.</summary>
    public bool CanClose => IsEnded || IsText || Kind == BlockKind.Opaque || !IsCustom && HasWholeArguments();

    /// <summary>A function's arguments that are not whole: the limit cut them off, perhaps.</summary>
    public bool IsCutOff => Kind == BlockKind.ToolCall && !IsCustom && !HasWholeArguments();

    // Asked only while another block waits and at the end, each byte looked at once.
    private bool HasWholeArguments()
    {
        if (_gateTaken == Text.Contents.Length)
            return _gate is { IsComplete: true };
        _gate ??= new ArgumentsGate();
        var (fresh, released) = (new TokenBuffer(), new TokenBuffer());
        fresh.AppendContents(Text.Contents[_gateTaken..]);
        _gateTaken = Text.Contents.Length;
        _gate.Take(fresh.AsToken(), released);
        return _gate.IsComplete;
    }
}
