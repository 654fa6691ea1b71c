using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Answers;

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
            if (reader.TextIs("url_citation"u8))
                return true;
            reader.Read();
            reader.Skip();
        }

        return false;
    }

    /// <summary>Writes an array of citations of any protocol as the items of Chat's array, with a comma before each but the first. False where one has no counterpart.</summary>
    public static bool TryWriteItems(RawJson array, IBufferWriter<byte> output, ref bool isFirst)
    {
        var reader = new Utf8JsonReader(array.Utf8.Span);
        if (array.IsNull || !reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            return true;
        var areAll = true;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            areAll &= TryWrite(JsonTokens.ReadRaw(ref reader, array.Utf8).Utf8.Span, output, ref isFirst);
        return areAll;
    }

    /// <summary>Writes one citation of any protocol as Chat's annotations. False where it has no counterpart.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> citation, IBufferWriter<byte> output, ref bool isFirst)
    {
        if (IsAnnotation(citation))
        {
            Separate(output, ref isFirst);
            output.Write(JsonTokens.OnOneLine(citation));
            return true;
        }

        var pages = WebCitation.Read(citation);
        foreach (var page in pages)
        {
            Separate(output, ref isFirst);
            page.WriteChat(output);
        }

        return pages.Count > 0;
    }

    private static void Separate(IBufferWriter<byte> output, ref bool isFirst)
    {
        if (!isFirst)
            output.Write(","u8);
        isFirst = false;
    }
}
