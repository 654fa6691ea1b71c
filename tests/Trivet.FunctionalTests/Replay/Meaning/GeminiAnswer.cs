using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Gemini answer says. Parts of tools that the vendor itself runs say nothing to others.</summary>
internal static class GeminiAnswer
{
    public static AnswerMeaning ReadWhole(JsonNode body) => Read([body]);

    public static AnswerMeaning ReadStream(IReadOnlyList<SseFrame> frames) => Read(frames.Select(f => JsonNode.Parse(f.Data)!));

    private static AnswerMeaning Read(IEnumerable<JsonNode> chunks)
    {
        var answer = new AnswerMeaning();
        var isBlocked = false;
        foreach (var chunk in chunks)
        {
            if (chunk["error"] is JsonObject error)
                answer.Error = Text(error["message"]) ?? "unnamed";
            isBlocked |= Text(chunk["promptFeedback"]?["blockReason"]) is not null;
            if (chunk["candidates"] is JsonArray { Count: > 0 } candidates)
            {
                foreach (var part in candidates[0]!["content"]?["parts"] as JsonArray ?? [])
                    Part(answer, part!);
                answer.Stop = Stop(Text(candidates[0]!["finishReason"])) ?? answer.Stop;
            }

            if (chunk["usageMetadata"] is JsonObject usage)
                answer.Usage = Counted(usage) ?? answer.Usage;
        }

        if (isBlocked && answer.Stop.Length == 0)
            answer.Stop = "filter";
        answer.Finish();
        return answer;
    }

    private static void Part(AnswerMeaning answer, JsonNode part)
    {
        if (part["functionCall"] is JsonObject call)
        {
            // Where the vendor gives no id, its place is one.
            var made = answer.AddCall(Text(call["id"]) ?? $"at {answer.Calls.Count}", Text(call["name"]) ?? "");
            made.Arguments.Append(call["args"]?.ToJsonString());
        }
        else if ((bool?)part["thought"] == true)
        {
            answer.AddReasoning(Text(part["text"]));
        }
        else
        {
            answer.AddText(Text(part["text"]));
        }
    }

    // Vertex sends a block with nothing but the kind of traffic.
    private static Tokens? Counted(JsonObject usage)
    {
        long N(string name) => usage[name] is JsonValue value ? (long)value.GetValue<double>() : 0;
        if (usage["promptTokenCount"] is null && usage["totalTokenCount"] is null)
            return null;
        var thoughts = N("thoughtsTokenCount");
        return new Tokens(N("promptTokenCount") + N("toolUsePromptTokenCount"), N("cachedContentTokenCount"), 0, N("candidatesTokenCount") + thoughts, thoughts);
    }

    private static string? Stop(string? reason) => reason switch
    {
        null => null,
        "STOP" => "end",
        "MAX_TOKENS" => "max",
        "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" or "IMAGE_SAFETY" or "MODEL_ARMOR" => "filter",
        _ => reason,
    };

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
