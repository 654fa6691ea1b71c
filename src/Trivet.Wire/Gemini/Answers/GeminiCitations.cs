using System.Buffers;
using System.Text.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>
/// What a candidate says about its sources. In canonical form it is a citation of the answer's last text, an object of one field with Gemini's own name; so it
/// is told from the citations of other protocols, and comes back whole to Gemini's clients.
/// </summary>
internal static class GeminiCitations
{
    /// <summary>How many kinds there are.</summary>
    public const int Kinds = 3;

    /// <summary>The field's name.</summary>
    public static ReadOnlySpan<byte> NameOf(int kind) => kind switch { 0 => "groundingMetadata"u8, 1 => "citationMetadata"u8, _ => "urlContextMetadata"u8 };

    /// <summary>Writes metadata as a citation.</summary>
    public static void Write(int kind, ReadOnlySpan<byte> metadata, IBufferWriter<byte> output)
    {
        output.Write("{\""u8);
        output.Write(NameOf(kind));
        output.Write("\":"u8);
        output.Write(metadata);
        output.Write("}"u8);
    }

    /// <summary>Reads a citation. False where it is none of Gemini's.</summary>
    public static bool TryRead(ReadOnlySpan<byte> citation, out int kind, out GeminiSlice metadata)
    {
        (kind, metadata) = (0, default);
        try
        {
            var reader = new Utf8JsonReader(citation, new JsonReaderOptions { MaxDepth = GeminiChunk.DepthMax });
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject || !reader.Read() || reader.TokenType != JsonTokenType.PropertyName)
                return false;
            for (; kind < Kinds; kind++)
            {
                if (!reader.ValueSpan.SequenceEqual(NameOf(kind)))
                    continue;
                reader.Read();
                metadata = GeminiChunk.Value(ref reader);
                return true;
            }
        }
        catch (JsonException)
        {
            // no citation of anybody's
        }

        return false;
    }
}
