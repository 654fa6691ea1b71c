using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>What an agent understood of one answer.</summary>
internal sealed record AgentTurn(string Text, IReadOnlyList<(string Id, string Name, string Path)> Calls);

/// <summary>An agent of one protocol: keeps its conversation as such agents do, sends it whole every time, and gives back all that the protocol has room for.</summary>
internal abstract class AgentClient(Uri address, string key, bool stream) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };

    /// <summary>What the gateway said was lost, of the last answer.</summary>
    public string Lost { get; private set; } = "";

    public string UpstreamNamed { get; private set; } = "";

    protected bool IsStream => stream;

    public static AgentClient For(string protocol, Uri address, string key, bool stream) => protocol switch
    {
        "openai-chat" => new ChatAgent(address, key, stream, keepsThoughts: false),
        "openai-chat-thoughtful" => new ChatAgent(address, key, stream, keepsThoughts: true),
        "anthropic-messages" => new MessagesAgent(address, key, stream),
        "openai-responses" => new ResponsesAgent(address, key, stream),
        "gemini" => new GeminiAgent(address, key, stream, keepsThoughts: true),
        "gemini-forgetful" => new GeminiAgent(address, key, stream, keepsThoughts: false),
        _ => throw new ArgumentOutOfRangeException(nameof(protocol), protocol, null),
    };

    /// <summary>Asks a model to go on.</summary>
    public async Task<AgentTurn> StepAsync(string model)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, PathFor(model)) { Content = new StringContent(BodyFor(model).ToJsonString(), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(response.IsSuccessStatusCode, $"{model}: HTTP {(int)response.StatusCode}: {text}");
        Lost = response.Headers.TryGetValues("x-trivet-lost", out var lost) ? string.Join(", ", lost) : "";
        UpstreamNamed = response.Headers.TryGetValues("x-trivet-upstream", out var upstream) ? string.Join(", ", upstream) : "";
        return stream ? TakeStream(Frames(text)) : Take(JsonNode.Parse(text)!);
    }

    /// <summary>Adds what came of the calls of the last answer.</summary>
    public abstract void AddResults(IReadOnlyList<(string Id, string Name, string Result)> results);

    public void Dispose() => _http.Dispose();

    protected abstract string PathFor(string model);

    protected abstract JsonObject BodyFor(string model);

    /// <summary>Understands a whole answer and puts it into the conversation.</summary>
    protected abstract AgentTurn Take(JsonNode answer);

    /// <summary>The same for a stream.</summary>
    protected abstract AgentTurn TakeStream(IReadOnlyList<JsonNode> events);

    private static List<JsonNode> Frames(string text) =>
        [.. text.ReplaceLineEndings("\n").Split('\n').Where(line => line.StartsWith("data:", StringComparison.Ordinal) && !line.EndsWith("[DONE]", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[5..])!)];
}

/// <summary>A Chat agent. Most drop the thoughts; some send <c>reasoning_content</c> back.</summary>
internal sealed class ChatAgent(Uri address, string key, bool stream, bool keepsThoughts) : AgentClient(address, key, stream)
{
    private readonly JsonArray _messages = [new JsonObject { ["role"] = "user", ["content"] = AgentScript.Task }];

    public override void AddResults(IReadOnlyList<(string Id, string Name, string Result)> results)
    {
        foreach (var (id, _, result) in results)
            _messages.Add(new JsonObject { ["role"] = "tool", ["tool_call_id"] = id, ["content"] = result });
    }

    protected override string PathFor(string model) => "/v1/chat/completions";

    protected override JsonObject BodyFor(string model) => new()
    {
        ["model"] = model,
        ["stream"] = IsStream,
        ["reasoning_effort"] = "high",
        ["messages"] = _messages.DeepClone(),
        ["tools"] = JsonNode.Parse("""[{"type":"function","function":{"name":"Read","parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}}]"""),
    };

    protected override AgentTurn Take(JsonNode answer)
    {
        var message = answer["choices"]![0]!["message"]!.AsObject();
        return Take(message["content"]?.GetValue<string>() ?? "", message["reasoning_content"]?.GetValue<string>(), message["tool_calls"]?.AsArray());
    }

    protected override AgentTurn TakeStream(IReadOnlyList<JsonNode> events)
    {
        var (text, thoughts, calls) = (new StringBuilder(), new StringBuilder(), new SortedDictionary<int, JsonObject>());
        foreach (var delta in events.Where(e => e["choices"]!.AsArray().Count > 0).Select(e => e["choices"]![0]!["delta"]!))
        {
            text.Append(delta["content"]?.GetValue<string>());
            thoughts.Append(delta["reasoning_content"]?.GetValue<string>());
            foreach (var call in delta["tool_calls"]?.AsArray() ?? [])
            {
                if (!calls.TryGetValue(call!["index"]!.GetValue<int>(), out var made))
                    calls.Add(call["index"]!.GetValue<int>(), made = new JsonObject { ["id"] = call["id"]!.GetValue<string>(), ["type"] = "function", ["function"] = new JsonObject { ["name"] = call["function"]!["name"]!.GetValue<string>(), ["arguments"] = "" } });
                made["function"]!["arguments"] = made["function"]!["arguments"]!.GetValue<string>() + call["function"]?["arguments"]?.GetValue<string>();
            }
        }

        return Take(text.ToString(), thoughts.Length > 0 ? thoughts.ToString() : null, calls.Count > 0 ? new JsonArray([.. calls.Values]) : null);
    }

    private AgentTurn Take(string text, string? thoughts, JsonArray? calls)
    {
        var message = new JsonObject { ["role"] = "assistant", ["content"] = text };
        if (calls is not null)
            message["tool_calls"] = calls.DeepClone();
        if (keepsThoughts && thoughts is not null)
            message["reasoning_content"] = thoughts;
        _messages.Add(message);
        return new AgentTurn(text, [.. (calls ?? []).Select(call => (call!["id"]!.GetValue<string>(), call["function"]!["name"]!.GetValue<string>(), JsonNode.Parse(call["function"]!["arguments"]!.GetValue<string>())!["path"]!.GetValue<string>()))]);
    }
}

/// <summary>A Messages agent, which sends its blocks back as they came.</summary>
internal sealed class MessagesAgent(Uri address, string key, bool stream) : AgentClient(address, key, stream)
{
    private readonly JsonArray _messages = [new JsonObject { ["role"] = "user", ["content"] = AgentScript.Task }];

    public override void AddResults(IReadOnlyList<(string Id, string Name, string Result)> results) => _messages.Add(new JsonObject
    {
        ["role"] = "user",
        ["content"] = new JsonArray([.. results.Select(result => new JsonObject { ["type"] = "tool_result", ["tool_use_id"] = result.Id, ["content"] = result.Result })]),
    });

    protected override string PathFor(string model) => "/v1/messages";

    protected override JsonObject BodyFor(string model) => new()
    {
        ["model"] = model,
        ["stream"] = IsStream,
        ["max_tokens"] = 8000,
        ["thinking"] = new JsonObject { ["type"] = "enabled", ["budget_tokens"] = 2000 },
        ["messages"] = _messages.DeepClone(),
        ["tools"] = JsonNode.Parse("""[{"name":"Read","input_schema":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}]"""),
    };

    protected override AgentTurn Take(JsonNode answer) => TakeBlocks(answer["content"]!.AsArray());

    protected override AgentTurn TakeStream(IReadOnlyList<JsonNode> events)
    {
        var (blocks, arguments) = (new JsonArray(), new StringBuilder());
        foreach (var e in events)
        {
            switch (e["type"]!.GetValue<string>())
            {
                case "content_block_start":
                    blocks.Add(e["content_block"]!.DeepClone());
                    arguments.Clear();
                    break;
                case "content_block_delta" when e["delta"]!["type"]!.GetValue<string>() == "input_json_delta":
                    arguments.Append(e["delta"]!["partial_json"]!.GetValue<string>());
                    blocks[^1]!["input"] = arguments.Length > 0 && TryParse(arguments.ToString()) is { } input ? input : new JsonObject();
                    break;
                case "content_block_delta":
                    foreach (var field in (string[])["text", "thinking", "signature"])
                    {
                        if (e["delta"]![field] is { } more)
                            blocks[^1]![field] = blocks[^1]![field]?.GetValue<string>() + more.GetValue<string>();
                    }

                    break;
            }
        }

        return TakeBlocks(blocks);
    }

    private AgentTurn TakeBlocks(JsonArray blocks)
    {
        _messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = blocks.DeepClone() });
        return new AgentTurn(
            string.Concat(blocks.Where(block => block!["type"]!.GetValue<string>() == "text").Select(block => block!["text"]!.GetValue<string>())),
            [.. blocks.Where(block => block!["type"]!.GetValue<string>() == "tool_use").Select(block => (block!["id"]!.GetValue<string>(), block["name"]!.GetValue<string>(), block["input"]!["path"]!.GetValue<string>()))]);
    }

    private static JsonNode? TryParse(string json)
    {
        try
        {
            return JsonNode.Parse(json);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}

/// <summary>A Responses agent that keeps no state anywhere (<c>store: false</c>, as Codex and opencode do) and sends every item back.</summary>
internal sealed class ResponsesAgent(Uri address, string key, bool stream) : AgentClient(address, key, stream)
{
    private readonly JsonArray _input = [new JsonObject { ["role"] = "user", ["content"] = AgentScript.Task }];

    public override void AddResults(IReadOnlyList<(string Id, string Name, string Result)> results)
    {
        foreach (var (id, _, result) in results)
            _input.Add(new JsonObject { ["type"] = "function_call_output", ["call_id"] = id, ["output"] = result });
    }

    protected override string PathFor(string model) => "/v1/responses";

    protected override JsonObject BodyFor(string model) => new()
    {
        ["model"] = model,
        ["stream"] = IsStream,
        ["store"] = false,
        ["include"] = new JsonArray("reasoning.encrypted_content"),
        ["reasoning"] = new JsonObject { ["effort"] = "high", ["summary"] = "auto" },
        ["input"] = _input.DeepClone(),
        ["tools"] = JsonNode.Parse("""[{"type":"function","name":"Read","strict":false,"parameters":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}]"""),
    };

    protected override AgentTurn Take(JsonNode answer) => TakeItems(answer["output"]!.AsArray());

    protected override AgentTurn TakeStream(IReadOnlyList<JsonNode> events) =>
        TakeItems(new JsonArray([.. events.Where(e => e["type"]!.GetValue<string>() == "response.output_item.done").Select(e => e["item"]!.DeepClone())]));

    private AgentTurn TakeItems(JsonArray items)
    {
        foreach (var item in items)
            _input.Add(item!.DeepClone());
        return new AgentTurn(
            string.Concat(items.Where(item => item!["type"]!.GetValue<string>() == "message").SelectMany(item => item!["content"]!.AsArray()).Select(part => part!["text"]?.GetValue<string>())),
            [.. items.Where(item => item!["type"]!.GetValue<string>() == "function_call").Select(item => (item!["call_id"]!.GetValue<string>(), item["name"]!.GetValue<string>(), JsonNode.Parse(item["arguments"]!.GetValue<string>())!["path"]!.GetValue<string>()))]);
    }
}

/// <summary>A Gemini agent: sends the model's parts back as they came, or, as some do, without its thoughts.</summary>
internal sealed class GeminiAgent(Uri address, string key, bool stream, bool keepsThoughts) : AgentClient(address, key, stream)
{
    private readonly JsonArray _contents = [new JsonObject { ["role"] = "user", ["parts"] = new JsonArray(new JsonObject { ["text"] = AgentScript.Task }) }];

    public override void AddResults(IReadOnlyList<(string Id, string Name, string Result)> results) => _contents.Add(new JsonObject
    {
        ["role"] = "user",
        ["parts"] = new JsonArray([.. results.Select(result =>
        {
            var response = new JsonObject { ["name"] = result.Name, ["response"] = new JsonObject { ["output"] = result.Result } };
            if (result.Id.Length > 0)
                response["id"] = result.Id;
            return new JsonObject { ["functionResponse"] = response };
        })]),
    });

    protected override string PathFor(string model) => $"/v1beta/models/{model}:{(IsStream ? "streamGenerateContent?alt=sse" : "generateContent")}";

    protected override JsonObject BodyFor(string model) => new()
    {
        ["contents"] = _contents.DeepClone(),
        ["generationConfig"] = new JsonObject { ["thinkingConfig"] = new JsonObject { ["includeThoughts"] = true, ["thinkingLevel"] = "high" } },
        ["tools"] = JsonNode.Parse("""[{"functionDeclarations":[{"name":"Read","parametersJsonSchema":{"type":"object","properties":{"path":{"type":"string"}},"required":["path"]}}]}]"""),
    };

    protected override AgentTurn Take(JsonNode answer) => TakeParts([.. answer["candidates"]![0]!["content"]!["parts"]!.AsArray()]);

    protected override AgentTurn TakeStream(IReadOnlyList<JsonNode> events) => TakeParts([.. events.SelectMany(e => e["candidates"]?[0]?["content"]?["parts"]?.AsArray() ?? [])]);

    private AgentTurn TakeParts(IReadOnlyList<JsonNode?> parts)
    {
        var kept = parts.Where(part => keepsThoughts || part!["thought"] is null).Select(part => part!.DeepClone());
        _contents.Add(new JsonObject { ["role"] = "model", ["parts"] = new JsonArray([.. kept]) });
        return new AgentTurn(
            string.Concat(parts.Where(part => part!["thought"] is null).Select(part => part!["text"]?.GetValue<string>())),
            [.. parts.Where(part => part!["functionCall"] is not null).Select(part => (part!["functionCall"]!["id"]?.GetValue<string>() ?? "", part["functionCall"]!["name"]!.GetValue<string>(), part["functionCall"]!["args"]!["path"]!.GetValue<string>()))]);
    }
}
