using System.Buffers;
using System.Text;
using Trivet.Benchmarks.Targets;
using Trivet.Benchmarks.Vendor;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Requests;

namespace Trivet.Benchmarks.Load;

/// <summary>
/// The scenarios of <c>translate</c>: every client protocol in front of an upstream that speaks one other protocol only. The parsing forwarder gets the same
/// request and the same upstream's answer, parses both and every event, and writes them again as they are: it does not translate, so it is a floor.
/// </summary>
internal static class Directions
{
    private static readonly Protocol[] Protocols = [Protocol.OpenAIChat, Protocol.OpenAIResponses, Protocol.AnthropicMessages, Protocol.Gemini];
    private static readonly string[] Targets = [TargetNames.Parsing, TargetNames.Trivet];

    public static Scenario[] Make() =>
        [.. Protocols.SelectMany(client => Protocols.Where(upstream => upstream != client).SelectMany(upstream => Of(client, upstream)))];

    private static IEnumerable<Scenario> Of(Protocol client, Protocol upstream)
    {
        var small = Conversation(Encoding.UTF8.GetBytes(
            $$"""{"model":"m","max_tokens":1024,"temperature":0.7,"system":"You are a helpful assistant.","messages":[{"role":"user","content":"{{Scenarios.Question}}"}]}"""));
        var agent = Conversation(AgentBody.Make("m"));
        var name = $"{VendorModels.Word(client)}-{VendorModels.Word(upstream)}";
        yield return Make(name + "-plain", "not streamed", small, "plain", stream: false) with { Requests = 4000, WarmUp = 4000, Concurrency = 16 };
        yield return Make(name + "-burst", "stream of about 100 events, all at once", small, "burst", stream: true) with { Requests = 1500, WarmUp = 1500, Concurrency = 16 };
        yield return Make(name + "-paced", "the same, one event every 10 ms", small, "paced", stream: true) with { Requests = 100, WarmUp = 100, Concurrency = 50 };
        yield return Make(name + "-agent", "88 kB request of a coding agent, not streamed", agent, "plain", stream: false) with { Requests = 800, WarmUp = 1500, Concurrency = 16 };

        Scenario Make(string scenario, string what, CanonicalRequest conversation, string shape, bool stream)
        {
            var model = VendorModels.Only(upstream, shape);
            return new Scenario
            {
                Name = scenario,
                What = $"{client} client, {upstream} upstream, {what}",
                Baseline = TargetNames.Parsing,
                Targets = Targets,
                Request = Scenarios.Post(PathOf(client, model, stream), Body(client, conversation, model, stream), HeadersOf(client)),
                Check = AnswerCheck.AtLeast(!stream ? VendorAnswers.PlainWords : upstream == Protocol.AnthropicMessages ? VendorAnswers.MessagesStreamWords : VendorAnswers.ChatStreamWords),
                Requests = 0,
                WarmUp = 0,
                Concurrency = 0,
            };
        }
    }

    private static CanonicalRequest Conversation(byte[] messages) =>
        AnthropicMessagesRequestReader.TryRead(messages, out var request, out var error) ? request! : throw new InvalidOperationException(error!.Message);

    private static byte[] Body(Protocol client, CanonicalRequest conversation, string model, bool stream)
    {
        conversation.Stream = stream;
        var output = new ArrayBufferWriter<byte>();
        switch (client)
        {
            case Protocol.OpenAIChat:
                OpenAIChatRequestWriter.Write(conversation, OpenAIChatDialect.Default, model, output, new LossList());
                break;
            case Protocol.OpenAIResponses:
                OpenAIResponsesRequestWriter.Write(conversation, OpenAIResponsesDialect.Default, model, output, new LossList());
                break;
            case Protocol.AnthropicMessages:
                AnthropicMessagesRequestWriter.Write(conversation, AnthropicMessagesDialect.Default, model, output, new LossList());
                break;
            default:
                GeminiRequestWriter.Write(conversation, GeminiDialect.Default, model, output, new LossList());
                break;
        }

        return output.WrittenSpan.ToArray();
    }

    private static string PathOf(Protocol client, string model, bool stream) => client switch
    {
        Protocol.OpenAIChat => "/v1/chat/completions",
        Protocol.OpenAIResponses => "/v1/responses",
        Protocol.AnthropicMessages => "/v1/messages",
        _ => $"/v1beta/models/{model}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}",
    };

    private static string HeadersOf(Protocol client) => client switch
    {
        Protocol.AnthropicMessages => Scenarios.MessagesHeaders,
        Protocol.Gemini => $"x-goog-api-key: {BenchKey.Value}\r\n",
        _ => $"Authorization: Bearer {BenchKey.Value}\r\n",
    };
}
