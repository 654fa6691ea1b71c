using System.Buffers;
using Trivet.Core.Relay.Formats;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Vendor;

/// <summary>
/// The Chat answers in the words of the other protocols, made once by Trivet's own writers: the conformance suite holds those to the vendors' specifications,
/// so that shapes and sizes are those of real answers.
/// </summary>
internal static class TranslatedAnswers
{
    public static byte[] Plain(Protocol protocol, string model)
    {
        if (!OpenAIChatResponseReader.TryRead(VendorAnswers.ChatPlain(model), OpenAIChatDialect.Default, out var response, out _))
            throw new InvalidOperationException("The Chat answer cannot be read.");
        var output = new ArrayBufferWriter<byte>();
        WireFormats.For(protocol).WriteResponse(response!, Options(model), output, new LossList());
        return output.WrittenSpan.ToArray();
    }

    /// <summary>The events of a stream, each with its blank line.</summary>
    public static byte[][] Events(Protocol protocol, string model)
    {
        var output = new ArrayBufferWriter<byte>();
        var reader = new OpenAIChatStreamReader(WireFormats.For(protocol).CreateStreamWriter(output, Options(model), new LossList()), OpenAIChatDialect.Default);
        using var chat = new SseReader();
        chat.Feed(VendorAnswers.Join(VendorAnswers.ChatEvents(model)), new Reading(reader));
        reader.Complete();
        var events = new Collecting();
        using var written = new SseReader();
        written.Feed(output.WrittenSpan, events);
        return [.. events.Events];
    }

    private static ResponseWriterOptions Options(string model) =>
        new() { FallbackId = "0198f3c2a1b27c3d8e4f5a6b7c8d9e0f", FallbackModel = model, CreatedAt = 1_767_225_600, IncludeUsage = true, InputTokensEstimate = 210 };

    private sealed class Reading(IStreamReader reader) : ISseHandler
    {
        public void OnEvent(in SseEvent e)
        {
            if (e.HasData)
                reader.OnEvent(e);
        }
    }

    private sealed class Collecting : ISseHandler
    {
        public List<byte[]> Events { get; } = [];

        public void OnEvent(in SseEvent e) => Events.Add(e.Raw.ToArray());
    }
}
