using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Choosing;

/// <summary>The last text of a conversation, in any protocol: the question that the request asks.</summary>
internal static class LastQuestion
{
    /// <summary>The last string under <c>text</c> or <c>content</c>, or the input itself; empty where there is none.</summary>
    public static string Of(ReadOnlyMemory<byte> body, RequestScan scan)
    {
        if (!scan.TryGetField(body.Span, "messages"u8, out var field) && !scan.TryGetField(body.Span, "input"u8, out field) && !scan.TryGetField(body.Span, "contents"u8, out field))
            return "";
        var conversation = body.Slice(field.ValueStart, field.ValueLength);
        var reader = new Utf8JsonReader(conversation.Span);
        var (isText, last) = (true, default(JsonText)); // the input may be a string itself
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.PropertyName)
                isText = reader.TextIs("text"u8) || reader.TextIs("content"u8);
            else if (reader.TokenType == JsonTokenType.String && isText)
                last = JsonTokens.ReadText(ref reader, conversation);
        }

        return last.ToString();
    }
}
