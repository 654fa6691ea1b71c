using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.Tests.Sandbox;

public sealed class ScriptTests
{
    [Fact]
    public async Task A_script_answers_matching_requests_so_many_times()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        sandbox.Host.Script("""
            {"match":{"model":"lab-*","protocol":"openai-chat"},"times":2,"respond":{"content":[{"type":"reasoning","text":"hm"},{"type":"text","text":"scripted"},
            {"type":"tool_call","id":"functions.add:0","name":"add","arguments":"{broken"}],"stop":"weird","model":"other","usage":{"input":1,"cache_read":2,"output":3,"reasoning":4}}}
            """);
        var other = await sandbox.ChatAsync("sandbox-chat", "x");
        Assert.NotEqual("other", (string)other["model"]!);
        for (var i = 0; i < 2; i++)
        {
            var answer = await sandbox.ChatAsync("lab-one", "x");
            Assert.Equal(("other", "weird", "scripted"), ((string)answer["model"]!, (string)answer["choices"]![0]!["finish_reason"]!, (string)answer["choices"]![0]!["message"]!["content"]!));
            Assert.Equal(("functions.add:0", "{broken"), ((string)answer["choices"]![0]!["message"]!["tool_calls"]![0]!["id"]!, (string)answer["choices"]![0]!["message"]!["tool_calls"]![0]!["function"]!["arguments"]!));
            Assert.Equal((3, 7, 2), ((int)answer["usage"]!["prompt_tokens"]!, (int)answer["usage"]!["completion_tokens"]!, (int)answer["usage"]!["prompt_tokens_details"]!["cached_tokens"]!));
        }

        Assert.Equal("lab-one", (string)(await sandbox.ChatAsync("lab-one", "x"))["model"]!);
    }

    [Fact]
    public async Task A_recorded_reply_is_sent_byte_for_byte()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var body = Encoding.UTF8.GetBytes("data: {\"x\":\"ä\"}\r\n\r\ndata: [DONE]\r\n\r\n");
        sandbox.Host.Script($$$"""{"raw":{"status":418,"headers":{"content-type":"text/event-stream","x-odd":"1"},"body_base64":"{{{Convert.ToBase64String(body)}}}","chunk_bytes":1}}""");
        using var response = await sandbox.PostAsync("/v1/messages", """{"model":"m","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal(418, (int)response.StatusCode);
        Assert.Equal("1", response.Headers.GetValues("x-odd").Single());
        Assert.Equal(body, await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Styles_change_the_wire_and_nothing_else()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var crlf = await sandbox.PostAsync("/v1/chat/completions", """{"model":"sandbox-text-9@crlf@usage=last-choice@chatter@first-chunk=azure","stream":true,"messages":[{"role":"user","content":"x"}]}""");
        var text = await crlf.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("\r\n\r\n", text);
        Assert.Contains(": SANDBOX PROCESSING", text);
        var chunks = SandboxClient.Events(text).SkipLast(1).Select(e => JsonNode.Parse(e.Data)!).ToList();
        Assert.NotNull(chunks[0]["prompt_filter_results"]);
        Assert.Equal("stop", (string)chunks[^1]["choices"]![0]!["finish_reason"]!);
        Assert.Equal(9, (int)chunks[^1]["usage"]!["completion_tokens"]!);
    }

    [Fact]
    public async Task A_wrong_script_is_refused_with_the_field_named()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var response = await sandbox.PostAsync("/sandbox/script", """{"respond":{"contents":[]}}""");
        Assert.Equal(400, (int)response.StatusCode);
        Assert.Contains("contents", await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task The_log_shows_request_and_answer_but_no_credential()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        await sandbox.MessagesAsync("sandbox-chat", "[[say hi]]");
        await sandbox.ChatStreamAsync("sandbox-text-3", "x");
        var text = await sandbox.Http.GetStringAsync("/sandbox/log", TestContext.Current.CancellationToken);
        Assert.DoesNotContain("test-key", text);
        var entries = JsonNode.Parse(text)!["entries"]!.AsArray();
        Assert.Equal(2, entries.Count);
        Assert.Equal("[[say hi]]", (string)entries[0]!["body"]!["messages"]![0]!["content"]!);
        Assert.Equal(("hi", 200, "End"), ((string)entries[0]!["served"]!["text"]!, (int)entries[0]!["served"]!["status"]!, (string)entries[0]!["served"]!["stop"]!));
        Assert.Equal((6, 3, true), ((int)entries[1]!["served"]!["events"]!, (int)entries[1]!["served"]!["tokens_sent"]!, (bool)entries[1]!["served"]!["complete"]!));
        Assert.StartsWith("Bearer sha256:", (string)entries[0]!["headers"]!["authorization"]!);
        var later = JsonNode.Parse(await sandbox.Http.GetStringAsync("/sandbox/log?since=1", TestContext.Current.CancellationToken))!["entries"]!.AsArray();
        Assert.Single(later);
    }
}
