using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.AnthropicMessages;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.OpenAIResponses;

/// <summary>Feeds streams of Responses to readers, whole or chopped, and writes them.</summary>
internal static class ResponsesStreams
{
    public static ResponseWriterOptions Options { get; } = Streams.Options;

    public static ResponseFolder Fold(ReadOnlySpan<byte> stream, IEnumerable<int>? cuts = null)
    {
        var folder = new ResponseFolder(Protocol.OpenAIResponses);
        Read(stream, folder, cuts);
        return folder;
    }

    public static ResponseFolder Fold(params string[] events) => Fold(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e}\n\n"))));

    public static OpenAIResponsesStreamReader Read(ReadOnlySpan<byte> stream, IStreamSink sink, IEnumerable<int>? cuts = null)
    {
        var reader = new OpenAIResponsesStreamReader(sink, OpenAIResponsesDialect.Default);
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

    public static byte[] Write(Action<OpenAIResponsesStreamWriter> act, LossList? losses = null, ResponseWriterOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        act(new OpenAIResponsesStreamWriter(output, options ?? Options, losses ?? new LossList()));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>Writes a stream that must be legal.</summary>
    public static OpenAIResponsesLegality WriteLegal(Action<OpenAIResponsesStreamWriter> act, LossList? losses = null, ResponseWriterOptions? options = null)
    {
        var check = OpenAIResponsesLegality.Check(Write(act, losses, options));
        Assert.Empty(check.Violations);
        return check;
    }

    public static byte[] WriteWhole(CanonicalResponse response, LossList? losses = null, ResponseWriterOptions? options = null)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIResponsesResponseWriter.Write(response, options ?? Options, output, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static CanonicalResponse ReadWhole(byte[] body)
    {
        Assert.True(OpenAIResponsesResponseReader.TryRead(body, OpenAIResponsesDialect.Default, out var response, out var error), error?.Message);
        return response!;
    }

    /// <summary>An answer as text, for comparison.</summary>
    public static string Show(CanonicalResponse response)
    {
        var shown = new StringBuilder();
        foreach (var block in response.Blocks)
            shown.AppendLine(block is ToolCallBlock call ? $"call {call.Id} {call.Namespace} {call.Name} {call.Kind} {Encoding.UTF8.GetString(call.Arguments.Span)}" : Streams.Show(block));
        return shown.Append(response.StopReason).Append(' ').Append(response.NativeStopReason).Append(' ').Append(response.Usage).ToString();
    }

    /// <summary>The last answer that a stream holds, as a body of its own.</summary>
    public static byte[] Last(byte[] sse)
    {
        var last = Encoding.UTF8.GetString(sse).Split('\n').Last(line => line.StartsWith("data:", StringComparison.Ordinal) && line.Contains("\"response\"", StringComparison.Ordinal));
        return Encoding.UTF8.GetBytes(JsonNode.Parse(last[5..])!["response"]!.ToJsonString());
    }
}
