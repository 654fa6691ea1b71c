using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>Thoughts that an upstream refuses are never the client's trouble.</summary>
public sealed class RefusedThoughtsTests(HopRig rig) : IClassFixture<HopRig>
{
    private const string Forged = "RXFRQmZvcmdlZA==";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("claude", "/v1/messages", """{"model":"MODEL","max_tokens":4000,"thinking":{"type":"enabled","budget_tokens":2000},"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"FORGED"},{"type":"redacted_thinking","data":"FORGED"},{"type":"tool_use","id":"t1","name":"Read","input":{}}]},{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"words"}]}],"tools":[{"name":"Read","input_schema":{"type":"object"}}]}""")]
    [InlineData("openai", "/v1/responses", """{"model":"MODEL","store":false,"input":[{"role":"user","content":"x"},{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"FORGED"},{"type":"function_call","call_id":"c1","name":"Read","arguments":"{}"},{"type":"function_call_output","call_id":"c1","output":"words"}],"tools":[{"type":"function","name":"Read","parameters":{"type":"object","properties":{}}}]}""")]
    [InlineData("google", "/v1beta/models/MODEL:generateContent", """{"contents":[{"role":"user","parts":[{"text":"x"}]},{"role":"model","parts":[{"functionCall":{"name":"Read","args":{}},"thoughtSignature":"FORGED"}]},{"role":"user","parts":[{"functionResponse":{"name":"Read","response":{"output":"words"}}}]}],"tools":[{"functionDeclarations":[{"name":"Read","parametersJsonSchema":{"type":"object","properties":{}}}]}]}""")]
    public async Task A_refusal_of_thoughts_is_answered_without_them_before_the_client_hears_of_it(string upstream, string path, string body)
    {
        var model = $"hop-{upstream}-forged";
        await PostAsync(path.Replace("MODEL", model, StringComparison.Ordinal), body.Replace("MODEL", model, StringComparison.Ordinal).Replace("FORGED", Forged, StringComparison.Ordinal));
        using var sandbox = rig.SandboxOf(upstream);
        var seen = await sandbox.SeenAsync($"forged");
        seen = [.. seen.Where(entry => entry.Protocol == HopRig.Upstreams.Single(known => known.Name == upstream).Protocol)];
        Assert.Equal([400, 200], seen.Select(entry => entry.Status));
        Assert.DoesNotContain(Forged, seen[1].Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Thoughts_are_found_again_after_a_restart()
    {
        using var folder = new TempFolder();
        var file = folder.File("trivet.yaml");
        await File.WriteAllTextAsync(file, rig.Yaml(), Cancel);
        AgentTurn first;
        var agent = new ChatAgent(rig.Trivet.Address, rig.Trivet.Key, false, keepsThoughts: false);
        await using (var before = await TrivetProcess.ServeAsync(file, folder.File("data"), rig.Trivet.Key))
        {
            agent.MoveTo(before.Address);
            first = await agent.StepAsync("hop-claude-restart");
            await before.Process.TerminateAsync();
        }

        await using var after = await TrivetProcess.ServeAsync(file, folder.File("data"), rig.Trivet.Key);
        agent.MoveTo(after.Address);
        agent.AddResults([.. first.Calls.Select(call => (call.Id, call.Name, "words"))]);
        await agent.StepAsync("hop-claude-restart");
        agent.Dispose();
        using var sandbox = rig.SandboxOf("claude");
        var seen = (await sandbox.SeenAsync("restart"))[^1];
        Assert.Contains(AgentScript.Thought(1), seen.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("\"signature\":", seen.Body.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_vendor_that_wants_thoughts_of_anybody_gets_foreign_ones_unsigned_also_in_a_passing_body()
    {
        using var folder = new TempFolder();
        using var sandbox = rig.SandboxOf("claude");
        var answer = Convert.ToBase64String("""{"id":"msg_1","type":"message","role":"assistant","model":"m","content":[{"type":"text","text":"ok"}],"stop_reason":"end_turn","stop_sequence":null,"usage":{"input_tokens":1,"output_tokens":1}}"""u8);
        await sandbox.ScriptAsync($$$"""{"match":{"model":"sandbox-unsigned"},"times":0,"raw":{"status":200,"headers":{"content-type":"application/json"},"body_base64":"{{{answer}}}"}}""");
        var file = folder.File("trivet.yaml");
        await File.WriteAllTextAsync(file, $$"""upstreams: [{ name: deepseek, vendor: deepseek, keys: [sk-any], endpoints: { anthropic-messages: "{{rig.AddressOf("claude")}}" }, models: [sandbox-unsigned] }]""", Cancel);
        await using var trivet = await TrivetProcess.ServeAsync(file, folder.File("data"), rig.Trivet.Key);
        var mark = Trivet.Wire.Canonical.ForeignSignature.Make("anthropic");
        await PostAsync("/v1/messages", $$"""{"model":"sandbox-unsigned","max_tokens":100,"messages":[{"role":"user","content":"x"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"{{mark}}"},{"type":"text","text":"y"}]},{"role":"user","content":"z"}]}""", trivet.Address);
        var block = (await sandbox.SeenAsync("sandbox-unsigned"))[^1].Body.GetProperty("messages")[1].GetProperty("content")[0];
        Assert.Equal(("hm", ""), (block.GetProperty("thinking").GetString(), block.GetProperty("signature").GetString()));
    }

    private async Task PostAsync(string path, string body, Uri? address = null)
    {
        using var http = new HttpClient { BaseAddress = address ?? rig.Trivet.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", rig.Trivet.Key) } };
        using var response = await http.PostAsync(new Uri(path, UriKind.Relative), new StringContent(body, Encoding.UTF8, "application/json"), Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        Assert.NotNull(JsonNode.Parse(await response.Content.ReadAsStringAsync(Cancel)));
    }
}
