using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Messages answer says. Blocks that only this protocol knows (server tools and their results) say nothing to others.</summary>
internal static class MessagesAnswer
{
    public static AnswerMeaning ReadWhole(JsonNode body)
    {
        var answer = new AnswerMeaning();
        if (Text(body["type"]) == "error" || body["error"] is not null)
            answer.Error = Text(body["error"]?["message"]) ?? "unnamed";
        foreach (var block in body["content"] as JsonArray ?? [])
        {
            if (Start(answer, block!) is { } call)
                call.Arguments.Append(block!["input"]?.ToJsonString());
        }

        answer.Stop = Stop(body["stop_reason"]);
        answer.Usage = body["usage"] is JsonObject usage ? Counted(usage, null) : null;
        answer.Finish();
        return answer;
    }

    public static AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames)
    {
        var answer = new AnswerMeaning();
        var calls = new Dictionary<int, ToolCall?>();
        JsonObject? started = null;
        foreach (var data in frames.Select(f => JsonNode.Parse(f.Data)!))
        {
            var index = data["index"]?.GetValue<int>() ?? -1;
            switch (Text(data["type"]))
            {
                case "message_start":
                    started = data["message"]!["usage"] as JsonObject;
                    answer.Usage = started is null ? null : Counted(started, null);
                    break;
                case "content_block_start":
                    calls[index] = Start(answer, data["content_block"]!);
                    break;
                case "content_block_delta":
                    var delta = data["delta"]!;
                    answer.AddText(Text(delta["type"]) == "text_delta" ? Text(delta["text"]) : null);
                    answer.AddReasoning(Text(delta["type"]) == "thinking_delta" ? Text(delta["thinking"]) : null);
                    calls.GetValueOrDefault(index)?.Arguments.Append(Text(delta["partial_json"]));
                    break;
                case "message_delta":
                    answer.Stop = Stop(data["delta"]?["stop_reason"]);
                    answer.Usage = data["usage"] is JsonObject usage ? Counted(usage, started) : answer.Usage;
                    break;
                case "error":
                    answer.Error = Text(data["error"]?["message"]) ?? "unnamed";
                    break;
            }
        }

        answer.Finish();
        return answer;
    }

    private static ToolCall? Start(AnswerMeaning answer, JsonNode block)
    {
        answer.AddText(Text(block["type"]) == "text" ? Text(block["text"]) : null);
        answer.AddReasoning(Text(block["type"]) == "thinking" ? Text(block["thinking"]) : null);
        return Text(block["type"]) == "tool_use" ? answer.AddCall(Text(block["id"]) ?? "", Text(block["name"]) ?? "") : null;
    }

    private static Tokens Counted(JsonObject usage, JsonObject? started)
    {
        long N(string name) => (usage[name] ?? started?[name]) is JsonValue value ? (long)value.GetValue<double>() : 0;
        var (read, written) = (N("cache_read_input_tokens"), N("cache_creation_input_tokens"));
        var thoughts = usage["output_tokens_details"]?["thinking_tokens"] is JsonValue count ? (long)count.GetValue<double>() : 0;
        return new Tokens(N("input_tokens") + read + written, read, written, N("output_tokens"), thoughts);
    }

    private static string Stop(JsonNode? reason) => Text(reason) switch
    {
        null => "",
        "end_turn" => "end",
        "tool_use" => "tools",
        "max_tokens" => "max",
        "refusal" => "filter",
        "pause_turn" or "compaction" => "pause",
        "model_context_window_exceeded" => "context",
        var other => other,
    };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
