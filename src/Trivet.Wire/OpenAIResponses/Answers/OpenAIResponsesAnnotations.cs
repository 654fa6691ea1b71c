using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>Annotations of an <c>output_text</c>, told from the citations of other protocols by their shape.</summary>
internal static class OpenAIResponsesAnnotations
{
    /// <summary>
    /// The value as an annotation of Responses: as it stands, or Chat's <c>{"type":"url_citation","url_citation":{…}}</c> flattened. False for citations
    /// of any other shape.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out ReadOnlySpan<byte> annotation)
    {
        annotation = JsonTokens.OnOneLine(value);
        var reader = new Utf8JsonReader(value);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        var isKnown = false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isInner = reader.TextIs("url_citation"u8);
            var isType = reader.TextIs("type"u8);
            reader.Read();
            if (isInner && reader.TokenType == JsonTokenType.StartObject)
            {
                var start = (int)reader.TokenStartIndex;
                reader.Skip();
                annotation = Flatten(value[start..(int)reader.BytesConsumed]);
                return true;
            }

            isKnown |= isType && (reader.TextIs("url_citation"u8) || reader.TextIs("file_citation"u8)
                || reader.TextIs("container_file_citation"u8) || reader.TextIs("file_path"u8));
            reader.Skip();
        }

        return isKnown;
    }

    // The fields that an annotation must have, and no others (OpenRouter puts the page's text in, openai-chat-116).
    private static ReadOnlySpan<byte> Flatten(ReadOnlySpan<byte> inner)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(inner.ToArray()));
        var flat = new ArrayBufferWriter<byte>(inner.Length + 32);
        flat.Write("{\"type\":\"url_citation\",\"url\":"u8);
        Write(flat, fields.Find(0, "url"u8), JsonTokenType.String, "\"\""u8);
        flat.Write(",\"title\":"u8);
        Write(flat, fields.Find(0, "title"u8), JsonTokenType.String, "\"\""u8);
        flat.Write(",\"start_index\":"u8);
        Write(flat, fields.Find(0, "start_index"u8), JsonTokenType.Number, "0"u8);
        flat.Write(",\"end_index\":"u8);
        Write(flat, fields.Find(0, "end_index"u8), JsonTokenType.Number, "0"u8);
        flat.Write("}"u8);
        return flat.WrittenSpan;
    }

    private static void Write(ArrayBufferWriter<byte> output, JsonField field, JsonTokenType type, ReadOnlySpan<byte> fallback) =>
        output.Write(field.Type == type ? field.Value.Utf8.Span : fallback);
}
