using System.Buffers;
using System.Text;
using Trivet.Tests.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.Gemini.Streams;

namespace Trivet.Tests.Wire.Gemini;

/// <summary>Feeds Gemini's answers to readers and writes them, for the tests.</summary>
internal static class GeminiAnswers
{
    public static ResponseWriterOptions Options { get; } = Streams.Options with { IncludeUsage = true };

    public static ResponseFolder Fold(byte[] stream, string way = "whole")
    {
        var folder = new ResponseFolder(Protocol.Gemini);
        Read(stream, folder, way);
        return folder;
    }

    public static GeminiStreamReader Read(byte[] stream, IStreamSink sink, string way = "whole")
    {
        var reader = new GeminiStreamReader(sink, GeminiDialect.Default);
        SseFeeding.Feed(stream, way, reader);
        reader.Complete();
        return reader;
    }

    /// <summary>A stream of these chunks.</summary>
    public static byte[] Stream(params string[] chunks) => Encoding.UTF8.GetBytes(string.Concat(chunks.Select(chunk => $"data: {chunk}\r\n\r\n")));

    /// <summary>A chunk with these parts and, maybe, a finish reason.</summary>
    public static string Chunk(string parts, string? finish = null, string id = "r1") =>
        $$$"""{"candidates":[{"content":{"parts":[{{{parts}}}],"role":"model"}{{{(finish is null ? "" : $",\"finishReason\":\"{finish}\"")}}},"index":0}],"modelVersion":"gemini-3-pro","responseId":"{{{id}}}"}""";

    public static CanonicalResponse Whole(string json)
    {
        Assert.True(GeminiResponseReader.TryRead(Encoding.UTF8.GetBytes(json), GeminiDialect.Default, out var response, out var error), error?.Message);
        return response!;
    }

    public static WireError Failure(string json)
    {
        Assert.False(GeminiResponseReader.TryRead(Encoding.UTF8.GetBytes(json), GeminiDialect.Default, out _, out var error));
        return error!;
    }

    public static byte[] Write(CanonicalResponse response, LossList? losses = null)
    {
        var output = new ArrayBufferWriter<byte>();
        GeminiResponseWriter.Write(response, Options, output, losses ?? new LossList());
        return output.WrittenSpan.ToArray();
    }

    public static byte[] WriteStream(Action<GeminiStreamWriter> act, LossList? losses = null)
    {
        var output = new ArrayBufferWriter<byte>();
        act(new GeminiStreamWriter(output, Options, losses ?? new LossList()));
        return output.WrittenSpan.ToArray();
    }

    /// <summary>An answer as text: blocks with their signatures, stop reason, usage.</summary>
    public static string Show(CanonicalResponse response)
    {
        var shown = new StringBuilder();
        foreach (var block in response.Blocks)
            shown.Append(Streams.Show(block)).Append(' ').Append(block.ThoughtSignature).AppendLine();
        return shown.Append(response.StopReason).Append(' ').Append(response.NativeStopReason).Append(' ').Append(response.Usage).ToString();
    }
}
