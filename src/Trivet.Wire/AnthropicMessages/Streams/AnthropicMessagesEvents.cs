using System.Buffers;
using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>Writes single events. Knows their form, not their order: that is <see cref="AnthropicMessagesStreamWriter"/>'s.</summary>
internal sealed class AnthropicMessagesEvents(IBufferWriter<byte> output)
{
    // The bytes of a delta event up to its index and between index and value, per kind of delta.
    private static ReadOnlySpan<byte> DeltaHead => "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":"u8;

    public static ReadOnlySpan<byte> TextDelta => ",\"delta\":{\"type\":\"text_delta\",\"text\":"u8;

    public static ReadOnlySpan<byte> ThinkingDelta => ",\"delta\":{\"type\":\"thinking_delta\",\"thinking\":"u8;

    public static ReadOnlySpan<byte> SignatureDelta => ",\"delta\":{\"type\":\"signature_delta\",\"signature\":"u8;

    public static ReadOnlySpan<byte> InputDelta => ",\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":"u8;

    public static ReadOnlySpan<byte> CitationsDelta => ",\"delta\":{\"type\":\"citations_delta\",\"citation\":"u8;

    /// <summary>One delta; <paramref name="value"/> is a JSON value without line ends. The hot path: one span, four copies.</summary>
    public void Delta(int index, ReadOnlySpan<byte> middle, ReadOnlySpan<byte> value)
    {
        var span = output.GetSpan(DeltaHead.Length + 11 + middle.Length + value.Length + 4);
        DeltaHead.CopyTo(span);
        var at = DeltaHead.Length;
        index.TryFormat(span[at..], out var digits);
        at += digits;
        middle.CopyTo(span[at..]);
        at += middle.Length;
        value.CopyTo(span[at..]);
        at += value.Length;
        "}}\n\n"u8.CopyTo(span[at..]);
        output.Advance(at + 4);
    }

    public void BlockStop(int index)
    {
        output.Write("event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":"u8);
        Number(index);
        output.Write("}\n\n"u8);
    }

    public void TextStart(int index) => Start(index, """{"type":"text","text":"","citations":null}}"""u8);

    public void ThinkingStart(int index) => Start(index, """{"type":"thinking","thinking":"","signature":""}}"""u8);

    public void RedactedStart(int index, ReadOnlySpan<byte> dataToken)
    {
        StartHead(index);
        output.Write("{\"type\":\"redacted_thinking\",\"data\":"u8);
        output.Write(dataToken);
        output.Write("}}\n\n"u8);
    }

    public void ToolStart(int index, string id, JsonText name)
    {
        StartHead(index);
        output.Write("{\"type\":\"tool_use\",\"id\":\""u8);
        Encoding.UTF8.GetBytes(id, output); // legal ids need no escape
        output.Write("\",\"name\":"u8);
        output.Write((name.IsEmpty ? new JsonText("unnamed") : name).ToToken().Span);
        output.Write(",\"input\":{},\"caller\":{\"type\":\"direct\"}}}\n\n"u8);
    }

    /// <summary>A block that only this protocol knows, whole.</summary>
    public void RawStart(int index, ReadOnlySpan<byte> block)
    {
        StartHead(index);
        OneLine(block);
        output.Write("}\n\n"u8);
    }

    public void MessageStart(string id, string model, long inputTokens)
    {
        output.Write("event: message_start\ndata: "u8);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message_start"u8);
        writer.WriteStartObject("message"u8);
        writer.WriteString("id"u8, id);
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, "assistant"u8);
        writer.WriteString("model"u8, model);
        writer.WriteStartArray("content"u8);
        writer.WriteEndArray();
        writer.WriteNull("stop_reason"u8);
        writer.WriteNull("stop_sequence"u8);
        writer.WriteNull("stop_details"u8);
        writer.WriteNull("container"u8);
        writer.WritePropertyName("usage"u8);
        AnthropicMessagesUsage.Write(new Usage { InputUncached = inputTokens, OutputText = 1 }, writer);
        writer.WriteEndObject();
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        output.Write("\n\n"u8);
    }

    public void MessageEnd(string stopReason, JsonText stopSequence, in Usage usage)
    {
        output.Write("event: message_delta\ndata: "u8);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message_delta"u8);
        writer.WriteStartObject("delta"u8);
        writer.WriteString("stop_reason"u8, stopReason);
        stopSequence.WriteTo(writer, "stop_sequence"u8);
        writer.WriteNull("stop_details"u8);
        writer.WriteNull("container"u8);
        writer.WriteEndObject();
        writer.WritePropertyName("usage"u8);
        AnthropicMessagesUsage.WriteDelta(usage, writer);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        output.Write("\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8);
    }

    public void Ping() => output.Write("event: ping\ndata: {\"type\":\"ping\"}\n\n"u8);

    public void Comment() => output.Write(": keep-alive\n\n"u8);

    public void Error(WireError error, string requestId) => AnthropicMessagesErrors.WriteStreamEvent(error, requestId, output);

    private void Start(int index, ReadOnlySpan<byte> blockAndEnd)
    {
        StartHead(index);
        output.Write(blockAndEnd);
        output.Write("\n\n"u8);
    }

    private void StartHead(int index)
    {
        output.Write("event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":"u8);
        Number(index);
        output.Write(",\"content_block\":"u8);
    }

    private void Number(int index)
    {
        var span = output.GetSpan(11);
        index.TryFormat(span, out var digits);
        output.Advance(digits);
    }

    // Line ends in JSON stand between tokens only, where a blank means the same; in an event they would end the line.
    public void OneLine(ReadOnlySpan<byte> json)
    {
        var span = output.GetSpan(Math.Max(1, json.Length));
        json.CopyTo(span);
        span[..json.Length].Replace((byte)'\n', (byte)' ');
        span[..json.Length].Replace((byte)'\r', (byte)' ');
        output.Advance(json.Length);
    }
}
