using System.Buffers;
using System.Text;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Relay;

/// <summary>
/// What each of the twelve translations may allocate: bytes and not time, so that a busy machine changes nothing. Buffers come from the pool and are not in it.
/// The budgets are what was measured (the least of twenty runs, .NET 10.0.12, 2026-11-30) and a fifth more.
/// </summary>
public sealed class TranslationAllocationTests
{
    private const int Events = 100;

    /// <summary>Client, upstream, and the bytes allowed for the request, a whole answer and a stream.</summary>
    public static TheoryData<Protocol, Protocol, long, long, long> Directions() => new()
    {
        { Protocol.OpenAIChat, Protocol.OpenAIResponses, 12_500, 7_500, 17_800 },
        { Protocol.OpenAIChat, Protocol.AnthropicMessages, 15_200, 1_200, 3_000 },
        { Protocol.OpenAIChat, Protocol.Gemini, 25_400, 4_100, 3_400 },
        { Protocol.OpenAIResponses, Protocol.OpenAIChat, 11_800, 8_700, 14_100 },
        { Protocol.OpenAIResponses, Protocol.AnthropicMessages, 16_300, 6_000, 12_300 },
        { Protocol.OpenAIResponses, Protocol.Gemini, 26_500, 8_800, 12_700 },
        { Protocol.AnthropicMessages, Protocol.OpenAIChat, 10_200, 4_100, 4_200 },
        { Protocol.AnthropicMessages, Protocol.OpenAIResponses, 12_000, 7_700, 17_100 },
        { Protocol.AnthropicMessages, Protocol.Gemini, 24_900, 4_300, 2_700 },
        { Protocol.Gemini, Protocol.OpenAIChat, 13_000, 4_100, 5_600 },
        { Protocol.Gemini, Protocol.OpenAIResponses, 14_900, 7_700, 18_600 },
        { Protocol.Gemini, Protocol.AnthropicMessages, 17_600, 1_400, 3_800 },
    };

    [Theory]
    [MemberData(nameof(Directions))]
    public void Translating_stays_within_its_budget(Protocol client, Protocol upstream, long requestBytesMax, long answerBytesMax, long streamBytesMax)
    {
        var (from, to) = (WireFormats.For(client), WireFormats.For(upstream));
        var offering = OfferingOf(upstream);
        var (request, answer, stream) = (Request(client), Answer(upstream), Stream(upstream));

        var ofRequest = Least(output =>
        {
            Assert.True(from.TryReadRequest(request, out var read, out _));
            to.WriteRequest(read!, offering, output, new LossList());
        });
        var ofAnswer = Least(output =>
        {
            Assert.True(to.TryReadResponse(answer, offering, out var read, out _));
            from.WriteResponse(read!, Options, output, new LossList());
        });
        var ofStream = Least(output =>
        {
            var reader = to.CreateStreamReader(from.CreateStreamWriter(output, Options, new LossList()), offering);
            using var cut = new SseReader();
            cut.Feed(stream, new Feeding(reader));
            reader.Complete();
            Assert.True(reader.IsComplete);
        });

        TestContext.Current.TestOutputHelper?.WriteLine($"{client} client, {upstream} upstream: request {ofRequest}, answer {ofAnswer}, stream {ofStream}");
        Assert.InRange(ofRequest, 1, requestBytesMax);
        Assert.InRange(ofAnswer, 1, answerBytesMax);
        Assert.InRange(ofStream, 1, streamBytesMax);
    }

    private static ResponseWriterOptions Options { get; } = new() { FallbackId = "0198f3c2", FallbackModel = "m", CreatedAt = 1_767_225_600, IncludeUsage = true };

    private static long Least(Action<IBufferWriter<byte>> translate)
    {
        using var output = new PooledBuffer();
        var least = long.MaxValue;
        for (var run = 0; run < 20; run++)
        {
            output.Clear();
            var before = GC.GetAllocatedBytesForCurrentThread();
            translate(output);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }

    private static Offering OfferingOf(Protocol protocol) => new(
        new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get("custom"), Endpoints = [new EndpointConfig(protocol, new Uri("http://127.0.0.1:9/v1"), AuthScheme.Bearer)] }, "m");

    // Twelve tools and a turn of each kind, as a coding agent's request has them.
    private static byte[] Request(Protocol protocol)
    {
        var tools = string.Join(',', Enumerable.Range(0, 12).Select(i =>
            $$$"""{"type":"function","function":{"name":"Tool{{{i}}}","description":"{{{new string('d', 3000)}}}","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]} } }"""));
        var chat = Encoding.UTF8.GetBytes($$$"""
            {"model":"m","max_completion_tokens":1024,"tools":[{{{tools}}}],"messages":[{"role":"system","content":"{{{new string('s', 12_000)}}}"},{"role":"user","content":"{{{new string('u', 30_000)}}}"},
            {"role":"assistant","content":"I read it.","tool_calls":[{"id":"call_1","type":"function","function":{"name":"Tool0","arguments":"{\"path\":\"README.md\"}"}}]},
            {"role":"tool","tool_call_id":"call_1","content":"{{{new string('r', 4000)}}}"}]}
            """);
        Assert.True(OpenAIChatRequestReader.TryRead(chat, out var request, out _));
        var output = new ArrayBufferWriter<byte>();
        WireFormats.For(protocol).WriteRequest(request!, OfferingOf(protocol), output, new LossList());
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Answer(Protocol protocol)
    {
        var chat = Encoding.UTF8.GetBytes($$$"""
            {"id":"chatcmpl-1","object":"chat.completion","created":1767225600,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"{{{new string('a', 600)}}}"},"finish_reason":"stop"}],
            "usage":{"prompt_tokens":210,"completion_tokens":144,"total_tokens":354,"prompt_tokens_details":{"cached_tokens":128} } }
            """);
        Assert.True(OpenAIChatResponseReader.TryRead(chat, OpenAIChatDialect.Default, out var response, out _));
        var output = new ArrayBufferWriter<byte>();
        WireFormats.For(protocol).WriteResponse(response!, Options, output, new LossList());
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Stream(Protocol protocol)
    {
        var chat = new StringBuilder();
        for (var i = 0; i < Events; i++)
            chat.Append($$$"""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{"content":"word{{{i:000}}} "},"finish_reason":null}]}""").Append("\n\n");
        chat.Append("""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""").Append("\n\n");
        chat.Append("""data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"m","choices":[],"usage":{"prompt_tokens":210,"completion_tokens":297,"total_tokens":507}}""").Append("\n\ndata: [DONE]\n\n");
        var output = new ArrayBufferWriter<byte>();
        var reader = new OpenAIChatStreamReader(WireFormats.For(protocol).CreateStreamWriter(output, Options, new LossList()), OpenAIChatDialect.Default);
        using var cut = new SseReader();
        cut.Feed(Encoding.UTF8.GetBytes(chat.ToString()), new Feeding(reader));
        reader.Complete();
        return output.WrittenSpan.ToArray();
    }

    private sealed class Feeding(IStreamReader reader) : ISseHandler
    {
        public void OnEvent(in SseEvent e)
        {
            if (e.HasData)
                reader.OnEvent(e);
        }
    }
}
