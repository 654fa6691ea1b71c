using System.Text.Json.Nodes;

namespace Trivet.Tests.Sandbox;

public sealed class GeminiTests
{
    private const string Path = "/v1beta/models/sandbox-chat";
    private const string Tools = ""","tools":[{"functionDeclarations":[{"name":"add","parametersJsonSchema":{"type":"object","properties":{"a":{"type":"integer"}},"required":["a"]}}]}]""";
    private const string Thoughts = ""","generationConfig":{"thinkingConfig":{"includeThoughts":true,"thinkingBudget":-1}}""";

    [Fact]
    public async Task A_stream_ends_its_lines_with_crlf_and_signs_an_empty_text_part()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var response = await sandbox.PostAsync(Path + ":streamGenerateContent?alt=sse", Ask("[[say yes sir]]", Thoughts));
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("}\r\n\r\ndata: {", text);
        Assert.DoesNotContain("event:", text);
        var chunks = SandboxClient.Events(text).ConvertAll(e => JsonNode.Parse(e.Data)!);
        Assert.All(chunks, c => Assert.NotNull(c["usageMetadata"]));
        Assert.Equal("yes sir", string.Concat(chunks.Select(Part).Where(p => p["thought"] is null).Select(p => (string?)p["text"])));
        var last = Part(chunks[^1]);
        Assert.Equal("", (string)last["text"]!);
        Assert.NotNull(last["thoughtSignature"]);
        Assert.Equal("STOP", (string)chunks[^1]["candidates"]![0]!["finishReason"]!);
        Assert.Equal((2, 16), ((int)chunks[^1]["usageMetadata"]!["candidatesTokenCount"]!, (int)chunks[^1]["usageMetadata"]!["thoughtsTokenCount"]!));
    }

    [Fact]
    public async Task Without_alt_sse_the_stream_is_one_json_array()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        using var response = await sandbox.PostAsync(Path + ":streamGenerateContent", Ask("[[say yes sir]]", ""));
        var array = JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!.AsArray();
        Assert.Equal("yes sir", string.Concat(array.Select(c => (string?)Part(c!)["text"])));
    }

    [Fact]
    public async Task Calls_have_no_ids_stop_with_STOP_and_the_first_is_signed()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var answer = await sandbox.JsonAsync(Path + ":generateContent", Ask("[[tool add {\"a\":1}]] [[tool add {\"a\":2}]]\n[[say sum {{result}}]]", Tools + Thoughts));
        var content = answer["candidates"]![0]!["content"]!;
        var calls = content["parts"]!.AsArray().Where(p => p!["functionCall"] is not null).ToList();
        Assert.Equal(2, calls.Count);
        Assert.Null(calls[0]!["functionCall"]!["id"]);
        Assert.NotNull(calls[0]!["thoughtSignature"]);
        Assert.Null(calls[1]!["thoughtSignature"]);
        Assert.Equal("STOP", (string)answer["candidates"]![0]!["finishReason"]!);

        const string Result = """{"functionResponse":{"name":"add","response":{"result":"3"}}}""";
        var task = SandboxClient.Quote("[[tool add {\"a\":1}]] [[tool add {\"a\":2}]]\n[[say sum {{result}}]]");
        async Task<JsonNode> Next(string results) => await sandbox.JsonAsync(Path + ":generateContent", $$"""
            {"contents":[{"role":"user","parts":[{"text":{{task}} }]},{{content.ToJsonString()}},{"role":"user","parts":[{{results}}]}]{{Tools}}{{Thoughts}} }
            """);
        var final = await Next($"{Result},{Result}");
        Assert.Equal("sum 3", (string)final["candidates"]![0]!["content"]!["parts"]!.AsArray()[^1]!["text"]!);
        Assert.Contains("equal to the number of function call parts", (string)(await Next(Result))["error"]!["message"]!);
        content["parts"]!.AsArray().First(p => p!["thoughtSignature"] is not null)!["thoughtSignature"] = "AAAA";
        Assert.Contains("thought signature", (string)(await Next($"{Result},{Result}"))["error"]!["message"]!);
    }

    [Fact]
    public async Task Errors_carry_googles_status_and_retry_delay()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        var limited = await sandbox.JsonAsync("/v1beta/models/sandbox-chat@429:retry-after=34:generateContent", Ask("x", ""));
        Assert.Equal((429, "RESOURCE_EXHAUSTED", "34s"), ((int)limited["error"]!["code"]!, (string)limited["error"]!["status"]!, (string)limited["error"]!["details"]![0]!["retryDelay"]!));
        var unknown = await sandbox.JsonAsync(Path + ":generateContent", Ask("x", ""","messages":[]"""));
        Assert.Contains("Unknown name \"messages\"", (string)unknown["error"]!["message"]!);
    }

    [Fact]
    public async Task Counting_agrees_with_the_answer_and_with_chat()
    {
        await using var sandbox = await SandboxClient.StartAsync();
        const string System = ""","system_instruction":{"parts":[{"text":"be nice"}]}""";
        var count = await sandbox.JsonAsync(Path + ":countTokens", $$"""{"generateContentRequest":{{Ask("hello you", System)}} }""");
        var answer = await sandbox.JsonAsync("/v1/models/sandbox-chat:generateContent", Ask("hello you", System));
        var chat = await sandbox.JsonAsync("/v1/chat/completions", """{"model":"sandbox-chat","messages":[{"role":"system","content":"be nice"},{"role":"user","content":"hello you"}]}""");
        Assert.Equal((int)answer["usageMetadata"]!["promptTokenCount"]!, (int)count["totalTokens"]!);
        Assert.Equal((int)chat["usage"]!["prompt_tokens"]!, (int)count["totalTokens"]!);
        var models = JsonNode.Parse(await sandbox.Http.GetStringAsync("/v1beta/models", TestContext.Current.CancellationToken))!;
        Assert.StartsWith("models/sandbox-", (string)models["models"]![0]!["name"]!);
    }

    private static JsonNode Part(JsonNode chunk) => chunk["candidates"]![0]!["content"]!["parts"]![0]!;

    private static string Ask(string text, string more) => $$"""{"contents":[{"role":"user","parts":[{"text":{{SandboxClient.Quote(text)}} }]}]{{more}} }""";
}
