using System.Text.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>One part of an answer's content. A part is a text or a thought unless it has data of another kind.</summary>
internal struct GeminiPart
{
    /// <summary>The whole part, raw.</summary>
    public GeminiSlice Whole;

    /// <summary>The text, a token with its quotes; empty where there is none.</summary>
    public GeminiSlice Text;

    /// <summary>The function call, raw; empty where there is none.</summary>
    public GeminiSlice Call;

    /// <summary>The name of other data (<c>inlineData</c>, <c>executableCode</c>, <c>toolCall</c>, …), with its quotes; empty where there is none.</summary>
    public GeminiSlice DataName;

    /// <summary>The opaque signature, a token with its quotes; empty where there is none.</summary>
    public GeminiSlice Signature;

    /// <summary>The text is a thought.</summary>
    public bool IsThought;

    /// <summary>It says something: more than a signature.</summary>
    public readonly bool HasContent => Text.Length > 2 || !Call.IsEmpty || !DataName.IsEmpty;

    /// <summary>Reads the part at the reader's position, which moves to its end.</summary>
    public static GeminiPart Read(ref Utf8JsonReader reader)
    {
        var part = default(GeminiPart);
        var start = (int)reader.TokenStartIndex;
        var isBroken = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var nameSlice = GeminiChunk.Token(ref reader);
            reader.Read();
            isBroken |= reader.TokenType != JsonTokenType.StartObject && name.SequenceEqual("functionCall"u8);
            if (reader.TokenType == JsonTokenType.String)
            {
                if (name.SequenceEqual("text"u8))
                    part.Text = GeminiChunk.Token(ref reader);
                else if (name.SequenceEqual("thoughtSignature"u8))
                    part.Signature = GeminiChunk.Token(ref reader);
            }
            else if (reader.TokenType == JsonTokenType.StartObject)
            {
                if (name.SequenceEqual("functionCall"u8))
                    part.Call = GeminiChunk.Value(ref reader);
                else if (!IsRemark(name))
                    (isBroken, part.DataName) = (isBroken || !part.DataName.IsEmpty, nameSlice);
            }
            else
            {
                part.IsThought |= reader.TokenType == JsonTokenType.True && name.SequenceEqual("thought"u8);
            }

            reader.Skip();
        }

        if (isBroken || !part.Text.IsEmpty)
            part.DataName = default; // a part that goes on as it stands is of one kind, and a call in it an object
        part.Whole = new GeminiSlice(start, (int)reader.BytesConsumed - start);
        return part;
    }

    // Said about the part's data, not data itself.
    private static bool IsRemark(ReadOnlySpan<byte> name) => name.SequenceEqual("thoughtSignature"u8) || name.SequenceEqual("thought"u8) || name.SequenceEqual("partMetadata"u8) || name.SequenceEqual("videoMetadata"u8) || name.SequenceEqual("mediaResolution"u8);
}
