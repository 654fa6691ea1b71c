using System.Text.Json.Nodes;
using Trivet.Sandbox;

namespace Trivet.Tests.Sandbox;

public sealed class ChatTests
{
    private const string AddTool = ""","tools":[{"type":"function","function":{"name":"add","parameters":{"type":"object","properties":{"a":{"type":"integer","minimum":2},"b":{"type":"integer"}},"required":["a","b"]}}}]""";

    [Fact]
    public async Task A_text_model_answers_with_exactly_that_many_tokens_and_says_so()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-text-60", "go");
        var text = (string)answer["choices"]![0]!["message"]!["content"]!;
        Assert.Equal(60, SandboxTokenizer.Count(text));
        Assert.Equal(60, (int)answer["usage"]!["completion_tokens"]!);
        Assert.Equal("sandbox", (string)answer["system_fingerprint"]!);
        Assert.Equal("stop", (string)answer["choices"]![0]!["finish_reason"]!);
    }

    [Fact]
    public async Task A_stream_folds_to_the_unstreamed_answer_and_ends_with_usage_and_done()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var whole = await sandbox.ChatAsync("sandbox-text-60", "go");
        var events = await sandbox.ChatStreamAsync("sandbox-text-60", "go", ""","stream_options":{"include_usage":true}""");
        var chunks = events.SkipLast(1).Select(e => JsonNode.Parse(e.Data)!).ToList();

        Assert.All(events, e => Assert.Null(e.Name));
        Assert.Equal("[DONE]", events[^1].Data);
        Assert.Equal("assistant", (string)chunks[0]["choices"]![0]!["delta"]!["role"]!);
        Assert.Equal(60 + 3, chunks.Count);
        Assert.Equal((string)whole["choices"]![0]!["message"]!["content"]!, string.Concat(chunks.Select(c => c["choices"]!.AsArray().FirstOrDefault()?["delta"]!["content"])));
        Assert.Empty(chunks[^1]["choices"]!.AsArray());
        Assert.Equal(whole["usage"]!.ToJsonString(), chunks[^1]["usage"]!.ToJsonString());
        Assert.Single(chunks.Select(c => (string)c["id"]!).Distinct());
    }

    [Fact]
    public async Task A_stream_without_include_usage_carries_none()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var events = await sandbox.ChatStreamAsync("sandbox-text-5", "go");
        Assert.Equal(5 + 3, events.Count);
        Assert.DoesNotContain(events, e => e.Data.Contains("usage", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Directives_on_one_line_are_parallel_calls_and_the_next_line_is_the_next_turn()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string Task = "please [[think hm]] [[tool add {\"a\":1,\"b\":2}]] [[tool add {\"a\":3,\"b\":4}]]\n[[tool add {\"a\":5,\"b\":\"{{result}}\"}]]\n[[say sum is {{result}}]]";
        var messages = new JsonArray { new JsonObject { ["role"] = "user", ["content"] = Task } };
        async Task<JsonNode> Turn() => (await sandbox.JsonAsync("/v1/chat/completions", $$"""{"model":"lab-large","messages":{{messages.ToJsonString()}}{{AddTool}}}"""))["choices"]![0]!;

        var first = await Turn();
        Assert.Equal("tool_calls", (string)first["finish_reason"]!);
        Assert.Equal("hm", (string)first["message"]!["reasoning_content"]!);
        Assert.Equal(["""{"a":1,"b":2}""", """{"a":3,"b":4}"""], first["message"]!["tool_calls"]!.AsArray().Select(c => (string)c!["function"]!["arguments"]!));
        Answer(messages, first, "3", "se\"ven");

        var second = await Turn();
        Assert.Equal("""{"a":5,"b":"se\"ven"}""", (string)second["message"]!["tool_calls"]![0]!["function"]!["arguments"]!);
        Answer(messages, second, "12");

        var last = await Turn();
        Assert.Equal("sum is 12", (string)last["message"]!["content"]!);
        Assert.Equal("stop", (string)last["finish_reason"]!);
    }

    [Fact]
    public async Task A_prompt_that_an_agent_has_quoted_is_still_understood()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-chat", "\"[[tool add {\\\"a\\\":1}]]\n[[say x]]\"", AddTool);
        Assert.Equal("""{"a":1}""", (string)answer["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!);
    }

    [Fact]
    public async Task Without_parallel_calls_a_group_becomes_successive_turns()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-chat", "[[tool add {\"a\":1}]] [[tool add {\"a\":2}]]", AddTool + ""","parallel_tool_calls":false""");
        Assert.Single(answer["choices"]![0]!["message"]!["tool_calls"]!.AsArray());
    }

    [Fact]
    public async Task A_forced_tool_is_called_with_a_minimal_instance_of_its_schema()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-chat", "hi", AddTool + ""","tool_choice":{"type":"function","function":{"name":"add"}}""");
        var call = answer["choices"]![0]!["message"]!["tool_calls"]![0]!;
        Assert.Equal("add", (string)call["function"]!["name"]!);
        Assert.Equal("""{"a":2,"b":0}""", (string)call["function"]!["arguments"]!);
        Assert.StartsWith("call_", (string)call["id"]!);
    }

    [Fact]
    public async Task Streamed_calls_name_themselves_once_and_their_fragments_join()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var events = await sandbox.ChatStreamAsync("sandbox-chat@interleave", "[[tool add {\"a\":1,\"b\":22}]] [[tool add {\"a\":3,\"b\":44}]]", AddTool);
        var deltas = events.SkipLast(1).SelectMany(e => JsonNode.Parse(e.Data)!["choices"]![0]!["delta"]!["tool_calls"]?.AsArray() ?? []).ToList();
        foreach (var (index, arguments) in new[] { (0, """{"a":1,"b":22}"""), (1, """{"a":3,"b":44}""") })
        {
            var own = deltas.Where(d => (int)d!["index"]! == index).ToList();
            Assert.Single(own, d => d!["id"] is not null);
            Assert.Equal(arguments, string.Concat(own.Select(d => (string)d!["function"]!["arguments"]!)));
            Assert.True(own.Count > 2);
        }
    }

    [Fact]
    public async Task A_schema_answer_is_an_instance_of_it()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-chat", "hi", """
            ,"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","properties":{"city":{"$ref":"#/$defs/c"},"n":{"type":"array","items":{"type":"number"},"minItems":2}},"required":["city","n"],"$defs":{"c":{"enum":["Rome","Oslo"]}}}}}
            """);
        Assert.Equal("""{"city":"Rome","n":[0,0]}""", (string)answer["choices"]![0]!["message"]!["content"]!);
    }

    [Fact]
    public async Task Limits_cut_exactly_and_say_why()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var cut = await sandbox.ChatAsync("sandbox-text-60", "go", ""","max_completion_tokens":7""");
        Assert.Equal("length", (string)cut["choices"]![0]!["finish_reason"]!);
        Assert.Equal(7, SandboxTokenizer.Count((string)cut["choices"]![0]!["message"]!["content"]!));
        var stopped = await sandbox.ChatAsync("sandbox-chat", "[[say one two three]]", ""","stop":["three","two"]""");
        Assert.Equal("one ", (string)stopped["choices"]![0]!["message"]!["content"]!);
        Assert.Equal("stop", (string)stopped["choices"]![0]!["finish_reason"]!);
    }

    [Fact]
    public async Task An_image_is_mentioned_with_type_and_size()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var data = Convert.ToBase64String(new byte[68]);
        var answer = await sandbox.JsonAsync("/v1/chat/completions", $$$"""
            {"model":"sandbox-chat","messages":[{"role":"user","content":[{"type":"text","text":"look"},{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{data}}}"}},{"type":"image_url","image_url":{"url":"https://example.com/a.png"}}]}]}
            """);
        Assert.Equal("The sandbox heard: look [image image/png 68 bytes] [image https://example.com/a.png]", (string)answer["choices"]![0]!["message"]!["content"]!);
    }

    [Theory]
    [InlineData("reasoning", "reasoning", "hm")]
    [InlineData("reasoning_content", "reasoning_content", "hm")]
    [InlineData("inline-think", "content", "<think>hm</think>yes")]
    public async Task Reasoning_travels_in_the_carrier_of_the_style(string style, string field, string expected)
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-chat@reasoning=" + style, "[[think hm]] [[say yes]]");
        Assert.Equal(expected, (string)answer["choices"]![0]!["message"]![field]!);
        var events = await sandbox.ChatStreamAsync("sandbox-chat@reasoning=" + style, "[[think hm]] [[say yes]]");
        Assert.Equal(expected, string.Concat(events.SkipLast(1).Select(e => (string?)JsonNode.Parse(e.Data)!["choices"]![0]!["delta"]![field])));
        Assert.Equal(1, (int)answer["usage"]!["completion_tokens_details"]!["reasoning_tokens"]!);
    }

    [Theory]
    [InlineData("""[{"role":"tool","tool_call_id":"x","content":"1"}]""", "must be a response to a preceeding message")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"user","content":"x"}]""", "did not have response messages: c1")]
    [InlineData("""[{"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"f","arguments":{}}}]}]""", "expected a string, but got an object")]
    [InlineData("""[{"role":"robot","content":"x"}]""", "Invalid value: 'robot'")]
    [InlineData("[]", "empty array")]
    public async Task Illegal_conversations_are_rejected_in_the_vendors_words(string messages, string words)
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var response = await sandbox.PostAsync("/v1/chat/completions", $$"""{"model":"sandbox-chat","messages":{{messages}}}""");
        var body = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains(words, (string)body["error"]!["message"]!);
        Assert.Equal("invalid_request_error", (string)body["error"]!["type"]!);
        Assert.StartsWith("req_", response.Headers.GetValues("x-request-id").Single());
    }

    [Theory]
    [InlineData(""","tool_choice":"auto" """, "only allowed when 'tools'")]
    [InlineData(""","temperature":3""", "Expected a value <= 2")]
    [InlineData(""","stream_options":{"include_usage":true}""", "only allowed when 'stream'")]
    [InlineData(""","max_tokens":1,"max_completion_tokens":1""", "at the same time")]
    [InlineData(""","max_tokens":0""", "integer below minimum")]
    public async Task Illegal_settings_are_rejected(string more, string words)
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.ChatAsync("sandbox-chat", "x", more);
        Assert.Contains(words, (string)answer["error"]!["message"]!);
    }

    private static void Answer(JsonArray messages, JsonNode choice, params string[] results)
    {
        var message = choice["message"]!.DeepClone();
        messages.Add(message);
        foreach (var (call, result) in message["tool_calls"]!.AsArray().Zip(results))
        {
            messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = (string)call!["id"]!, ["content"] = result });
        }
    }
}
