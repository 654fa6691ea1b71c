using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Replay.Meaning;

namespace Trivet.FunctionalTests.Replay.Legality;

/// <summary>The grammar of Gemini streams (WIRE_FACTS §3.3): no event names, one id and model, one finish reason and nothing said after it, calls whole, tokens that add up.</summary>
internal static class GeminiLegality
{
    public static IReadOnlyList<string> Check(IReadOnlyList<SseFrame> frames)
    {
        var wrong = new List<string>();
        if (frames.Any(f => f.Name.Length > 0))
            wrong.Add("an event has a name");
        var chunks = frames.Select(f => f.ParseData()).ToList();
        var error = chunks.FindIndex(c => c["error"] is not null);
        if (error >= 0 && error != chunks.Count - 1)
            wrong.Add("something follows the error");
        if (error >= 0)
            chunks.RemoveRange(error, chunks.Count - error);
        chunks.RemoveAll(KeepsLineOpen);
        if (chunks.Select(c => ((string?)c["responseId"], (string?)c["modelVersion"])).Distinct().Count() > 1)
            wrong.Add("id or model changes");
        var (isFinished, isBlocked) = (false, false);
        foreach (var chunk in chunks)
        {
            isBlocked |= chunk["promptFeedback"]?["blockReason"] is not null;
            foreach (var candidate in chunk["candidates"] as JsonArray ?? [])
            {
                if (isFinished)
                    wrong.Add("a candidate after the finish reason");
                if ((int?)candidate!["index"] is not (null or 0))
                    wrong.Add($"candidate {candidate["index"]}");
                if (candidate["content"] is JsonObject content && (string?)content["role"] != "model")
                    wrong.Add($"the role is {content["role"]}");
                foreach (var part in candidate["content"]?["parts"] as JsonArray ?? [])
                    Part(part!, wrong);
                isFinished |= candidate["finishReason"] is not null;
            }

            if (chunk["usageMetadata"] is JsonObject usage)
                Usage(usage, wrong);
        }

        if (error < 0 && !isFinished && !isBlocked)
            wrong.Add("no finish reason");
        return wrong;
    }

    // Google's SDKs take no comments, so it is a chunk that says nothing.
    private static bool KeepsLineOpen(JsonNode chunk) =>
        chunk is JsonObject { Count: 1 } && chunk["candidates"] is JsonArray { Count: 1 } candidates && candidates[0]!["finishReason"] is null &&
        candidates[0]!["content"]?["parts"] is JsonArray { Count: 1 } parts && (string?)parts[0]!["text"] == "";

    private static void Part(JsonNode part, List<string> wrong)
    {
        var kinds = part.AsObject().Count(p => p.Key is "text" or "functionCall" or "inlineData" or "executableCode" or "codeExecutionResult" or "fileData");
        if (kinds > 1 || kinds == 0 && part.AsObject().All(p => p.Key is "thought" or "thoughtSignature")) // a kind of its own that nobody knows yet passes
            wrong.Add($"a part of {kinds} kinds");
        if (part["functionCall"] is { } call && (string.IsNullOrEmpty((string?)call["name"]) || call["args"] is not (null or JsonObject)))
            wrong.Add("a call without a name or with arguments that are no object");
    }

    private static void Usage(JsonObject usage, List<string> wrong)
    {
        long N(string name) => (long?)usage[name] ?? 0;
        var total = N("promptTokenCount") + N("candidatesTokenCount") + N("thoughtsTokenCount") + N("toolUsePromptTokenCount");
        if (usage["totalTokenCount"] is not null && N("totalTokenCount") != total)
            wrong.Add($"{N("totalTokenCount")} tokens instead of {total}");
    }
}
