using System.Text.Json;

namespace Trivet.Wire.Gemini.Answers;

/// <summary>A <c>functionCall</c> taken apart: whole, or one of the pieces in which Vertex streams its arguments.</summary>
internal ref struct GeminiCallDelta
{
    /// <summary>A token with its quotes.</summary>
    public ReadOnlySpan<byte> Id;

    /// <summary>A token with its quotes.</summary>
    public ReadOnlySpan<byte> Name;

    /// <summary>Raw; empty where there are none.</summary>
    public ReadOnlySpan<byte> Args;

    /// <summary>A raw array; empty where there is none.</summary>
    public ReadOnlySpan<byte> PartialArgs;

    /// <summary>More of this call follows.</summary>
    public bool WillContinue;

    /// <summary>Reads the raw object.</summary>
    public static GeminiCallDelta Read(ReadOnlySpan<byte> call)
    {
        var delta = default(GeminiCallDelta);
        var reader = new Utf8JsonReader(call, new JsonReaderOptions { MaxDepth = GeminiChunk.DepthMax });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            var type = reader.TokenType;
            var value = GeminiChunk.Value(ref reader).Of(call);
            if (name.SequenceEqual("id"u8) && type == JsonTokenType.String)
                delta.Id = value;
            else if (name.SequenceEqual("name"u8) && type == JsonTokenType.String)
                delta.Name = value;
            else if (name.SequenceEqual("args"u8) && type != JsonTokenType.Null)
                delta.Args = value;
            else if (name.SequenceEqual("partialArgs"u8) && type == JsonTokenType.StartArray)
                delta.PartialArgs = value;
            else if (name.SequenceEqual("willContinue"u8))
                delta.WillContinue = type == JsonTokenType.True;
        }

        return delta;
    }
}
