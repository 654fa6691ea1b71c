using System.Buffers;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Recorded requests of one protocol's clients sent to vendors of the other: plausible there, and equal in meaning but for the losses.</summary>
public sealed class RequestTests
{
    public static TheoryData<string> Chat { get; } = Corpus.Ids("openai-chat", e => e is { RequestBody: not null, Status: 200 });

    public static TheoryData<string> Messages { get; } = Corpus.Ids("anthropic-messages", e => e is { RequestBody: not null, Status: 200 });

    [Theory]
    [MemberData(nameof(Chat))]
    public void A_chat_request_is_plausible_and_the_same_for_a_messages_vendor(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        if (!OpenAIChatRequestReader.TryRead(body, out var request, out _))
            return; // not a chat request (embeddings, completions)
        var losses = new LossList();
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesRequestWriter.Write(request!, AnthropicMessagesDialect.Default, "m", output, losses);
        AnthropicMessagesRequestLegality.Check(JsonNode.Parse(output.WrittenSpan)!.AsObject());
        Assert.True(AnthropicMessagesRequestReader.TryRead(output.WrittenMemory, out var read, out var error), error?.Message);
        if (!Moves(losses))
            Assert.Equal(Meaning.Of(request!), Meaning.Of(read!));
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void A_messages_request_is_plausible_and_the_same_for_a_chat_vendor(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        Assert.True(AnthropicMessagesRequestReader.TryRead(body, out var request, out var error), error?.Message);
        var losses = new LossList();
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatRequestWriter.Write(request!, OpenAIChatDialect.Default, "m", output, losses);
        Assert.True(OpenAIChatRequestReader.TryRead(output.WrittenMemory, out var read, out error), error?.Message);
        if (!Moves(losses))
            Assert.Equal(Meaning.Of(request!), Meaning.Of(read!));

        // And back to where it came from.
        output = new ArrayBufferWriter<byte>();
        AnthropicMessagesRequestWriter.Write(read!, AnthropicMessagesDialect.Default, "m", output, new LossList());
        AnthropicMessagesRequestLegality.Check(JsonNode.Parse(output.WrittenSpan)!.AsObject());
    }

    // Losses that change where or what is said, as the loss list then tells the client.
    private static bool Moves(LossList losses) => losses.Rules.Any(rule => !Silent.Contains(rule.Field));

    private static readonly HashSet<string> Silent = new(StringComparer.Ordinal)
    {
        "reasoning_effort", "frequency_penalty", "presence_penalty", "seed", "n", "logprobs", "logit_bias", "user", "metadata", "service_tier", "prompt_cache_key", "verbosity", "temperature", "top_p",
        "top_k", "messages[].reasoning", "response_format.json_schema.name", "response_format=json_object", "tools[].function.strict", "cache_control", "thinking", "thinking.signature",
        "thinking.budget_tokens", "thinking.display", "redacted_thinking", "tools (server)", "tools.strict", "store", "stream_options", "container", "mcp_servers", "context_management", "max_tokens",
        "messages[].content[].image_url.detail", "citations", "document.context", "tools[].defer_loading",
    };
}
