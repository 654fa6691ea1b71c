using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Streams;

/// <summary>One block of the sink, on its way to the wire.</summary>
internal sealed class OpenAIChatStreamBlock(BlockKind kind)
{
    public BlockKind Kind { get; } = kind;

    /// <summary>Index among the calls or among the thoughts.</summary>
    public int Index { get; set; }

    /// <summary>Whose thoughts they are.</summary>
    public Protocol Origin { get; set; }

    public bool IsCustom { get; set; }

    public bool IsEnded { get; set; }

    public bool HasArguments { get; set; }

    public bool HasDetails { get; set; }

    /// <summary>What stands before a call's arguments, or between the two places of thoughts that will be signed.</summary>
    public byte[] Prefix { get; set; } = [];

    public byte[] Suffix { get; set; } = [];

    public OpenAIChatHeldDetails? Held { get; set; }

    /// <summary>Log probabilities of the piece that comes next, joined by commas.</summary>
    public ArrayBufferWriter<byte>? LogProbs { get; set; }
}

/// <summary>Thoughts with details of their own, which only come from whole answers: held until their end.</summary>
internal sealed class OpenAIChatHeldDetails
{
    public TokenBuffer Text { get; } = new();

    public ArrayBufferWriter<byte> Elements { get; } = new();

    public void Add(ReadOnlySpan<byte> element)
    {
        if (Elements.WrittenCount > 0)
            Elements.Write(","u8);
        Elements.Write(element);
    }
}
