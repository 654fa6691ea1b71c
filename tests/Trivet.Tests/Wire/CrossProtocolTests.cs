using System.Buffers;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire;

/// <summary>Recorded exchanges of one protocol, seen by clients of the other: legal, and equal in meaning.</summary>
public sealed class CrossProtocolTests
{
    private static readonly ResponseWriterOptions Options = new() { FallbackId = "f", FallbackModel = "m", CreatedAt = 1_700_000_000, IncludeUsage = true, InputTokensEstimate = 10, ReasoningOrigin = "vendor" };

    public static TheoryData<string> ChatStreams => Corpus.Ids("openai-chat", e => e.Sse is not null);

    public static TheoryData<string> ChatBodies => Corpus.Ids("openai-chat", e => e.ResponseBody is not null && e.Status == 200);

    public static TheoryData<string> MessagesStreams => Corpus.Ids("anthropic-messages", e => e.Sse is not null);

    public static TheoryData<string> MessagesRequests => Corpus.Ids("anthropic-messages", e => e.RequestBody is not null && e.Status == 200);

    [Theory]
    [MemberData(nameof(ChatStreams))]
    public void A_chat_stream_reaches_a_messages_client(string id)
    {
        var exchange = Corpus.Get(id);
        var output = new ArrayBufferWriter<byte>();
        var folded = Read(exchange.Sse!, Protocol.OpenAIChat);
        Run(exchange.Sse!, new OpenAIChatStreamReader(new AnthropicMessagesStreamWriter(output, Options, new LossList()), OpenAIChatDialect.Default));
        Assert.Empty(AnthropicMessagesLegality.Check(output.WrittenSpan).Violations);
        var seen = Read(output.WrittenSpan.ToArray(), Protocol.AnthropicMessages);
        Assert.Equal(folded.Error is null, seen.Error is null);
        if (folded.Error is not null)
            return;
        if (folded.Response.Usage is null)
            seen.Response.Usage = null; // an estimate where the vendor said nothing
        JsonMeaning.AssertSame(Summary(folded.Response), Summary(seen.Response), exchange.ToString());
    }

    [Theory]
    [MemberData(nameof(MessagesStreams))]
    public void A_messages_stream_reaches_a_chat_client(string id)
    {
        var exchange = Corpus.Get(id);
        var output = new ArrayBufferWriter<byte>();
        var folded = Read(exchange.Sse!, Protocol.AnthropicMessages);
        Run(exchange.Sse!, new AnthropicMessagesStreamReader(new OpenAIChatStreamWriter(output, Options, new LossList()), AnthropicMessagesDialect.Default));
        OpenAIChatLegality.Check(output.WrittenSpan, usageAsked: true);
        var seen = Read(output.WrittenSpan.ToArray(), Protocol.OpenAIChat);
        Assert.Equal(folded.Error is null, seen.Error is null);
        if (folded.Error is not null)
            return;
        JsonMeaning.AssertSame(Summary(folded.Response), Summary(seen.Response), exchange.ToString());
        Assert.Equal(Signatures(folded.Response), Signatures(seen.Response));
    }

    [Theory]
    [MemberData(nameof(ChatBodies))]
    public void A_chat_answer_reaches_a_messages_client(string id)
    {
        var exchange = Corpus.Get(id);
        Assert.True(OpenAIChatResponseReader.TryRead(exchange.ResponseBody, OpenAIChatDialect.Default, out var response, out _));
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesResponseWriter.Write(response!, Options, output, new LossList());
        Assert.True(AnthropicMessagesResponseReader.TryRead(output.WrittenMemory, AnthropicMessagesDialect.Default, out var seen, out var error), error?.Message);
        JsonMeaning.AssertSame(Summary(response!), Summary(seen!), exchange.ToString());
    }

    [Theory]
    [MemberData(nameof(MessagesRequests))]
    public void A_messages_request_becomes_a_chat_request_in_which_every_call_is_answered(string id)
    {
        var exchange = Corpus.Get(id);
        Assert.True(AnthropicMessagesRequestReader.TryRead(exchange.RequestBody, out var request, out var error), error?.Message);
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatRequestWriter.Write(request!, OpenAIChatDialect.Default, "gpt", output, new LossList());
        var written = JsonMeaning.Parse(output.WrittenSpan).AsObject();
        var open = new List<string>();
        foreach (var message in written["messages"]!.AsArray())
        {
            var role = message!["role"]!.GetValue<string>();
            if (role == "tool")
                Assert.True(open.Remove(message["tool_call_id"]!.GetValue<string>()), "a result without a call");
            else
                Assert.Empty(open);
            foreach (var call in message["tool_calls"] as JsonArray ?? [])
                open.Add(call!["id"]!.GetValue<string>());
            Assert.True(message["content"] is not null || message["tool_calls"] is not null || message["refusal"] is not null, message.ToJsonString());
        }

        Assert.Empty(open);
        Assert.True(OpenAIChatRequestReader.TryRead(output.WrittenMemory, out var back, out error), error?.Message);
        var texts = string.Concat(Texts(back!)); // with a few of Trivet's own: labels of media that moved
        Assert.All(Texts(request!), text => Assert.Contains(text, texts));
        Assert.Equal(request!.MaxOutputTokens, back!.MaxOutputTokens);
    }

    private static IEnumerable<string> Texts(CanonicalRequest request) => request.Turns.SelectMany(t => t.Blocks).OfType<TextBlock>().Select(t => t.Text.ToString());

    private static string Signatures(CanonicalResponse response) =>
        string.Join(' ', response.Blocks.OfType<ReasoningBlock>().Where(r => !r.Signature.IsEmpty || !r.Encrypted.IsEmpty).Select(r => $"{r.Signature}{r.Encrypted}"));

    private static ResponseFolder Read(byte[] sse, Protocol protocol)
    {
        var folder = new ResponseFolder(protocol);
        Run(sse, protocol == Protocol.OpenAIChat ? new OpenAIChatStreamReader(folder, OpenAIChatDialect.Default) : new AnthropicMessagesStreamReader(folder, AnthropicMessagesDialect.Default));
        return folder;
    }

    private static void Run(byte[] sse, ISseHandler reader)
    {
        SseFeeding.Feed(sse, "split-1", reader);
        if (reader is OpenAIChatStreamReader chat)
            chat.Complete();
        else
            ((AnthropicMessagesStreamReader)reader).Complete();
    }

    // Ids are made legal on the way, refusals have no field of their own in Messages, and a stop sequence is a stop in Chat.
    private static JsonObject Summary(CanonicalResponse response) => new()
    {
        ["text"] = string.Concat(response.Blocks.Select(b => b switch { TextBlock t => t.Text.ToString(), RefusalBlock r => r.Text.ToString(), _ => "" })),
        ["thoughts"] = string.Concat(response.Blocks.OfType<ReasoningBlock>().Where(r => !r.IsRedacted).Select(r => r.Text.ToString())),
        ["calls"] = new JsonArray([.. response.Blocks.OfType<ToolCallBlock>().Where(c => c.Kind != ToolKind.Server)
            .Select(c => new JsonArray(c.Name.ToString(), JsonNode.Parse(c.Arguments.IsEmpty ? "{}"u8 : c.Arguments.Span)))]),
        ["stop"] = response.StopReason switch
        {
            StopReason.StopSequence or StopReason.PauseTurn => "EndTurn",
            StopReason.ContextWindow => "MaxTokens",
            StopReason.Refusal => "ContentFilter",
            var reason => reason.ToString(),
        },
        ["input"] = response.Usage?.InputTotal,
        ["cached"] = response.Usage?.CacheRead,
        ["output"] = response.Usage?.OutputTotal,
    };
}
