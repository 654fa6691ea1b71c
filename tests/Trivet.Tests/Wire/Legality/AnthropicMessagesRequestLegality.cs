using System.Text.Json.Nodes;

namespace Trivet.Tests.Wire.Legality;

/// <summary>The rules by which Anthropic answers 400, as far as they can be checked without it; knows nothing of the writer.</summary>
internal static class AnthropicMessagesRequestLegality
{
    public static void Check(JsonObject request)
    {
        Assert.True(request["max_tokens"]!.GetValue<long>() > 0);
        Assert.NotEmpty(request["model"]!.GetValue<string>());
        var names = (request["tools"]?.AsArray() ?? []).Select(t => t!["name"]!.GetValue<string>()).ToList();
        Assert.Equal(names.Count, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-zA-Z0-9_-]{1,128}$", name));
        Assert.All(request["tools"]?.AsArray() ?? [], tool => Assert.True(tool!["type"] is not null || tool["input_schema"]!["type"]!.GetValue<string>() == "object"));
        if (request["tool_choice"] is not null)
            Assert.NotEmpty(names);
        Thinking(request);
        var messages = request["messages"]!.AsArray();
        Assert.NotEmpty(messages);
        Assert.Equal("user", messages[0]!["role"]!.GetValue<string>());
        var ids = new HashSet<string>(StringComparer.Ordinal);
        List<string> open = [];
        foreach (var message in messages)
        {
            var blocks = Blocks(message!["content"]!);
            Assert.NotEmpty(blocks);
            var results = blocks.TakeWhile(b => b["type"]!.GetValue<string>() == "tool_result").Select(b => b["tool_use_id"]!.GetValue<string>()).ToList();
            Assert.Equal(results.Count, blocks.Count(b => b["type"]!.GetValue<string>() == "tool_result"));
            Assert.Equal(open.Order(StringComparer.Ordinal), results.Order(StringComparer.Ordinal));
            open = [.. blocks.Where(b => b["type"]!.GetValue<string>() == "tool_use").Select(b => b["id"]!.GetValue<string>())];
            Assert.True(open.Count == 0 || message["role"]!.GetValue<string>() == "assistant");
            Assert.All(open, id => Assert.True(ids.Add(id), "an id occurs twice"));
            Assert.All(open, id => Assert.Matches("^[a-zA-Z0-9_-]+$", id));
            foreach (var block in blocks)
                Block(block);
        }

        Assert.Empty(open);
        var last = Blocks(messages[^1]!["content"]!)[^1];
        if (messages[^1]!["role"]!.GetValue<string>() == "assistant" && last["text"] is { } text)
            Assert.Equal(text.GetValue<string>().TrimEnd(), text.GetValue<string>());
    }

    private static void Thinking(JsonObject request)
    {
        if (request["thinking"]?["type"]?.GetValue<string>() != "enabled")
            return;
        Assert.InRange(request["thinking"]!["budget_tokens"]!.GetValue<long>(), 1024, request["max_tokens"]!.GetValue<long>() - 1);
        Assert.True(request["temperature"] is null || request["temperature"]!.GetValue<double>() == 1);
        Assert.Null(request["top_k"]);
        Assert.True(request["tool_choice"]?["type"]?.GetValue<string>() is null or "auto" or "none");
    }

    private static void Block(JsonNode block)
    {
        switch (block["type"]!.GetValue<string>())
        {
            case "text":
                Assert.False(string.IsNullOrWhiteSpace(block["text"]!.GetValue<string>()));
                break;
            case "tool_use":
                Assert.IsType<JsonObject>(block["input"]);
                Assert.Matches("^[a-zA-Z0-9_-]{1,128}$", block["name"]!.GetValue<string>());
                break;
            case "thinking":
                Assert.NotNull(block["signature"]);
                break;
            case "image":
                if (block["source"]!["type"]!.GetValue<string>() == "base64")
                    Assert.Contains(block["source"]!["media_type"]!.GetValue<string>(), new[] { "image/png", "image/jpeg", "image/gif", "image/webp" });
                break;
        }
    }

    private static List<JsonNode> Blocks(JsonNode content) => content is JsonArray array ? [.. array.Select(b => b!)] : [new JsonObject { ["type"] = "text", ["text"] = content.GetValue<string>() }];
}
