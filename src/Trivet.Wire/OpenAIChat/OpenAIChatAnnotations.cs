using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>Chat's annotations, told from the citations of other protocols by their shape.</summary>
internal static class OpenAIChatAnnotations
{
    /// <summary>Whether a raw value is an annotation of Chat: an object with a <c>url_citation</c>, <c>file_citation</c> or the like inside.</summary>
    public static bool IsAnnotation(ReadOnlySpan<byte> value)
    {
        var reader = new Utf8JsonReader(value);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("url_citation"u8))
                return true;
            reader.Read();
            reader.Skip();
        }

        return false;
    }

    /// <summary>Whether a raw array holds Chat's annotations.</summary>
    public static bool AreAnnotations(RawJson array)
    {
        var reader = new Utf8JsonReader(array.Utf8.Span);
        if (array.IsAbsent || !reader.Read() || reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        return IsAnnotation(JsonTokens.ReadRaw(ref reader, array.Utf8).Utf8.Span);
    }
}
