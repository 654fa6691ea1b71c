using System.Text.Json.Nodes;
using Trivet.Sandbox;

namespace Trivet.Tests.Sandbox;

public sealed class ResponsesTests
{
    private const string Tools = ""","tools":[{"type":"function","name":"add","parameters":{"type":"object","properties":{}}},{"type":"custom","name":"patch"},{"type":"namespace","name":"ns","tools":[{"type":"function","name":"deep"}]}]""";

    [Fact]
    public async Task A_stream_is_dense_and_folds_to_its_final_response()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var events = (await Stream(sandbox, "[[think hm hm]] [[say yes sir]] [[tool add {\"a\":[1,2,3,4,5,6]}]] [[tool patch {\"input\":\"*** a\"}]] [[tool deep {}]]", Tools + ""","reasoning":{"effort":"low","summary":"auto"},"include":["reasoning.encrypted_content"]""")).ConvertAll(e => JsonNode.Parse(e.Data)!);

        Assert.Equal(Enumerable.Range(0, events.Count), events.Select(e => (int)e["sequence_number"]!));
        Assert.Equal(["response.created", "response.in_progress", "response.output_item.added"], events.Take(3).Select(e => (string)e["type"]!));
        Assert.Equal("response.completed", (string)events[^1]["type"]!);
        var response = events[^1]["response"]!;
        Assert.Equal(["reasoning", "message", "function_call", "custom_tool_call", "function_call"], response["output"]!.AsArray().Select(i => (string)i!["type"]!));
        var done = events.Where(e => (string)e["type"]! == "response.output_item.done").Select(e => e["item"]!.ToJsonString());
        Assert.Equal(response["output"]!.AsArray().Select(i => i!.ToJsonString()), done);
        Assert.Equal("yes sir", Joined(events, "response.output_text.delta"));
        Assert.Equal("hm hm", Joined(events, "response.reasoning_summary_text.delta"));
        Assert.Equal("""{"a":[1,2,3,4,5,6]}""", (string)response["output"]![2]!["arguments"]!);
        Assert.Equal("*** a", (string)response["output"]![3]!["input"]!);
        Assert.Equal("ns", (string)response["output"]![4]!["namespace"]!);
        Assert.Equal(2, (int)response["usage"]!["output_tokens_details"]!["reasoning_tokens"]!);
    }

    [Fact]
    public async Task A_stored_response_is_gone_on_from_and_an_unknown_one_is_not_found()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var first = await Ask(sandbox, "\"[[tool add {}]]\\n[[say sum {{result}}]]\"", Tools);
        var call = first["output"]![0]!;
        var output = $$"""[{"type":"function_call_output","call_id":"{{call["call_id"]}}","output":"7"}]""";
        var second = await Ask(sandbox, output, Tools + $",\"previous_response_id\":\"{first["id"]}\"");
        Assert.Equal("sum 7", (string)second["output"]![0]!["content"]![0]!["text"]!);
        Assert.Equal("previous_response_not_found", (string)(await Ask(sandbox, output, ""","previous_response_id":"resp_x" """))["error"]!["code"]!);
        Assert.Contains("No tool call found", (string)(await Ask(sandbox, output, ""))["error"]!["message"]!);
        Assert.Contains("No tool output found", (string)(await Ask(sandbox, """[{"type":"function_call","call_id":"c","name":"add","arguments":"{}"}]""", Tools))["error"]!["message"]!);
    }

    [Fact]
    public async Task Encrypted_reasoning_is_taken_back_and_foreign_one_is_not()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var item = (await Ask(sandbox, "\"x\"", ""","reasoning":{"effort":"low"},"include":["reasoning.encrypted_content"],"store":false"""))["output"]![0]!;
        Assert.Empty(item["summary"]!.AsArray());
        Assert.Equal("completed", (string)(await Ask(sandbox, $$"""[{{item.ToJsonString()}},{"role":"user","content":"y"}]""", ""))["status"]!);
        item["encrypted_content"] = "gAAAA";
        Assert.Equal("invalid_encrypted_content", (string)(await Ask(sandbox, $$"""[{{item.ToJsonString()}},{"role":"user","content":"y"}]""", ""))["error"]!["code"]!);
    }

    [Fact]
    public async Task Limits_end_incomplete_and_chat_fields_are_unknown()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var cut = await sandbox.JsonAsync("/v1/responses", """{"model":"sandbox-text-60","input":"x","max_output_tokens":20}""");
        Assert.Equal(("incomplete", "max_output_tokens", 20), ((string)cut["status"]!, (string)cut["incomplete_details"]!["reason"]!, (int)cut["usage"]!["output_tokens"]!));
        Assert.Contains("Unknown parameter: 'stop'", (string)(await Ask(sandbox, "\"x\"", ""","stop":["a"]"""))["error"]!["message"]!);
        var failed = await sandbox.StreamAsync("/v1/responses", """{"model":"sandbox-text-60@error-event-after=3","stream":true,"input":"x"}""");
        Assert.Equal(["error", "response.failed"], failed.TakeLast(2).Select(e => e.Name));
        using var upgrade = await sandbox.Http.GetAsync("/v1/responses", TestContext.Current.CancellationToken);
        Assert.Equal(426, (int)upgrade.StatusCode);
    }

    private static string Joined(List<JsonNode> events, string type) => string.Concat(events.Where(e => (string)e["type"]! == type).Select(e => (string)e["delta"]!));

    private static Task<JsonNode> Ask(SandboxClient sandbox, string input, string more) =>
        sandbox.JsonAsync("/v1/responses", $$"""{"model":"sandbox-chat","input":{{input}}{{more}} }""");

    private static Task<List<(string? Name, string Data)>> Stream(SandboxClient sandbox, string text, string more) =>
        sandbox.StreamAsync("/v1/responses", $$"""{"model":"sandbox-chat","stream":true,"input":{{SandboxClient.Quote(text)}}{{more}} }""");
}
