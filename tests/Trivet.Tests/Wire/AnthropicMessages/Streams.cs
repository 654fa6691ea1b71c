using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.AnthropicMessages;

/// <summary>Feeds streams to readers, whole or chopped, and shows answers as text to compare.</summary>
internal static class Streams
{
    public static ResponseWriterOptions Options { get; } = new()
    {
        FallbackId = "fallback",
        FallbackModel = "model",
        CreatedAt = 1_700_000_000,
        InputTokensEstimate = 123,
        ReasoningOrigin = "deepseek",
    };

    public static ResponseFolder Fold(ReadOnlySpan<byte> stream, IEnumerable<int>? cuts = null, AnthropicMessagesDialect? dialect = null)
    {
        var folder = new ResponseFolder(Protocol.AnthropicMessages);
        Read(stream, folder, cuts, dialect);
        return folder;
    }

    public static AnthropicMessagesStreamReader Read(ReadOnlySpan<byte> stream, IStreamSink sink, IEnumerable<int>? cuts = null, AnthropicMessagesDialect? dialect = null)
    {
        var reader = new AnthropicMessagesStreamReader(sink, dialect ?? AnthropicMessagesDialect.Default);
        using var sse = new SseReader();
        var at = 0;
        foreach (var cut in cuts ?? [])
        {
            Assert.True(sse.Feed(stream[at..cut], reader));
            at = cut;
        }

        Assert.True(sse.Feed(stream[at..], reader));
        sse.Complete(reader);
        reader.Complete();
        return reader;
    }

    public static byte[] Write(Action<AnthropicMessagesStreamWriter> act, LossList? losses = null)
    {
        var output = new ArrayBufferWriter<byte>();
        act(new AnthropicMessagesStreamWriter(output, Options, losses ?? new LossList()));
        return output.WrittenSpan.ToArray();
    }

    public static byte[] Token(string text)
    {
        var output = new ArrayBufferWriter<byte>();
        JsonTokens.Quote(Encoding.UTF8.GetBytes(text), output);
        return output.WrittenSpan.ToArray();
    }

    public static string Show(CanonicalResponse response)
    {
        var shown = new StringBuilder();
        foreach (var block in response.Blocks)
            shown.AppendLine(Show(block));
        shown.Append(response.StopReason).Append(' ').Append(response.StopSequence).Append(' ').Append(response.Usage);
        return shown.ToString();
    }

    public static string Show(Block block) => block switch
    {
        TextBlock text => $"text {text.Text} {Compact(text.Citations)}",
        ReasoningBlock reasoning => $"reasoning {reasoning.IsRedacted} {reasoning.Text} {reasoning.Signature} {reasoning.Encrypted}",
        ToolCallBlock call => $"call {call.Id} {call.Name} {(call.Arguments.IsEmpty ? "{}" : Compact(new RawJson(call.Arguments)))}",
        RefusalBlock refusal => $"refusal {refusal.Text}",
        OpaqueBlock opaque => $"{opaque.Type} {Compact(opaque.Raw)}",
        _ => block.GetType().Name,
    };

    public static string Compact(RawJson json)
    {
        if (json.IsNull || json.Utf8.Span.SequenceEqual("[]"u8))
            return "";
        try
        {
            return JsonNode.Parse(json.Utf8.Span)!.ToJsonString();
        }
        catch (JsonException)
        {
            return "invalid:" + json;
        }
    }
}
