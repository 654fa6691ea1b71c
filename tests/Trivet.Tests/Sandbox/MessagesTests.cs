using System.Text;
using System.Text.Json.Nodes;
using Trivet.Sandbox;

namespace Trivet.Tests.Sandbox;

public sealed class MessagesTests
{
    private const string ReadTool = ""","tools":[{"name":"Read","description":"reads","input_schema":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}]""";
    private const string Thinking = ""","thinking":{"type":"enabled","budget_tokens":1024}""";

    [Fact]
    public async Task A_stream_has_the_vendors_grammar()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var events = await sandbox.MessagesStreamAsync("sandbox-chat", "[[think hm hm]] [[say yes sir]] [[tool Read {\"path\":\"a b c d e f\"}]]", ReadTool);

        Assert.All(events, e => Assert.Equal(e.Name, (string)JsonNode.Parse(e.Data)!["type"]!));
        Assert.Equal(
            "message_start content_block_start ping content_block_delta content_block_delta content_block_delta content_block_stop "
            + "content_block_start content_block_delta content_block_delta content_block_stop content_block_start",
            string.Join(' ', events.Take(12).Select(e => e.Name)));
        Assert.Equal("signature_delta", (string)JsonNode.Parse(events[5].Data)!["delta"]!["type"]!);
        Assert.Equal(["content_block_stop", "message_delta", "message_stop"], events.TakeLast(3).Select(e => e.Name));

        var json = events.Select(e => JsonNode.Parse(e.Data)!["delta"]!).Where(d => (string?)d?["type"] == "input_json_delta").Select(d => (string)d["partial_json"]!).ToList();
        Assert.Equal("", json[0]);
        Assert.True(json.Count > 2);
        Assert.Equal("""{"path":"a b c d e f"}""", string.Concat(json));
        Assert.Equal("tool_use", (string)JsonNode.Parse(events[^2].Data)!["delta"]!["stop_reason"]!);
    }

    [Fact]
    public async Task Stream_and_whole_and_chat_count_the_same_tokens()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string Text = "[[think one two three]] [[say four five]]";
        var whole = await sandbox.MessagesAsync("sandbox-chat", Text, ""","system":"be nice" """);
        var events = await sandbox.MessagesStreamAsync("sandbox-chat", Text, ""","system":[{"type":"text","text":"be"},{"type":"text","text":"nice"}]""");
        var chat = await sandbox.JsonAsync("/v1/chat/completions", $$"""{"model":"sandbox-chat","messages":[{"role":"system","content":"be nice"},{"role":"user","content":"{{Text}}"} ]}""");
        var final = JsonNode.Parse(events[^2].Data)!["usage"]!;

        Assert.Equal(whole["usage"]!.ToJsonString(), final.ToJsonString());
        Assert.Equal(5, (int)final["output_tokens"]!);
        Assert.Equal(3, (int)final["output_tokens_details"]!["thinking_tokens"]!);
        Assert.Equal((int)chat["usage"]!["prompt_tokens"]!, (int)final["input_tokens"]!);
        Assert.Equal((int)final["input_tokens"]!, (int)JsonNode.Parse(events[0].Data)!["message"]!["usage"]!["input_tokens"]!);
        Assert.Equal((int)chat["usage"]!["completion_tokens"]!, (int)final["output_tokens"]!);

        var count = await sandbox.JsonAsync("/v1/messages/count_tokens", $$"""{"model":"sandbox-chat","system":"be nice","messages":[{"role":"user","content":"{{Text}}"} ]}""");
        Assert.Equal((int)final["input_tokens"]!, (int)count["input_tokens"]!);
    }

    [Fact]
    public async Task A_signature_comes_back_valid_and_a_forged_or_foreign_one_is_rejected()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        await using var other = await SandboxClient.StartAsync(new SandboxOptions { Seed = 2 });
        var block = (await sandbox.MessagesAsync("sandbox-chat", "[[say hi]]", Thinking))["content"]![0]!;
        Assert.Equal("thinking", (string)block["type"]!);

        Assert.Equal("message", (string)(await Replay(sandbox, block))["type"]!);
        Assert.Equal("messages.1.content.0: Invalid `signature` in `thinking` block", (string)(await Replay(other, block))["error"]!["message"]!);
        block["thinking"] = "something else";
        Assert.Equal("messages.1.content.0: Invalid `signature` in `thinking` block", (string)(await Replay(sandbox, block))["error"]!["message"]!);
    }

    [Fact]
    public async Task Hidden_thinking_is_empty_but_signed_and_counted()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.MessagesAsync("sandbox-chat", "[[say hi]]", ""","thinking":{"type":"adaptive","display":"omitted"}""");
        var block = answer["content"]![0]!;
        Assert.Equal("", (string)block["thinking"]!);
        Assert.Equal(16, (int)answer["usage"]!["output_tokens_details"]!["thinking_tokens"]!);
        Assert.Equal("message", (string)(await Replay(sandbox, block))["type"]!);
    }

    [Fact]
    public async Task A_strict_model_wants_its_thinking_back_within_a_tool_loop()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var ask = $$"""
            {"model":"sandbox-chat-strict","max_tokens":2000,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Read","input":{ } }]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"ok"}]}]{{ReadTool}}{{Thinking}} }
            """;
        Assert.Contains("Expected `thinking` or `redacted_thinking`, but found `tool_use`", (string)(await sandbox.JsonAsync("/v1/messages", ask))["error"]!["message"]!);
        Assert.Equal("message", (string)(await sandbox.JsonAsync("/v1/messages", ask.Replace("-strict", "", StringComparison.Ordinal)))["type"]!);
    }

    [Theory]
    [InlineData("""[{"role":"user","content":[{"type":"tool_result","tool_use_id":"t9","content":"x"}]}]""", "unexpected `tool_use_id` found in `tool_result` blocks: t9")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Read","input":{}}]},{"role":"user","content":"y"}]""", "without `tool_result` blocks immediately after: t1")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"tool_use","id":"functions.add:0","name":"Read","input":{}}]}]""", "messages.1.content.0.tool_use.id: String should match pattern '^[a-zA-Z0-9_-]+$'")]
    [InlineData("""[{"role":"user","content":[{"type":"text","text":""}]}]""", "text content blocks must be non-empty")]
    [InlineData("""[{"role":"user","content":"x"},{"role":"assistant","content":"y "}]""", "cannot end with trailing whitespace")]
    [InlineData("""[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/bmp","data":"AAAA"}}]}]""", "source.base64.media_type")]
    public async Task Illegal_conversations_are_rejected_in_the_vendors_words(string messages, string words)
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var response = await sandbox.PostAsync("/v1/messages", $$"""{"model":"sandbox-chat","max_tokens":50,"messages":{{messages}}{{ReadTool}} }""");
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Equal("invalid_request_error", (string)body["error"]!["type"]!);
        Assert.Contains(words, (string)body["error"]!["message"]!);
        Assert.Equal(response.Headers.GetValues("request-id").Single(), (string)body["request_id"]!);
    }

    [Fact]
    public async Task What_a_request_must_have_is_asked_for_by_name()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string Body = """{"model":"sandbox-chat","messages":[{"role":"user","content":"x"}]}""";
        Assert.Equal("max_tokens: Field required", (string)(await sandbox.JsonAsync("/v1/messages", Body))["error"]!["message"]!);

        using var noVersion = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        noVersion.Headers.Add("x-api-key", "k");
        using var response = await sandbox.Http.SendAsync(noVersion, TestContext.Current.CancellationToken);
        Assert.Equal(400, (int)response.StatusCode);

        using var noKey = new HttpRequestMessage(HttpMethod.Post, "/v1/messages") { Content = new StringContent(Body, Encoding.UTF8, "application/json") };
        using var denied = await sandbox.Http.SendAsync(noKey, TestContext.Current.CancellationToken);
        Assert.Equal(401, (int)denied.StatusCode);
        Assert.Contains("authentication_error", await denied.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Stop_reasons_name_the_sequence_and_the_limit()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var stopped = await sandbox.MessagesAsync("sandbox-chat", "[[say one two three]]", ""","stop_sequences":["two"]""");
        Assert.Equal(("stop_sequence", "two", "one "), ((string)stopped["stop_reason"]!, (string)stopped["stop_sequence"]!, (string)stopped["content"]![0]!["text"]!));
        var cut = await sandbox.JsonAsync("/v1/messages", """{"model":"sandbox-text-60","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal(("max_tokens", 9), ((string)cut["stop_reason"]!, (int)cut["usage"]!["output_tokens"]!));
    }

    [Fact]
    public async Task Breakpoints_write_a_cache_once_and_read_it_until_it_expires()
    {
        var time = new ManualTime();
        await using var sandbox = await SandboxClient.StartAsync(new SandboxOptions { Time = time });
        async Task<(int Fresh, int Read, int Write)> Ask(string last)
        {
            var usage = (await sandbox.JsonAsync("/v1/messages", $$$"""
                {"model":"sandbox-chat","max_tokens":9,"system":[{"type":"text","text":"a long system prompt","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"{{{last}}}"} ]}
                """))["usage"]!;
            Assert.Equal((int)usage["cache_creation_input_tokens"]!, (int)usage["cache_creation"]!["ephemeral_5m_input_tokens"]!);
            return ((int)usage["input_tokens"]!, (int)usage["cache_read_input_tokens"]!, (int)usage["cache_creation_input_tokens"]!);
        }

        Assert.Equal((4, 0, 7), await Ask("one"));
        Assert.Equal((4, 7, 0), await Ask("two"));
        time.Advance(TimeSpan.FromMinutes(6));
        Assert.Equal((4, 0, 7), await Ask("one"));
    }

    [Fact]
    public async Task Reminders_are_no_user_text_and_side_requests_without_tools_call_none()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.JsonAsync("/v1/messages", $$"""
            {"model":"claude-via-sandbox","max_tokens":500,"messages":[{"role":"user","content":[{"type":"text","text":"<system-reminder>[[say no]]</system-reminder>"},{"type":"text","text":"[[tool read {}]]"}]},
            {"role":"assistant","content":[{"type":"tool_use","id":"t1","name":"Read","input":{ } }]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":[{"type":"text","text":"file text"}],"is_error":true},{"type":"text","text":"<system-reminder>be quick</system-reminder>"}]}]{{ReadTool}} }
            """);
        Assert.Equal("The sandbox read 1 tool result: [error] file text", (string)answer["content"]![0]!["text"]!);
        var title = await sandbox.MessagesAsync("sandbox-small", "Title for: [[tool Read {\"path\":\"x\"}]]");
        Assert.Equal("end_turn", (string)title["stop_reason"]!);
    }

    [Fact]
    public async Task Directives_for_a_sub_agent_travel_inside_the_arguments_untouched()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string Task = """[[tool Read {"path":"[[tool Bash {\"c\":\"ls\"}]]\n[[say {{result}}]]"}]]""";
        var answer = await sandbox.MessagesAsync("sandbox-chat", Task, ReadTool);
        Assert.Equal("[[tool Bash {\"c\":\"ls\"}]]\n[[say {{result}}]]", (string)answer["content"]![0]!["input"]!["path"]!);
    }

    [Fact]
    public async Task The_model_list_has_the_shape_of_whoever_asks()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var open = JsonNode.Parse(await sandbox.Http.GetStringAsync("/v1/models", TestContext.Current.CancellationToken))!;
        Assert.All(open["data"]!.AsArray(), m => Assert.Equal("sandbox", (string)m!["owned_by"]!));
        sandbox.Http.DefaultRequestHeaders.Add("anthropic-version", "2023-06-01");
        var anthropic = JsonNode.Parse(await sandbox.Http.GetStringAsync("/v1/models?limit=1000", TestContext.Current.CancellationToken))!;
        Assert.False((bool)anthropic["has_more"]!);
        Assert.All(anthropic["data"]!.AsArray(), m => Assert.Equal("model", (string)m!["type"]!));
    }

    private static Task<JsonNode> Replay(SandboxClient sandbox, JsonNode block) => sandbox.JsonAsync("/v1/messages", $$"""
        {"model":"sandbox-chat","max_tokens":2000,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{{block.ToJsonString()}},{"type":"text","text":"y"}]},{"role":"user","content":"z"}]{{Thinking}} }
        """);
}

/// <summary>A clock that stands still until told; timers are the system's.</summary>
internal sealed class ManualTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    public override DateTimeOffset GetUtcNow() => _now;

    public void Advance(TimeSpan by) => _now += by;
}
