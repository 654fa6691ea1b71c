using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Sandbox;

namespace Trivet.Tests.Sandbox;

public sealed class FaultTests
{
    [Fact]
    public async Task A_status_fault_strikes_only_the_first_requests_and_carries_its_retry_hint()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string Body = """{"model":"sandbox-chat@429:retry-after=2:times=2","messages":[{"role":"user","content":"x"}]}""";
        var statuses = new List<int>();
        for (var i = 0; i < 4; i++)
        {
            using var response = await sandbox.PostAsync("/v1/chat/completions", Body);
            statuses.Add((int)response.StatusCode);
            Assert.Equal(i < 2 ? "2" : null, response.Headers.TryGetValues("retry-after", out var values) ? values.Single() : null);
        }

        Assert.Equal([429, 429, 200, 200], statuses);
    }

    [Theory]
    [InlineData("401", 401, "authentication_error", "invalid_api_key")]
    [InlineData("402", 402, "billing_error", "insufficient_balance")]
    [InlineData("403", 403, "permission_error", "unsupported_country_region_territory")]
    [InlineData("404", 404, "not_found_error", "model_not_found")]
    [InlineData("429", 429, "rate_limit_error", "rate_limit_exceeded")]
    [InlineData("500", 500, "api_error", null)]
    [InlineData("529", 529, "overloaded_error", null)]
    [InlineData("context-length", 400, "invalid_request_error", "context_length_exceeded")]
    [InlineData("content-filter", 400, "invalid_request_error", "content_filter")]
    public async Task Errors_have_each_vendors_shape(string fault, int status, string anthropicType, string? openAICode)
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var messages = await sandbox.PostAsync("/v1/messages", $$"""{"model":"sandbox-chat@{{fault}}","max_tokens":9,"messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal(status, (int)messages.StatusCode);
        var body = JsonNode.Parse(await messages.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        Assert.Equal(("error", anthropicType), ((string)body["type"]!, (string)body["error"]!["type"]!));
        var chat = await sandbox.ChatAsync("sandbox-chat@" + fault, "x");
        Assert.Equal(openAICode, (string?)chat["error"]!["code"]);
        Assert.Equal(["message", "type", "param", "code"], chat["error"]!.AsObject().Select(p => p.Key).Take(4));
    }

    [Fact]
    public async Task A_cut_stream_delivers_exactly_so_many_tokens_and_then_breaks()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        foreach (var (path, extra) in new[] { ("/v1/chat/completions", ""), ("/v1/messages", ""","max_tokens":500""") })
        {
            using var response = await sandbox.PostAsync(path, $$"""{"model":"sandbox-text-60@cut-after=40","stream":true,"messages":[{"role":"user","content":"x"}]{{extra}}}""", stream: true);
            var text = new StringBuilder();
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await Assert.ThrowsAnyAsync<IOException>(async () =>
            {
                var buffer = new byte[4096];
                for (int read; (read = await body.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0;)
                {
                    text.Append(Encoding.UTF8.GetString(buffer, 0, read));
                }
            });
            var deltas = SandboxClient.Events(text.ToString()).Select(e => JsonNode.Parse(e.Data)!).Count(IsText);
            Assert.Equal(40, deltas);
        }

        static bool IsText(JsonNode e) => (string?)e["choices"]?[0]!["delta"]!["content"] is { Length: > 0 } || (string?)e["delta"]?["text"] is { Length: > 0 };
    }

    [Fact]
    public async Task A_reset_kills_the_connection_before_any_byte()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(sandbox.Host.Address.Host, sandbox.Host.Address.Port, TestContext.Current.CancellationToken);
        const string Body = """{"model":"sandbox-chat@reset:times=1","messages":[{"role":"user","content":"x"}]}""";
        await socket.SendAsync(Encoding.UTF8.GetBytes($"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer k\r\nContent-Length: {Body.Length}\r\n\r\n{Body}"), TestContext.Current.CancellationToken);
        var error = await Assert.ThrowsAsync<SocketException>(async () => await socket.ReceiveAsync(new byte[10], TestContext.Current.CancellationToken));
        Assert.Equal(SocketError.ConnectionReset, error.SocketErrorCode);

        var second = await sandbox.ChatAsync("sandbox-chat@reset:times=1", "x");
        Assert.NotNull(second["choices"]);
    }

    [Fact]
    public async Task A_silent_request_is_answered_never_and_logged_when_the_client_gives_up()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var patience = new CancellationTokenSource();
        var asked = sandbox.Http.SendAsync(
            new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions")
            {
                Content = new StringContent("""{"model":"sandbox-chat@silent","messages":[{"role":"user","content":"x"}]}"""),
                Headers = { { "Authorization", "Bearer k" } },
            }, patience.Token);
        while (sandbox.Host.Log.All() is not [{ Faults: ["silent"] }])
        {
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }

        await patience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asked);
        var entry = await FinishedAsync(sandbox);
        Assert.Equal((0, 0), (entry.Status, entry.DisconnectedAfterEvent));
    }

    [Fact]
    public async Task A_client_that_hangs_up_stops_the_stream_and_the_log_says_after_which_event()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using (var response = await sandbox.PostAsync("/v1/chat/completions", """{"model":"sandbox-text-60@stall-after=5","stream":true,"messages":[{"role":"user","content":"x"}]}""", stream: true))
        {
            await using var body = await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken);
            await body.ReadExactlyAsync(new byte[100], TestContext.Current.CancellationToken);
        }

        var entry = await FinishedAsync(sandbox);
        Assert.Equal((6, 5, false), (entry.DisconnectedAfterEvent, entry.TokensSent, entry.IsComplete));
    }

    [Fact]
    public async Task The_tenth_event_is_broken_and_the_others_are_not()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var events = await sandbox.ChatStreamAsync("sandbox-text-60@bad-json-event=10", "x");
        Assert.Equal([9], Enumerable.Range(0, events.Count - 1).Where(i => !IsJson(events[i].Data)));
        var whole = await sandbox.ChatStreamAsync("sandbox-text-60", "x");
        var extra = await sandbox.ChatStreamAsync("sandbox-text-60@bad-json-event=10:extra", "x");
        Assert.Equal(whole.Count, events.Count);
        Assert.Equal(whole.Count + 1, extra.Count);

        static bool IsJson(string data)
        {
            try
            {
                return JsonNode.Parse(data) is not null;
            }
            catch (System.Text.Json.JsonException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Ends_can_be_missing_and_errors_can_hide_in_a_200()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        Assert.DoesNotContain(await sandbox.ChatStreamAsync("sandbox-text-5@no-done", "x"), e => e.Data == "[DONE]");
        Assert.Equal("message_delta", (await sandbox.MessagesStreamAsync("sandbox-text-5@no-done", "x"))[^1].Name);

        using var hidden = await sandbox.PostAsync("/v1/chat/completions", """{"model":"sandbox-chat@error-in-200","messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal(200, (int)hidden.StatusCode);
        Assert.Contains("\"error\"", await hidden.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        var late = await sandbox.MessagesStreamAsync("sandbox-text-60@error-event-after=3", "x");
        Assert.Equal("error", late[^1].Name);
        Assert.Equal(3, late.Count(e => e.Data.Contains("text_delta", StringComparison.Ordinal)));
        Assert.Contains("base_resp", (await sandbox.ChatAsync("sandbox-chat@base-resp:code=1008", "x")).ToJsonString());
    }

    [Fact]
    public async Task Small_lies_are_told_when_asked_for()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        Assert.Equal("gpt-imposter", (string)(await sandbox.ChatAsync("sandbox-chat@wrong-model=gpt-imposter", "x"))["model"]!);
        Assert.Null((await sandbox.ChatAsync("sandbox-chat@no-usage", "x"))["usage"]);
        Assert.Equal("", (string)(await sandbox.ChatAsync("sandbox-chat@empty", "x"))["choices"]![0]!["message"]!["content"]!);
        var rejected = await sandbox.JsonAsync("/v1/messages", """{"model":"sandbox-chat@rejects-prefill","max_tokens":9,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"The"}]}""");
        Assert.Contains("does not support assistant message prefill", (string)rejected["error"]!["message"]!);
        using var truncated = await sandbox.PostAsync("/v1/chat/completions", """{"model":"sandbox-chat@truncated-json@wrong-content-type","messages":[{"role":"user","content":"x"}]}""");
        Assert.Equal("text/plain", truncated.Content.Headers.ContentType!.MediaType);
        Assert.False((await truncated.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).EndsWith('}'));
    }

    [Fact]
    public async Task An_outage_ends_when_its_time_is_over()
    {
        var time = new ManualTime();
        await using var sandbox = await SandboxClient.StartAsync(new SandboxOptions { Time = time });
        Assert.NotNull((await sandbox.ChatAsync("sandbox-chat@503:down-ms=60000", "x"))["error"]);
        time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull((await sandbox.ChatAsync("sandbox-chat@503:down-ms=60000", "x"))["error"]);
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.NotNull((await sandbox.ChatAsync("sandbox-chat@503:down-ms=60000", "x"))["choices"]);
    }

    [Fact]
    public async Task A_prefilled_answer_goes_on_from_the_prefill()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var whole = (string)(await sandbox.MessagesAsync("sandbox-text-60", "x"))["content"]![0]!["text"]!;
        var head = whole[..SandboxTokenizer.End(whole, 0, 25)];
        var rest = await sandbox.JsonAsync("/v1/messages", $$"""{"model":"sandbox-text-60","max_tokens":99,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"{{head}}"}]}""");
        Assert.Equal(whole, head + (string)rest["content"]![0]!["text"]!);
    }

    private static async Task<SandboxLogEntry> FinishedAsync(SandboxClient sandbox)
    {
        while (true)
        {
            if (sandbox.Host.Log.All() is [{ IsFinished: true } entry])
            {
                return entry;
            }

            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
