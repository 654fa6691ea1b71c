using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>Reads a <c>reasoning</c> item.</summary>
internal static class OpenAIResponsesReasoning
{
    /// <summary>
    /// The thoughts of an item whose fields stand in <paramref name="fields"/> from <paramref name="start"/> on: the text of <c>content</c> where there is
    /// any, else the parts of <c>summary</c> with a blank line between them.
    /// </summary>
    public static ReasoningBlock Read(JsonFields fields, int start)
    {
        var content = Texts(fields.Find(start, "content"u8));
        var isSummary = content.IsEmpty;
        var text = isSummary ? Texts(fields.Find(start, "summary"u8)) : content;
        var encrypted = fields.Find(start, "encrypted_content"u8).Text;
        return new ReasoningBlock
        {
            Text = text,
            IsSummary = isSummary && !text.IsEmpty,
            Encrypted = encrypted,
            IsRedacted = text.IsEmpty && !encrypted.IsEmpty,
            Id = fields.Find(start, "id"u8).Text,
        };
    }

    private static JsonText Texts(JsonField parts)
    {
        if (parts.Type != JsonTokenType.StartArray)
            return parts.Text; // lenient: a bare string
        var reader = new Utf8JsonReader(parts.Value.Utf8.Span);
        var joined = default(JsonText);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !reader.TextIs("text"u8))
                continue;
            reader.Read();
            var next = JsonTokens.ReadText(ref reader, parts.Value.Utf8);
            if (next.IsEmpty)
                continue;
            joined = joined.IsNull ? next : OpenAIChatReasoningDetails.Concat(OpenAIChatReasoningDetails.Concat(joined, "\n\n"), next);
        }

        return joined.IsNull ? "" : joined;
    }
}
