using System.Text;
using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Oracle;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Tests.Conformance;

/// <summary>The oracle says no where it must: one that is too kind would prove nothing.</summary>
public sealed class OracleTests
{
    private static readonly Fact[] Asked = [new("system", "Be brief."), new("user.text", "One."), new("assistant.text", "Two."), new("user.text", "Three."), new("seed", "7"), new("stop", "END")];

    [Fact]
    public void What_arrives_as_it_was_said_differs_in_nothing() => Assert.True(FactDiff.Between(Asked, [.. Asked, new Fact("max_tokens", "4096")]).IsEmpty);

    [Fact]
    public void Whatever_does_not_arrive_is_missing()
    {
        foreach (var fact in Asked)
            Assert.Contains(fact.Name, FactDiff.Between(Asked, Asked.Where(f => f != fact)).Missing.Select(f => f.Name));
    }

    [Fact]
    public void What_nobody_asked_for_is_extra() => Assert.Equal("choice", Assert.Single(FactDiff.Between(Asked, [.. Asked, new Fact("choice", "required")]).Extra).Name);

    [Fact]
    public void Another_value_is_missing_and_extra()
    {
        var diff = FactDiff.Between(Asked, Asked.Select(f => f.Name == "seed" ? f with { Value = "8" } : f));
        Assert.Equal(("7", "8"), (Assert.Single(diff.Missing).Value, Assert.Single(diff.Extra).Value));
    }

    [Fact]
    public void Another_order_of_what_is_said_is_seen() => Assert.True(FactDiff.Between(Asked, [Asked[0], Asked[3], Asked[2], Asked[1], Asked[4], Asked[5]]).IsReordered);

    [Fact]
    public void A_text_cut_in_two_is_the_same_text() =>
        Assert.True(FactDiff.Between([new Fact("user.text", "One."), new Fact("user.text", "Two.")], [new Fact("user.text", "One.\n\nTwo.")]).IsEmpty);

    [Fact]
    public void White_space_that_was_said_matters() =>
        Assert.False(FactDiff.Between([new Fact("user.text", "a\tb")], [new Fact("user.text", "a b")]).IsEmpty);

    [Theory]
    [InlineData("seed, ~temperature", "seed", true)]
    [InlineData("~generationConfig.topK", "top_k", true)]
    [InlineData("presence_penalty", "n", false)]
    [InlineData("seed, n", "n", true)]
    [InlineData("", "seed", false)]
    public void A_loss_is_named_by_its_field_in_any_spelling(string header, string word, bool isNamed) => Assert.Equal(isNamed, LossWords.Name(header, [word]));

    [Theory]
    [InlineData("message_stop", "no message_stop or no stop reason")]
    [InlineData("content_block_stop", "message_delta within a block")]
    [InlineData("content_block_start", "a delta of a block that is not open")]
    [InlineData("message_start", "content_block_start before message_start")]
    public void A_messages_stream_without_one_of_its_events_is_illegal(string left, string fault)
    {
        string[] events =
        [
            """{"type":"message_start","message":{"model":"m","usage":{"input_tokens":1,"output_tokens":1}}}""",
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""",
            """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}""",
            """{"type":"content_block_stop","index":0}""",
            """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":2}}""",
            """{"type":"message_stop"}""",
        ];

        Assert.Empty(Messages(events).Faults);
        Assert.Contains(fault, Messages(events.Where(e => !e.Contains($"\"{left}\"", StringComparison.Ordinal))).Faults);
    }

    [Fact]
    public void A_chat_stream_without_its_end_is_illegal()
    {
        const string Chunk = """data: {"id":"a","object":"chat.completion.chunk","model":"m","choices":[{"index":0,"delta":{"content":"Hi"},"finish_reason":"stop"}]}""";

        Assert.Empty(new ChatClient().ReadStream(Encoding.UTF8.GetBytes(Chunk + "\n\ndata: [DONE]\n\n")).Faults);
        Assert.Equal(["no [DONE]"], new ChatClient().ReadStream(Encoding.UTF8.GetBytes(Chunk + "\n\n")).Faults);
    }

    [Fact]
    public void A_responses_stream_whose_whole_is_not_its_items_is_illegal()
    {
        const string Item = """{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[]}]}""";
        string[] events =
        [
            """{"type":"response.created","sequence_number":0,"response":{}}""",
            $$"""{"type":"response.output_item.done","sequence_number":1,"item":{{Item}}}""",
            $$$"""{"type":"response.completed","sequence_number":2,"response":{"status":"completed","output":[{{{Item}}}]}}""",
        ];

        Assert.Empty(Responses(events).Faults);
        Assert.Contains("the whole response has other items than the stream", Responses([events[0], events[1], events[2].Replace("Hi", "Ho", StringComparison.Ordinal)]).Faults);
        Assert.Contains("sequence number 2 where 1 was due", Responses([events[0], events[2]]).Faults);
    }

    [Fact]
    public void Each_protocol_knows_its_own_error_envelope_only()
    {
        var anthropic = JsonNode.Parse("""{"type":"error","error":{"type":"rate_limit_error","message":"Slow down."}}""");
        var openai = JsonNode.Parse("""{"error":{"message":"Slow down.","type":"requests","param":null,"code":null}}""");
        var gemini = JsonNode.Parse("""{"error":{"code":429,"message":"Slow down.","status":"RESOURCE_EXHAUSTED"}}""");
        (IClient Client, JsonNode? Own)[] all = [(new ChatClient(), openai), (new ResponsesClient(), openai), (new MessagesClient(), anthropic), (new GeminiClient(), gemini)];
        foreach (var (client, own) in all)
        {
            Assert.Null(client.ReadError(429, own).Fault);
            foreach (var other in ((JsonNode?[])[anthropic, openai, gemini]).Where(e => e != own))
                Assert.NotNull(client.ReadError(429, other).Fault);
        }
    }

    private static Heard Messages(IEnumerable<string> events) =>
        new MessagesClient().ReadStream(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"event: {(string?)JsonNode.Parse(e)!["type"]}\ndata: {e}\n\n"))));

    private static Heard Responses(IEnumerable<string> events) => new ResponsesClient().ReadStream(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e}\n\n"))));
}
