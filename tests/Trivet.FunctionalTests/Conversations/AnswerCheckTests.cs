using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>Routes that look at what they were promised: answers that fit a schema, tools that are called. And what only passes through.</summary>
public sealed class AnswerCheckTests(Lab lab, AnswerCheckTests.Gateway gateway) : IClassFixture<AnswerCheckTests.Gateway>
{
    private const string Schema = """{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}""";

    private const string Format = $$"""{"type":"json_schema","json_schema":{"name":"it","schema":{{Schema}}}}""";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_answer_that_does_not_fit_its_schema_is_asked_for_once_more_with_what_is_wrong(bool stream)
    {
        var model = $"fits-mended-{stream}";
        await ScriptAsync(model, """{"type":"text","text":"{\"a\":\"one\"}"}""");
        await ScriptAsync(model, """{"type":"text","text":"{\"a\":1}"}""");
        var (status, answer, request) = await AskAsync("chat/completions", $$"""{"model":"{{model}}","stream":{{(stream ? "true" : "false")}},"messages":[{"role":"user","content":"Go."}],"response_format":{{Format}}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.DoesNotContain("one", answer, StringComparison.Ordinal);
        var asked = await lab.Sandbox.SeenAsync(model);
        Assert.Equal(2, asked.Count);
        Assert.Contains("$.a is string and must be integer", asked[1].Body.GetRawText(), StringComparison.Ordinal);
        var attempts = (await (await gateway.TrivetAsync(lab)).TraceAsync(request)).At("attempts").EnumerateArray().ToList();
        Assert.Equal(["UpstreamUnfit", ""], attempts.Select(attempt => attempt.Text("failure")));
    }

    [Fact]
    public async Task An_answer_that_does_not_fit_a_second_time_is_an_error_that_says_why()
    {
        await ScriptAsync("fits-never", """{"type":"text","text":"no JSON"}""", times: 0);
        var (status, answer, _) = await AskAsync("chat/completions", $$"""{"model":"fits-never","messages":[{"role":"user","content":"Go."}],"response_format":{{Format}}}""");
        Assert.Equal(HttpStatusCode.BadGateway, status);
        Assert.Contains("upstream_unfit_answer", answer, StringComparison.Ordinal);
        Assert.Contains("not one JSON value", answer, StringComparison.Ordinal);
        Assert.Equal(2, (await lab.Sandbox.SeenAsync("fits-never")).Count);
    }

    [Fact]
    public async Task A_tool_that_the_vendor_is_known_not_to_be_forced_to_is_asked_for_once_more()
    {
        await ScriptAsync("forced-once", """{"type":"text","text":"I would rather talk."}""");
        await ScriptAsync("forced-once", """{"type":"tool_call","id":"toolu_1","name":"look","arguments":{}}""");
        var (status, answer, _) = await AskAsync("messages", """{"model":"forced-once","max_tokens":100,"messages":[{"role":"user","content":"Go."}],"tools":[{"name":"look","input_schema":{"type":"object"}}],"tool_choice":{"type":"any"}}""");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal("tool_use", (string?)JsonNode.Parse(answer)!["stop_reason"]);
        Assert.Equal(2, (await lab.Sandbox.SeenAsync("forced-once")).Count);
    }

    [Theory]
    [InlineData("embeddings", """{"model":"any-chat/vectors","input":"words"}""", "/v1/embeddings")]
    [InlineData("completions", """{"model":"any-chat/prompts","prompt":"a","suffix":"c"}""", "/v1/completions")]
    [InlineData("fim/completions", """{"model":"filler/prompts-of-another","prompt":"a","suffix":"c"}""", "/beta/completions")]
    public async Task Prompts_and_texts_for_vectors_pass_through_to_where_the_vendor_takes_them(string path, string body, string upstreamPath)
    {
        var model = ((string)JsonNode.Parse(body)!["model"]!).Split('/')[1];
        await AskAsync(path, body);
        var seen = Assert.Single(await SeenByPathAsync(upstreamPath));
        var sent = JsonNode.Parse(seen.Body.GetRawText())!;
        Assert.Equal(model, (string?)sent["model"]);
        sent["model"] = JsonNode.Parse(body)!["model"]!.DeepClone();
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(body), sent), sent.ToJsonString());
    }

    [Fact]
    public async Task Prompts_are_refused_by_name_where_no_upstream_takes_them()
    {
        var (status, answer, _) = await AskAsync("completions", """{"model":"any-messages/m","prompt":"a"}""");
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("capability_rejected: prompt", answer, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<SeenRequest>> SeenByPathAsync(string path)
    {
        for (var tries = 0; ; tries++)
        {
            var seen = (await lab.Sandbox.SeenAsync()).Where(entry => entry.Path == path).ToList();
            if (seen.Count > 0 || tries == 100)
                return seen;
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }
    }

    private Task ScriptAsync(string model, string block, int times = 1) => lab.Sandbox.ScriptAsync($$"""{"match":{"model":"{{model}}"},"times":{{times}},"respond":{"content":[{{block}}]}}""");

    private async Task<(HttpStatusCode Status, string Answer, string RequestId)> AskAsync(string path, string body)
    {
        var trivet = await gateway.TrivetAsync(lab);
        using var http = new HttpClient { BaseAddress = trivet.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", trivet.Key) } };
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using var response = await http.PostAsync(new Uri("/v1/" + path, UriKind.Relative), content, TestContext.Current.CancellationToken);
        return (response.StatusCode, await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), response.Headers.TryGetValues("x-trivet-request-id", out var ids) ? ids.Single() : "");
    }

    /// <summary>A gateway with such routes, in front of the sandbox that all suites share.</summary>
    public sealed class Gateway : IAsyncLifetime
    {
        private readonly TempFolder _folder = new();
        private readonly SemaphoreSlim _gate = new(1);
        private TrivetProcess? _trivet;

        public ValueTask InitializeAsync() => ValueTask.CompletedTask;

        public async ValueTask DisposeAsync()
        {
            if (_trivet is not null)
                await _trivet.DisposeAsync();
            _gate.Dispose();
            _folder.Dispose();
        }

        internal async Task<TrivetProcess> TrivetAsync(Lab lab)
        {
            await _gate.WaitAsync(TestContext.Current.CancellationToken);
            try
            {
                return _trivet ??= await TrivetProcess.ServeAsync(ConfigFile(lab), _folder.File("data"));
            }
            finally
            {
                _gate.Release();
            }
        }

        private string ConfigFile(Lab lab)
        {
            var sandbox = lab.SandboxAddress.GetLeftPart(UriPartial.Authority);
            var file = _folder.File("trivet.yaml");
            File.WriteAllText(file, $$"""
                upstreams:
                  - { name: any-chat, vendor: custom, keys: ["{{Lab.UpstreamKey}}"], endpoints: { openai-chat: "{{sandbox}}/v1" }, models: ["*"] }
                  - { name: any-messages, vendor: custom, keys: ["{{Lab.UpstreamKey}}"], endpoints: { anthropic-messages: "{{sandbox}}" }, models: ["*"] }
                  - { name: filler, vendor: deepseek, keys: ["{{Lab.UpstreamKey}}"], endpoints: { openai-chat: "{{sandbox}}" }, models: ["*"] }
                  - { name: deaf, vendor: deepseek, keys: ["{{Lab.UpstreamKey}}"], endpoints: { anthropic-messages: "{{sandbox}}" }, models: ["*"] }
                routes:
                  - { model: "fits-*", structured_output: repair, candidates: [{ upstream: any-chat, model: "fits-*" }] }
                  - { model: "forced-*", forced_tools: retry, candidates: [{ upstream: deaf, model: "forced-*" }] }
                """);
            return file;
        }
    }
}
