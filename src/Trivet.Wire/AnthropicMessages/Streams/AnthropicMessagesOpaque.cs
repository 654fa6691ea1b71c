using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>
/// Blocks that only Anthropic knows, between their streamed form (a start, then fragments of <c>input</c> or of a compaction's <c>content</c>) and
/// their whole form.
/// </summary>
internal static class AnthropicMessagesOpaque
{
    /// <summary>Writes the start of a whole block; a call starts with an empty <c>input</c>, as Anthropic's do, and has it in one delta.</summary>
    public static void Start(AnthropicMessagesEvents events, int index, ReadOnlyMemory<byte> raw)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(raw));
        var input = fields.Find(0, "input"u8).Value;
        var type = fields.Find(0, "type"u8).Value.Utf8.Span;
        // server_, mcp_: with its underscore, or the t of an escaped tab would be taken for a tool's.
        var isCall = type.EndsWith("_tool_use\""u8) || type.SequenceEqual("\"tool_use\""u8);
        if (!isCall || input.IsNull || input.Utf8.Span[0] != (byte)'{')
        {
            events.RawStart(index, raw.Span);
            return;
        }

        events.RawStart(index, JsonFields.With(raw, "input"u8, "{}"u8));
        var token = new ArrayBufferWriter<byte>(input.Utf8.Length + 16);
        JsonTokens.Quote(input.Utf8.Span, token);
        events.Delta(index, AnthropicMessagesEvents.InputDelta, token.WrittenSpan);
    }
}
