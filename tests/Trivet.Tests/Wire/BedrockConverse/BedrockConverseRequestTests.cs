using System.Buffers;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.CrossProtocol;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.BedrockConverse;
using Trivet.Wire.BedrockConverse.Requests;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.BedrockConverse;

public sealed class BedrockConverseRequestTests
{
    private readonly LossList _losses = new();

    public static TheoryData<string> Recorded { get; } = [.. ((string[])["openai-chat", "openai-responses", "anthropic-messages", "gemini"])
        .SelectMany(protocol => Corpus.Ids(protocol, exchange => exchange.RequestBody is not null)).Select(row => row.Data)];

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_request_of_any_protocol_has_the_documented_shape(string id)
    {
        var exchange = Corpus.Get(id);
        var door = WireDoor.All.Single(door => id.StartsWith(door.Protocol switch { Protocol.OpenAIChat => "openai-chat", Protocol.OpenAIResponses => "openai-responses", Protocol.Gemini => "gemini", _ => "anthropic" }, StringComparison.Ordinal));
        CanonicalRequest request;
        try
        {
            request = door.ReadRequest(exchange.RequestBody);
        }
        catch (InvalidDataException)
        {
            return; // not a request of this door
        }

        Write(request);
    }

    [Fact]
    public void Instructions_stand_apart_and_limits_in_their_own_object() => AssertMessages(
        """{"model":"m","max_tokens":5,"temperature":2,"stop_sequences":["x"],"top_k":4,"system":"s","messages":[{"role":"user","content":"u"}]}""",
        """
        {"messages":[{"role":"user","content":[{"text":"u"}]}],"system":[{"text":"s"}],
        "inferenceConfig":{"maxTokens":5,"temperature":1,"stopSequences":["x"]},"additionalModelRequestFields":{"top_k":4}}
        """);

    [Fact]
    public void Calls_and_results_pair_by_legal_ids_and_failures_say_so() => AssertMessages(
        """
        {"model":"m","max_tokens":5,"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{"x":1}},{"type":"tool_use","id":"b","name":"f","input":{}}]},
        {"role":"user","content":[{"type":"tool_result","tool_use_id":"b","content":"no","is_error":true},{"type":"tool_result","tool_use_id":"a","content":"yes"},{"type":"text","text":"next"}]}],
        "tools":[{"name":"f","description":"d","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}}
        """,
        """
        {"messages":[{"role":"user","content":[{"text":"u"}]},{"role":"assistant","content":[{"toolUse":{"toolUseId":"a","name":"f","input":{"x":1}}},{"toolUse":{"toolUseId":"b","name":"f","input":{}}}]},
        {"role":"user","content":[{"toolResult":{"toolUseId":"a","content":[{"text":"yes"}]}},{"toolResult":{"toolUseId":"b","content":[{"text":"no"}],"status":"error"}},{"text":"next"}]}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"f","description":"d","inputSchema":{"json":{"type":"object"}}}}],"toolChoice":{"any":{}}},"inferenceConfig":{"maxTokens":5}}
        """);

    [Fact]
    public void A_text_document_in_a_tool_result_stays_in_the_result_and_nothing_is_lost()
    {
        var written = Write(WireDoor.Messages.ReadRequest("""
            {"model":"m","max_tokens":5,"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text","text":"see"},{"type":"document","title":"notes","source":{"type":"text","media_type":"text/plain","data":"hello"}}]}]}],
            "tools":[{"name":"f","input_schema":{"type":"object"}}]}
            """u8.ToArray()));

        var result = written["messages"]![2]!["content"]!.AsArray();
        Assert.Equal("hello", System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)Assert.Single(result)!["toolResult"]!["content"]![1]!["document"]!["source"]!["bytes"]!)));
        Assert.True(_losses.IsEmpty, _losses.ToString());
    }

    [Fact]
    public void An_illegal_id_becomes_the_same_legal_one_in_call_and_result()
    {
        var written = Write(WireDoor.Chat.ReadRequest("""
            {"model":"m","messages":[{"role":"user","content":"u"},{"role":"assistant","tool_calls":[{"id":"functions.f:0","type":"function","function":{"name":"f","arguments":"{}"}}]},
            {"role":"tool","tool_call_id":"functions.f:0","content":"r"}]}
            """u8.ToArray()));
        Assert.Equal((string?)written["messages"]![1]!["content"]![0]!["toolUse"]!["toolUseId"], (string?)written["messages"]![2]!["content"]![0]!["toolResult"]!["toolUseId"]);
        Assert.Equal("f", (string?)written["toolConfig"]!["tools"]![0]!["toolSpec"]!["name"]); // nothing was offered, and calls need it
        Assert.Contains(BedrockConverseLosses.CallIds, _losses.Rules);
        Assert.Contains(BedrockConverseLosses.HistoryTools, _losses.Rules);
    }

    [Fact]
    public void Breakpoints_stand_behind_what_they_were_set_on() => AssertMessages(
        """
        {"model":"m","max_tokens":5,"system":[{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"u","cache_control":{"type":"ephemeral"}}]}],
        "tools":[{"name":"f","input_schema":{"type":"object"},"cache_control":{"type":"ephemeral"}}]}
        """,
        """
        {"messages":[{"role":"user","content":[{"text":"u"},{"cachePoint":{"type":"default"}}]}],"system":[{"text":"s"},{"cachePoint":{"type":"default"}}],
        "toolConfig":{"tools":[{"toolSpec":{"name":"f","inputSchema":{"json":{"type":"object"}}}},{"cachePoint":{"type":"default"}}]},"inferenceConfig":{"maxTokens":5}}
        """);

    [Fact]
    public void Signed_thoughts_go_back_and_anothers_do_not()
    {
        const string body = """
            {"model":"m","max_tokens":5,"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"thinking","thinking":"t","signature":"c2ln"},{"type":"redacted_thinking","data":"cmVk"},{"type":"text","text":"a"}]},{"role":"user","content":"v"}]}
            """;
        var own = Messages(body);
        JsonMeaning.AssertSame(JsonNode.Parse("""[{"reasoningContent":{"reasoningText":{"text":"t","signature":"c2ln"}}},{"reasoningContent":{"redactedContent":"cmVk"}},{"text":"a"}]"""), Write(own)["messages"]![1]!["content"], "own");
        Assert.True(_losses.IsEmpty, _losses.ToString());
        foreach (var block in own.Turns[1].Blocks)
            block.OpaqueIsForeign = true;
        JsonMeaning.AssertSame(JsonNode.Parse("""[{"text":"a"}]"""), Write(own)["messages"]![1]!["content"], "foreign");
        Assert.Equal([BedrockConverseLosses.Reasoning], _losses.Rules);
    }

    [Fact]
    public void Pictures_and_documents_are_bytes_with_a_format_and_documents_have_names_and_a_text()
    {
        var content = Write(Messages("""
            {"model":"m","max_tokens":5,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"QUJD"}},
            {"type":"document","title":"a__b.pdf","source":{"type":"base64","media_type":"application/pdf","data":"QUJD"}},{"type":"document","title":"a__b.pdf","source":{"type":"text","media_type":"text/plain","data":"ABC"}}]}]}
            """))["messages"]![0]!["content"];
        JsonMeaning.AssertSame(JsonNode.Parse("""
            [{"text":"See the document."},{"image":{"format":"png","source":{"bytes":"QUJD"}}},{"document":{"format":"pdf","name":"a--b-pdf","source":{"bytes":"QUJD"}}},
            {"document":{"format":"txt","name":"a--b-pdf 2","source":{"bytes":"QUJD"}}}]
            """), content, "content");
    }

    [Theory]
    [InlineData(4096, 3072, 3072L)]
    [InlineData(2000, 3072, 1024L)]
    [InlineData(512, 3072, null)] // no room for the least of thoughts
    public void A_budget_of_thoughts_leaves_room_for_the_answer(int maxTokens, int budget, long? written)
    {
        var fields = Write(Messages($$$"""{"model":"m","max_tokens":{{{maxTokens}}},"thinking":{"type":"enabled","budget_tokens":{{{budget}}}},"messages":[{"role":"user","content":"u"}]}"""))["additionalModelRequestFields"];
        Assert.Equal(written, (long?)fields?["thinking"]?["budget_tokens"]);
        Assert.Equal(written is null, _losses.Rules.Contains(BedrockConverseLosses.Thinking));
    }

    [Fact]
    public void A_schema_of_the_answer_is_said_as_text()
    {
        var request = WireDoor.Chat.ReadRequest("""{"model":"m","messages":[{"role":"user","content":"u"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}"""u8.ToArray());
        JsonMeaning.AssertSame(JsonNode.Parse("""{"textFormat":{"type":"json_schema","structure":{"jsonSchema":{"schema":"{\"type\":\"object\"}","name":"n"}}}}"""), Write(request)["outputConfig"], "outputConfig");
        Assert.True(_losses.IsEmpty, _losses.ToString());
        Assert.Null(Write(request, BedrockConverseDialect.Default with { AcceptsJsonSchema = false })["outputConfig"]);
        Assert.Equal([BedrockConverseLosses.JsonSchema], _losses.Rules);
    }

    [Fact]
    public void No_tool_may_be_called_where_none_is_offered()
    {
        const string tools = "\"tools\":[{\"name\":\"f\",\"input_schema\":{\"type\":\"object\"}}],\"tool_choice\":{\"type\":\"none\"}";
        Assert.Null(Write(Messages($$"""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"u"}],{{tools}}}"""))["toolConfig"]);
        Assert.Equal([BedrockConverseLosses.NoTools], _losses.Rules);
        Write(Messages($$$"""{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"u"},{"role":"assistant","content":[{"type":"tool_use","id":"a","name":"f","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":"r"}]}],{{{tools}}}}"""));
        Assert.Contains(BedrockConverseLosses.ToolChoiceNone, _losses.Rules);
    }

    [Fact]
    public void Every_rule_is_in_the_table_once() => Assert.Equal(BedrockConverseLosses.All.Count, BedrockConverseLosses.All.Distinct().Count());

    private void AssertMessages(string asked, string expected) => JsonMeaning.AssertSame(JsonNode.Parse(expected), Write(Messages(asked)), "written");

    private static CanonicalRequest Messages(string body) => WireDoor.Messages.ReadRequest(System.Text.Encoding.UTF8.GetBytes(body));

    private JsonNode Write(CanonicalRequest request, BedrockConverseDialect? dialect = null)
    {
        var output = new ArrayBufferWriter<byte>();
        request.Aliases.Clear();
        BedrockConverseRequestWriter.Write(request, dialect ?? BedrockConverseDialect.Default, "m", output, _losses);
        var written = JsonNode.Parse(output.WrittenSpan)!;
        Assert.Empty(BedrockShape.Check(written));
        return written;
    }
}
