using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses.Answers;

namespace Trivet.Wire.OpenAIResponses.Streams;

/// <summary>One item of a stream being read: how it may be named by later events, and what of it the sink knows.</summary>
internal sealed class OpenAIResponsesStreamItem(ResponsesItemKind kind, int outputIndex)
{
    public const int None = -1;

    public ResponsesItemKind Kind { get; } = kind;

    public int OutputIndex { get; } = outputIndex;

    /// <summary>Its id, or the id of its call: llama.cpp names the second in its deltas. Contents without quotes.</summary>
    public byte[] Id { get; set; } = [];

    public byte[] CallId { get; set; } = [];

    /// <summary>The item as it was added; absent where it never was.</summary>
    public RawJson Added { get; set; }

    /// <summary>Block of thoughts or of a call; <see cref="None"/> until it began.</summary>
    public int Block { get; set; } = None;

    /// <summary>Text, thoughts or arguments were told.</summary>
    public bool HasTold { get; set; }

    /// <summary>Some of it came in deltas: what is whole then repeats them.</summary>
    public bool HasDeltas { get; set; }

    /// <summary>It has ended in the sink.</summary>
    public bool IsDone { get; set; }

    /// <summary>The whole answer at the end has named it.</summary>
    public bool IsRecounted { get; set; }

    /// <summary>Thoughts: what was told is their summary.</summary>
    public bool IsSummary { get; set; }

    /// <summary>Thoughts: the part told last.</summary>
    public int PartIndex { get; set; } = None;

    /// <summary>A call whose name is not known yet: its arguments.</summary>
    public TokenBuffer? Held { get; set; }

    /// <summary>Phase of a message, until its first part has told it.</summary>
    public JsonText Phase { get; set; }

    /// <summary>Blocks of a message.</summary>
    public List<Part> Parts { get; } = [];

    public bool IsNamed(ReadOnlySpan<byte> id) => !id.IsEmpty && (Id.AsSpan().SequenceEqual(id) || CallId.AsSpan().SequenceEqual(id));

    public Part? FindPart(int index, bool isRefusal)
    {
        foreach (var part in Parts)
        {
            if (part.IsRefusal == isRefusal && (part.Index == index || index < 0))
                return part;
        }

        return null;
    }

    /// <summary>A part of a message.</summary>
    internal sealed class Part(int index, bool isRefusal, int block)
    {
        public int Index { get; } = index;

        public bool IsRefusal { get; } = isRefusal;

        public int Block { get; } = block;

        public bool HasText { get; set; }

        public bool HasLogProbs { get; set; }

        public int Annotations { get; set; }
    }
}
