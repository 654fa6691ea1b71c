using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Chat answer says, as vendors write it.</summary>
internal static class ChatAnswer
{
    public static AnswerMeaning ReadWhole(JsonNode body)
    {
        var answer = new AnswerMeaning { Error = ErrorOf(body), Usage = Counted(body["usage"]) };
        if (body["choices"] is not JsonArray { Count: > 0 } choices)
            return answer;
        var message = choices[0]!["message"]!;
        Say(answer, message);
        foreach (var call in message["tool_calls"] as JsonArray ?? [])
            Call(answer, call!);
        if (message["function_call"] is JsonObject function && Text(function["name"]) is { Length: > 0 } name) // Snowflake sends it empty
            answer.AddCall("call", name).Arguments.Append(Text(function["arguments"]));
        answer.Stop = Stop(choices[0]!["finish_reason"]);
        answer.Finish();
        return answer;
    }

    public static AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames)
    {
        var answer = new AnswerMeaning();
        var calls = new Dictionary<int, ToolCall>();
        foreach (var frame in frames.Where(f => f.Data != "[DONE]"))
        {
            var chunk = JsonNode.Parse(frame.Data)!;
            answer.Error ??= frame.Name == "error" ? ErrorOf(chunk) ?? "unnamed" : ErrorOf(chunk);
            answer.Usage = Counted(chunk["usage"]) ?? Counted(chunk["x_groq"]?["usage"]) ?? answer.Usage;
            foreach (var choice in chunk["choices"] as JsonArray ?? [])
            {
                if (choice!["delta"] is JsonObject delta)
                {
                    Say(answer, delta);
                    foreach (var call in delta["tool_calls"] as JsonArray ?? [])
                        CallDelta(answer, calls, call!);
                }

                if (choice["finish_reason"] is { } reason)
                    answer.Stop = Stop(reason);
            }
        }

        answer.Finish();
        return answer;
    }

    private static void Say(AnswerMeaning answer, JsonNode message)
    {
        var thoughts = Text(message["reasoning_content"]) ?? Text(message["reasoning"]);
        if (string.IsNullOrEmpty(thoughts) && message["reasoning_details"] is JsonArray details)
            thoughts = string.Concat(details.Select(d => Text(d!["text"]) ?? Text(d["summary"]) ?? ""));
        answer.AddReasoning(thoughts);
        if (message["content"] is JsonArray parts)
        {
            foreach (var part in parts)
            {
                if (part!["type"]?.GetValue<string>() == "thinking")
                    answer.AddReasoning(part["thinking"] is JsonArray inner ? string.Concat(inner.Select(i => Text(i!["text"]))) : Text(part["thinking"]));
                else
                    answer.AddText(Text(part["text"]));
            }
        }
        else
        {
            SayText(answer, Text(message["content"]));
        }

        answer.AddText(Text(message["refusal"]));
    }

    // Thoughts inline at the very beginning. Only in whole answers: no recorded stream has them.
    private static void SayText(AnswerMeaning answer, string? text)
    {
        if (text is null || !text.StartsWith("<think>", StringComparison.Ordinal))
        {
            answer.AddText(text);
            return;
        }

        var end = text.IndexOf("</think>", StringComparison.Ordinal);
        answer.AddReasoning(end < 0 ? text["<think>".Length..].TrimStart('\n') : text["<think>".Length..end].Trim('\n'));
        answer.AddText(end < 0 ? null : text[(end + "</think>".Length)..].TrimStart());
    }

    private static void Call(AnswerMeaning answer, JsonNode call)
    {
        var function = call["function"] ?? call["custom"]!;
        answer.AddCall(Text(call["id"]) ?? "", Text(function["name"]) ?? "").Arguments.Append(Text(function["arguments"]) ?? Text(function["input"]) ?? function["arguments"]?.ToJsonString() ?? "");
    }

    private static void CallDelta(AnswerMeaning answer, Dictionary<int, ToolCall> calls, JsonNode delta)
    {
        var index = delta["index"]?.GetValue<int>() ?? 0;
        var function = delta["function"];
        var (id, name) = (Text(delta["id"]) ?? "", Text(function?["name"]) ?? "");
        if (!calls.TryGetValue(index, out var call) || (id.Length > 0 && name.Length > 0 && id != call.Id))
            calls[index] = call = answer.AddCall(id, "");
        if (call.Name.Length == 0)
            call.Name = name;
        call.Arguments.Append(Text(function?["arguments"]));
    }

    private static string? ErrorOf(JsonNode body) => body["error"] is JsonObject error ? Text(error["message"]) ?? error.ToJsonString() : body["error"] is JsonValue value ? value.ToString() : null;

    private static Tokens? Counted(JsonNode? usage)
    {
        if (usage is not JsonObject)
            return null;
        long N(JsonNode? node) => node is JsonValue ? (long)node.GetValue<double>() : 0;
        var (prompt, completion, total) = (N(usage["prompt_tokens"]), N(usage["completion_tokens"]), N(usage["total_tokens"]));
        var cached = Math.Max(N(usage["prompt_tokens_details"]?["cached_tokens"]), Math.Max(N(usage["prompt_cache_hit_tokens"]), N(usage["cached_tokens"])));
        var written = Math.Max(N(usage["prompt_tokens_details"]?["cache_write_tokens"]), N(usage["cache_creation_input_tokens"]));
        var reasoning = N(usage["completion_tokens_details"]?["reasoning_tokens"]);

        // Azure's Grok counts what was cached beside the prompt; xAI, Vercel and Gemini's OpenAI layer count thoughts beside the completion.
        if (cached + written > prompt)
            prompt += cached + written;
        else if (total > prompt + completion)
            (reasoning, completion) = (total - prompt - completion, total - prompt);
        else if (reasoning > completion + 1)
            completion += reasoning;
        return new Tokens(prompt, cached, written, completion, Math.Min(reasoning, completion));
    }

    private static string Stop(JsonNode? reason) => Text(reason) switch
    {
        null => "",
        "stop" or "eos" => "end",
        "tool_calls" or "function_call" => "tools",
        "length" => "max",
        "content_filter" => "filter",
        var other => other,
    };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
