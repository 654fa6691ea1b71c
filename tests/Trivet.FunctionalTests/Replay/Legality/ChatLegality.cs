using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Replay.Meaning;

namespace Trivet.FunctionalTests.Replay.Legality;

/// <summary>The grammar of Chat streams (WIRE_FACTS §3.3): one id, the role once, calls named once and first, one finish reason, usage only if asked for, [DONE] last.</summary>
internal static class ChatLegality
{
    /// <summary>What is found of a stream that its vendor ended without the marker.</summary>
    public const string NoEndMarker = "no [DONE]";

    public static IReadOnlyList<string> Check(IReadOnlyList<SseFrame> frames, bool wantsUsage)
    {
        var wrong = new List<string>();
        var chunks = new List<JsonNode>();
        for (var i = 0; i < frames.Count; i++)
        {
            if (frames[i].Data != "[DONE]")
                chunks.Add(frames[i].ParseData());
            else if (i != frames.Count - 1)
                wrong.Add("[DONE] is not last");
        }

        var error = chunks.FindIndex(c => c["error"] is not null);
        if (error >= 0)
        {
            if (error != chunks.Count - 1)
                wrong.Add("something follows the error");
            chunks.RemoveRange(error, chunks.Count - error);
        }
        else if (frames.Count == 0 || frames[^1].Data != "[DONE]")
        {
            wrong.Add(NoEndMarker);
        }

        if (chunks.Select(c => (c["id"]?.ToString(), c["created"]?.ToString(), c["model"]?.ToString(), c["object"]?.ToString())).Distinct().Count() > 1)
            wrong.Add("id, created, model or object changes");
        if (chunks.Any(c => string.IsNullOrEmpty((string?)c["id"]) || (long)c["created"]! <= 0 || string.IsNullOrEmpty((string?)c["model"]) || (string?)c["object"] != "chat.completion.chunk"))
            wrong.Add("id, created, model or object is missing");
        var usage = chunks.FindIndex(c => c["usage"] is JsonObject);
        if (error < 0 && usage >= 0 != wantsUsage)
            wrong.Add(wantsUsage ? "no usage though asked for" : "usage though not asked for");
        if (usage >= 0 && (usage != chunks.Count - 1 || chunks[usage]["choices"] is not JsonArray { Count: 0 }))
            wrong.Add("usage is not a last chunk without choices");
        Choices(chunks, wrong, isWhole: error < 0);
        return wrong;
    }

    private static void Choices(List<JsonNode> chunks, List<string> wrong, bool isWhole)
    {
        var (roles, finishes, calls) = (0, 0, new Dictionary<int, string>());
        foreach (var choice in chunks.SelectMany(c => c["choices"] as JsonArray ?? []))
        {
            var delta = choice!["delta"] as JsonObject ?? [];
            if (finishes > 0)
                wrong.Add("a choice after the finish reason");
            if (delta["role"] is not null && ++roles > 1)
                wrong.Add("the role is said again");
            if (roles == 0)
                wrong.Add("the role is not said first");
            foreach (var call in delta["tool_calls"] as JsonArray ?? [])
                Call(call!, calls, wrong);
            if (choice["finish_reason"] is not null)
                finishes++;
        }

        if (isWhole && finishes != 1)
            wrong.Add($"{finishes} finish reasons");
    }

    private static void Call(JsonNode call, Dictionary<int, string> calls, List<string> wrong)
    {
        var index = (int)call["index"]!;
        var kind = (string?)call["type"] ?? (call["custom"] is null ? "function" : "custom");
        var (id, name) = ((string?)call["id"], (string?)call[kind]?["name"]);
        if (calls.ContainsKey(index))
        {
            if (id is not null || name is not null)
                wrong.Add($"call {index} is named again");
            return;
        }

        if (index != calls.Count)
            wrong.Add($"call {index} comes as number {calls.Count}");
        if (string.IsNullOrEmpty(id) || string.IsNullOrEmpty(name) || (string?)call["type"] is not ("function" or "custom"))
            wrong.Add($"call {index} begins without id, name or type");
        if (calls.ContainsValue(id ?? ""))
            wrong.Add($"call {index} has the id of another");
        calls[index] = id ?? "";
    }
}
