using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>
/// Blocks that only Anthropic knows, between their streamed form (a start, then fragments of <c>input</c> or of a compaction's <c>content</c>) and
/// their whole form.
/// </summary>
internal static class AnthropicMessagesOpaque
{
    /// <summary>Writes the start of a whole block; one with an <c>input</c> starts empty, as Anthropic's do, and has it in one delta.</summary>
    public static void Start(AnthropicMessagesEvents events, int index, ReadOnlyMemory<byte> raw)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(raw));
        var input = fields.Find(0, "input"u8).Value;
        if (input.IsNull || input.Utf8.Span[0] != (byte)'{')
        {
            events.RawStart(index, raw.Span);
            return;
        }

        events.RawStart(index, With(fields, "input"u8, "{}"u8));
        var token = new ArrayBufferWriter<byte>(input.Utf8.Length + 16);
        JsonTokens.Quote(input.Utf8.Span, token);
        events.Delta(index, AnthropicMessagesEvents.InputDelta, token.WrittenSpan);
    }

    /// <summary>The block with one field's value replaced (or added).</summary>
    public static byte[] With(ReadOnlyMemory<byte> raw, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(raw));
        return With(fields, name, value);
    }

    private static byte[] With(JsonFields fields, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var output = new ArrayBufferWriter<byte>();
        var isReplaced = false;
        for (var i = 0; i < fields.Count; i++)
        {
            output.Write(i == 0 ? "{\""u8 : ",\""u8);
            output.Write(fields[i].Name.Span);
            output.Write("\":"u8);
            output.Write(fields[i].Is(name) ? value : fields[i].Value.Utf8.Span);
            isReplaced |= fields[i].Is(name);
        }

        if (!isReplaced)
        {
            output.Write(fields.Count == 0 ? "{\""u8 : ",\""u8);
            output.Write(name);
            output.Write("\":"u8);
            output.Write(value);
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }
}
