using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Responses answer says. Items of tools that the vendor itself runs say nothing to others.</summary>
internal static class ResponsesAnswer
{
    public static AnswerMeaning ReadWhole(JsonNode body)
    {
        var answer = new AnswerMeaning();
        if (body["error"] is JsonObject error)
            answer.Error = Text(error["message"]) ?? "unnamed";
        foreach (var item in body["output"] as JsonArray ?? [])
            Item(answer, item!);
        Finish(answer, body);
        return answer;
    }

    /// <summary>
    /// What the events say piece by piece. The last event's <c>response</c> gives the stop and the usage only: what it repeats is the legality checker's business.
    /// Items that came without pieces of their own are taken when they are done.
    /// </summary>
    public static AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames)
    {
        var answer = new AnswerMeaning();
        var items = new Dictionary<int, Open>();
        var parts = new HashSet<(int, int)>();
        foreach (var data in frames.Where(f => f.Data != "[DONE]").Select(f => JsonNode.Parse(f.Data)!))
        {
            var index = data["output_index"] is JsonValue at ? (int)at : -1;
            switch (Text(data["type"]))
            {
                case "response.output_item.added":
                    items[index] = new Open(data["item"]!, Call(answer, data["item"]!));
                    break;
                case "response.reasoning_summary_part.added" when Seen(data["summary_index"]):
                    answer.AddReasoning("\n\n");
                    break;
                case "response.output_text.delta" or "response.refusal.delta":
                    answer.AddText(Text(data["delta"]));
                    Said();
                    break;
                case "response.reasoning_summary_text.delta" or "response.reasoning_text.delta":
                    answer.AddReasoning(Text(data["delta"]));
                    Said();
                    break;
                case "response.function_call_arguments.delta" or "response.custom_tool_call_input.delta":
                    items.GetValueOrDefault(index)?.Call?.Arguments.Append(Text(data["delta"]));
                    break;
                case "response.output_item.done":
                    Done(answer, items.GetValueOrDefault(index), data["item"]!);
                    break;
                case "response.completed" or "response.incomplete" or "response.failed":
                    answer.Error = Text(data["response"]?["error"]?["message"]) ?? answer.Error;
                    Finish(answer, data["response"]!);
                    break;
                case "error":
                    answer.Error = Text(data["message"]) ?? Text(data["error"]?["message"]) ?? "unnamed";
                    break;
            }

            bool Seen(JsonNode? part) => !parts.Add((index, (int)part!)) || (int)part! > 0;

            void Said()
            {
                if (items.TryGetValue(index, out var open))
                    open.HasSpoken = true;
            }
        }

        answer.Finish();
        return answer;
    }

    private static void Done(AnswerMeaning answer, Open? open, JsonNode item)
    {
        if (open is null)
            Item(answer, item);
        else if (open.Call is { } call && call.Arguments.Length == 0)
            call.Arguments.Append(Text(item["arguments"]) ?? Text(item["input"]));
        else if (open.Call is null && !open.HasSpoken)
            Item(answer, item);
    }

    private static void Item(AnswerMeaning answer, JsonNode item)
    {
        switch (Text(item["type"]))
        {
            case "message":
                foreach (var part in item["content"] as JsonArray ?? [])
                    answer.AddText(Text(part!["text"]) ?? Text(part["refusal"]));
                break;
            case "reasoning":
                var summary = (item["summary"] as JsonArray ?? []).Select(p => Text(p!["text"]) ?? "").ToList();
                answer.AddReasoning(summary.Count > 0 ? string.Join("\n\n", summary) : string.Concat((item["content"] as JsonArray ?? []).Select(p => Text(p!["text"]))));
                break;
            default:
                Call(answer, item)?.Arguments.Append(Text(item["arguments"]) ?? Text(item["input"]));
                break;
        }
    }

    // xAI's own search tools come as custom tool calls, which xAI itself has answered: the answer goes on behind them.
    private static ToolCall? Call(AnswerMeaning answer, JsonNode item) => Text(item["type"]) is "function_call" or "custom_tool_call" && Text(item["call_id"])?.StartsWith("xs_", StringComparison.Ordinal) != true ? answer.AddCall(Text(item["call_id"]) ?? "", Text(item["name"]) ?? "") : null;

    private static void Finish(AnswerMeaning answer, JsonNode response)
    {
        answer.Stop = (Text(response["status"]), Text(response["incomplete_details"]?["reason"])) switch
        {
            ("completed", _) => "end",
            ("incomplete", "max_output_tokens") => "max",
            ("incomplete", "content_filter") => "filter",
            ("incomplete", var reason) => reason ?? "incomplete",
            _ => "",
        };
        if (response["usage"] is JsonObject usage)
        {
            long N(JsonNode? node) => node is JsonValue ? (long)node.GetValue<double>() : 0;
            var details = usage["input_tokens_details"];
            answer.Usage = new Tokens(N(usage["input_tokens"]), N(details?["cached_tokens"]), N(details?["cache_write_tokens"]), N(usage["output_tokens"]), N(usage["output_tokens_details"]?["reasoning_tokens"]));
        }

        answer.Finish();
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;

    private sealed record Open(JsonNode Item, ToolCall? Call)
    {
        public bool HasSpoken { get; set; }
    }
}
