using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire.OpenAIChat;

public sealed class RequestTests
{
    private static readonly OpenAIChatDialect Rich = new() { VideoParts = true, CacheControl = true, TopK = true };

    public static TheoryData<string> Recorded => Corpus.Ids("openai-chat", e => e.RequestBody is not null);

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_request_keeps_its_meaning(string id)
    {
        var exchange = Corpus.Get(id);
        var expected = JsonMeaning.Parse(exchange.RequestBody).AsObject();
        var dialect = DialectOf(expected);
        Normalise(expected);
        Assert.True(OpenAIChatRequestReader.TryRead(exchange.RequestBody, out var request, out var error), error?.Message);
        var losses = new LossList();
        JsonMeaning.AssertSame(expected, Write(request!, dialect, losses), exchange.ToString());
        Assert.Equal("", string.Join(", ", losses.Rules.Select(r => r.Field)));
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_request_is_scanned(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        var scan = new RequestScan();
        Assert.True(OpenAIChatScan.TryScan(body, scan, out var error), error?.Message);
        var json = JsonMeaning.Parse(body).AsObject();
        Assert.Equal(json["model"]!.GetValue<string>(), scan.Model);
        Assert.Equal(json["stream"]?.GetValue<bool>() ?? false, scan.Stream);
        Assert.Equal(json["messages"]!.AsArray().Count, scan.TurnCount);
        Assert.Equal(json["tools"]?.AsArray().Count ?? json["functions"]?.AsArray().Count ?? 0, scan.ToolCount);
        Assert.NotEqual(0UL, scan.PrefixHash);
        Assert.Equal(json.Select(p => p.Key), scan.Fields.Select(f => Encoding.UTF8.GetString(body.AsSpan(f.NameStart + 1, f.NameLength - 2))));
        Assert.All(scan.Fields, f => JsonNode.Parse(body.AsSpan(f.ValueStart, f.ValueLength)));
    }

    [Fact]
    public void The_prefix_stays_the_same_over_turns_and_cache_breakpoints()
    {
        var first = Scan("""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"u"}]}""").PrefixHash;
        Assert.Equal(first, Scan("""{"messages":[{"role":"system","content":"s"},{"content":[{"type":"text","text":"u","cache_control":{"type":"ephemeral"}}],"role":"user"},{"role":"assistant","content":"a"},{"role":"user","content":"v"}]}""").PrefixHash);
        Assert.NotEqual(first, Scan("""{"messages":[{"role":"system","content":"s"},{"role":"user","content":"w"}]}""").PrefixHash);
    }

    [Theory]
    [InlineData("""{"messages":[],"stop":["a"]}""", RequestFeatures.StopSequences)]
    [InlineData("""{"messages":[],"stop":null}""", RequestFeatures.None)]
    [InlineData("""{"messages":[],"tools":[{"type":"function","function":{"name":"f"}}],"tool_choice":"required","parallel_tool_calls":false}""", RequestFeatures.Tools | RequestFeatures.ForcedTool | RequestFeatures.SingleToolCall)]
    [InlineData("""{"messages":[],"response_format":{"type":"json_schema","json_schema":{"schema":{}}},"n":2,"logprobs":true}""", RequestFeatures.JsonSchema | RequestFeatures.SeveralChoices | RequestFeatures.LogProbs)]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"https://x/y"}}]}],"reasoning_effort":"low"}""", RequestFeatures.Images | RequestFeatures.MediaByUrl | RequestFeatures.Reasoning)]
    public void Features_are_seen(string body, RequestFeatures features) => Assert.Equal(features, Scan(body).Features);

    [Theory]
    [InlineData("""{"messages":[{"role":"user","content":5}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text"}]}]}""", "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"wizard","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"tool","content":"x"}]}""", "messages[0].tool_call_id")]
    [InlineData("""{"messages":[{"role":"assistant","tool_calls":[{"id":"a","function":{}}]}]}""", "messages[0].tool_calls[0].function.name")]
    [InlineData("""{"messages":[],"temperature":"hot"}""", "temperature")]
    [InlineData("""{"messages":[],"tools":[{"type":"function","function":{}}]}""", "tools[0].function.name")]
    [InlineData("""{"model":"m"}""", "messages")]
    public void A_fault_is_named_by_its_path(string body, string path)
    {
        Assert.False(OpenAIChatRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out _, out var error));
        Assert.Equal((path, ErrorClass.InvalidRequest), (error!.Param, error.Class));
        Assert.StartsWith(path + ":", error.Message);
    }

    [Fact]
    public void Mutated_requests_never_throw()
    {
        var seeds = Corpus.All("openai-chat").Where(e => e.RequestBody is { Length: < 20_000 }).Select(e => e.RequestBody!).ToList();
        var random = new Random(7);
        var scan = new RequestScan();
        for (var i = 0; i < 20_000; i++)
        {
            var body = seeds[random.Next(seeds.Count)].ToArray();
            for (var n = random.Next(1, 5); n > 0; n--)
                body[random.Next(body.Length)] = (byte)"\"{}[],:0ntu\\\u0080x"[random.Next(14)];
            scan.Reset();
            OpenAIChatScan.TryScan(body, scan, out _);
            if (OpenAIChatRequestReader.TryRead(body, out var request, out _))
                JsonMeaning.Parse(Bytes(request!, Rich, new LossList()));
        }
    }

    [Fact]
    public void A_call_without_a_result_is_answered_and_a_result_without_a_call_becomes_text()
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages };
        request.Turns.Add(new Turn(Role.User) { Blocks = { new TextBlock("q") } });
        request.Turns.Add(new Turn(Role.Assistant) { Blocks = { new ToolCallBlock { Id = "a", Name = "f" }, new ToolCallBlock { Id = "b", Name = "g" } } });
        request.Turns.Add(new Turn(Role.User) { Blocks = { Result("b", "two"), Result("z", "lost"), new TextBlock("go on") } });
        var losses = new LossList();
        var messages = Write(request, OpenAIChatDialect.Default, losses)["messages"]!.AsArray();
        Assert.Equal(["user", "assistant", "tool b two", "tool a (no result)", "user"], messages.Select(m => m!["tool_call_id"] is { } id ? $"tool {id} {m["content"]}" : m["role"]!.GetValue<string>()));
        Assert.Contains("lost", messages[4]!.ToJsonString());
        Assert.Contains("go on", messages[4]!.ToJsonString());
        Assert.Equal(["tool_use.id", "tool_result.tool_use_id"], losses.Rules.Select(r => r.Field));
    }

    [Fact]
    public void A_failed_result_says_so_and_its_picture_moves_behind_all_results()
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages };
        request.Turns.Add(new Turn(Role.Assistant) { Blocks = { new ToolCallBlock { Id = "a", Name = "f" }, new ToolCallBlock { Id = "b", Name = "g" } } });
        var first = Result("a", "no such file");
        first.IsError = true;
        first.Content.Add(new MediaBlock(MediaKind.Image) { MediaType = "image/png", Data = "QUJD" });
        request.Turns.Add(new Turn(Role.User) { Blocks = { first, Result("b", "ok") } });
        var losses = new LossList();
        var messages = Write(request, OpenAIChatDialect.Default, losses)["messages"]!.AsArray();
        Assert.Equal(["assistant", "tool", "tool", "user"], messages.Select(m => m!["role"]!.GetValue<string>()));
        Assert.StartsWith("Error: no such file", messages[1]!["content"]!.GetValue<string>());
        Assert.Equal("data:image/png;base64,QUJD", messages[3]!["content"]![1]!["image_url"]!["url"]!.GetValue<string>());
        Assert.Equal("tool_result.is_error, tool_result.content", string.Join(", ", losses.Rules.Select(r => r.Field)));
    }

    [Theory]
    [InlineData(ToolCallIds.FortyCharacters, "functions.a_tool_with_a_very_long_name_indeed:0", 21)]
    [InlineData(ToolCallIds.NineAlphanumeric, "toolu_01ABC", 9)]
    public void Ids_become_legal_and_still_pair(ToolCallIds rule, string id, int length)
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages };
        request.Turns.Add(new Turn(Role.Assistant) { Blocks = { new ToolCallBlock { Id = id, Name = "f" } } });
        request.Turns.Add(new Turn(Role.User) { Blocks = { Result(id, "ok") } });
        var messages = Write(request, new OpenAIChatDialect { ToolCallIds = rule }, new LossList())["messages"]!;
        var written = messages[0]!["tool_calls"]![0]!["id"]!.GetValue<string>();
        Assert.Equal(length, written.Length);
        Assert.Equal(written, messages[1]!["tool_call_id"]!.GetValue<string>());
    }

    [Theory]
    [InlineData(ReasoningHistory.ReasoningContent, """{"reasoning_content":"why"}""")]
    [InlineData(ReasoningHistory.Reasoning, """{"reasoning":"why"}""")]
    [InlineData(ReasoningHistory.ReasoningDetails, """{"reasoning_details":[{"type":"reasoning.text","text":"why","signature":"SIG","format":"anthropic-claude-v1","index":0}]}""")]
    [InlineData(ReasoningHistory.ThinkingParts, """{"content":[{"type":"thinking","thinking":[{"type":"text","text":"why"}]},{"type":"text","text":"so"}]}""")]
    [InlineData(ReasoningHistory.InlineThink, """{"content":[{"type":"text","text":"<think>\nwhy\n</think>\n\n"},{"type":"text","text":"so"}]}""")]
    [InlineData(ReasoningHistory.None, "{}")]
    public void Thoughts_go_back_as_the_vendor_takes_them(ReasoningHistory history, string fields)
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages };
        request.Turns.Add(new Turn(Role.Assistant) { Blocks = { new ReasoningBlock { Text = "why", Signature = "SIG" }, new TextBlock("so") } });
        var losses = new LossList();
        var expected = new JsonObject { ["role"] = "assistant", ["content"] = "so" };
        foreach (var (name, value) in JsonNode.Parse(fields)!.AsObject())
            expected[name] = value?.DeepClone();
        JsonMeaning.AssertSame(expected, Write(request, new OpenAIChatDialect { HistoryReasoning = history }, losses)["messages"]![0], history.ToString());
        Assert.Equal(history != ReasoningHistory.ReasoningDetails, !losses.IsEmpty);
    }

    [Theory]
    [InlineData(ThinkingSwitch.ReasoningEffort, """{"reasoning_effort":"medium"}""")]
    [InlineData(ThinkingSwitch.ThinkingType, """{"thinking":{"type":"enabled"},"reasoning_effort":"medium"}""")]
    [InlineData(ThinkingSwitch.EnableThinking, """{"enable_thinking":true,"thinking_budget":9000}""")]
    [InlineData(ThinkingSwitch.ReasoningObject, """{"reasoning":{"max_tokens":9000}}""")]
    [InlineData(ThinkingSwitch.None, "{}")]
    public void A_thinking_budget_is_said_in_the_vendors_switch(ThinkingSwitch thinking, string fields)
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages, Reasoning = new ReasoningRequest { Mode = ReasoningMode.Enabled, BudgetTokens = 9000 } };
        var written = Write(request, new OpenAIChatDialect { ThinkingSwitch = thinking }, new LossList());
        written.Remove("model");
        written.Remove("messages");
        JsonMeaning.AssertSame(JsonNode.Parse(fields), written, thinking.ToString());
    }

    [Fact]
    public void A_schema_that_the_vendor_does_not_enforce_is_told_and_reported_as_bounding()
    {
        var body = """{"messages":[{"role":"system","content":"s"},{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"n","schema":{"type":"object"}}}}"""u8.ToArray();
        Assert.True(OpenAIChatRequestReader.TryRead(body, out var request, out _));
        var losses = new LossList();
        var written = Write(request!, new OpenAIChatDialect { StructuredOutput = StructuredOutput.JsonObject }, losses);
        Assert.Equal("json_object", written["response_format"]!["type"]!.GetValue<string>());
        Assert.Contains("{\"type\":\"object\"}", written["messages"]![1]!["content"]!.GetValue<string>());
        Assert.True(Assert.Single(losses.Rules).Bounds);
    }

    [Fact]
    public void A_choice_among_no_tools_is_left_out()
    {
        var request = new CanonicalRequest { Origin = Protocol.AnthropicMessages, ToolChoice = new ToolChoice(ToolChoiceMode.Auto), ParallelToolCalls = false };
        request.Tools.Add(new Tool { Kind = ToolKind.Server, Type = "web_search_20250305", Raw = RawJson.Parse("{}") });
        var losses = new LossList();
        var written = Write(request, OpenAIChatDialect.Default, losses);
        Assert.Equal(["model", "messages"], written.Select(p => p.Key));
        Assert.Equal("tools (server)", losses.ToString());
    }

    private static ToolResultBlock Result(string id, string text) => new() { CallId = id, Content = { new TextBlock(text) } };

    private static RequestScan Scan(string body)
    {
        var scan = new RequestScan();
        Assert.True(OpenAIChatScan.TryScan(Encoding.UTF8.GetBytes(body), scan, out _));
        return scan;
    }

    private static byte[] Bytes(CanonicalRequest request, OpenAIChatDialect dialect, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatRequestWriter.Write(request, dialect, request.Model, output, losses);
        return output.WrittenSpan.ToArray();
    }

    private static JsonObject Write(CanonicalRequest request, OpenAIChatDialect dialect, LossList losses) => JsonMeaning.Parse(Bytes(request, dialect, losses)).AsObject();

    // The dialect of a vendor that takes what the request says.
    private static OpenAIChatDialect DialectOf(JsonObject request)
    {
        var assistants = request["messages"]!.AsArray().Where(m => m!["role"]?.GetValue<string>() == "assistant").ToList();
        bool Has(string field) => assistants.Exists(m => m![field] is not null);
        return Rich with
        {
            MaxTokensField = request["max_tokens"] is null ? MaxTokensField.MaxCompletionTokens : MaxTokensField.MaxTokens,
            HistoryReasoning = Has("reasoning_details") ? ReasoningHistory.ReasoningDetails : Has("reasoning_content") ? ReasoningHistory.ReasoningContent : Has("reasoning") ? ReasoningHistory.Reasoning : ReasoningHistory.None,
            ThinkingSwitch = request["thinking"] is not null ? ThinkingSwitch.ThinkingType : request["enable_thinking"] is not null ? ThinkingSwitch.EnableThinking : request["reasoning"] is not null ? ThinkingSwitch.ReasoningObject : ThinkingSwitch.ReasoningEffort,
            EffortWords = request["thinking"] is not null && request["reasoning_effort"] is null ? [] : OpenAIChatDialect.Default.EffortWords,
        };
    }

    // The normalisations that the reader documents.
    private static void Normalise(JsonObject request)
    {
        if (request["stream"]?.GetValue<bool>() == true)
            request["stream_options"] = new JsonObject { ["include_usage"] = true };
        else
        {
            request.Remove("stream");
            request.Remove("stream_options");
        }

        if (request["functions"] is JsonArray functions)
        {
            request["tools"] = new JsonArray([.. functions.Select(f => new JsonObject { ["type"] = "function", ["function"] = f!.DeepClone() })]);
            request.Remove("functions");
        }

        if (request["function_call"] is { } call)
        {
            request["tool_choice"] = call.DeepClone();
            request.Remove("function_call");
        }

        if (request["tools"] is JsonArray { Count: 0 })
            request.Remove("tools");
        if (request["stop"] is JsonValue stop)
            request["stop"] = new JsonArray(stop.DeepClone());
        foreach (var message in request["messages"]!.AsArray())
        {
            if (message!["role"]!.GetValue<string>() == "assistant" && message["content"] is JsonValue content && content.GetValue<string>().Length == 0 && message["tool_calls"] is not null)
                message.AsObject().Remove("content");
            if (message["reasoning_details"] is not null || message["reasoning_content"] is not null)
                message.AsObject().Remove("reasoning"); // the same thoughts, said twice
        }
    }
}
