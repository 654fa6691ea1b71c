namespace Trivet.Server.Conformance.Oracle;

/// <summary>By which words a report of losses, or a refusal, may name a fact; protocols name fields differently.</summary>
internal static class LossWords
{
    private static readonly Dictionary<string, string[]> Words = new(StringComparer.Ordinal)
    {
        ["system"] = ["system", "developer"],
        ["system.later"] = ["system", "role"],
        ["user.image"] = ["image"],
        ["user.detail"] = ["detail"],
        ["user.document"] = ["document", "file"],
        ["user.media"] = ["audio", "media"],
        ["user.result"] = ["tool", "result", "function"],
        ["user.result.error"] = ["is_error"],
        ["user.result.image"] = ["image", "content", "parts"],
        ["user.opaque"] = ["search_result", "content", "block"],
        ["assistant.thought"] = ["thinking", "reasoning", "thought", "signature"],
        ["assistant.call"] = ["arguments", "input", "tool"],
        ["assistant.opaque"] = ["server", "content", "tool"],
        ["tool"] = ["tool"],
        ["tool.custom"] = ["custom", "tool"],
        ["tool.server"] = ["server", "web_search", "google_search", "tool"],
        ["tool.schema"] = ["parameters", "schema"],
        ["tool.strict"] = ["strict"],
        ["choice"] = ["choice", "function_calling"],
        ["parallel"] = ["parallel"],
        ["choices"] = ["n", "candidate_count"],
        ["thinking"] = ["thinking", "reasoning"],
        ["effort"] = ["effort", "reasoning", "thinking"],
        ["budget"] = ["budget", "thinking", "reasoning"],
        ["format"] = ["format", "response_mime_type"],
        ["format.schema"] = ["schema", "format"],
        ["cache.system"] = ["cache"],
        ["cache.user"] = ["cache"],
        ["cache.assistant"] = ["cache"],
        ["cache.tool"] = ["cache"],
        ["metadata"] = ["metadata", "labels"],
        ["user"] = ["user", "user_id", "safety_identifier"],
        ["logprobs"] = ["logprobs"],
        ["safety"] = ["safety"],
        ["max_tokens"] = ["max_tokens", "max_output_tokens", "max_completion_tokens"],
        ["thoughts"] = ["thinking", "reasoning", "thought"],
        ["stop_reason"] = ["stop_reason", "finish_reason", "refusal", "status"],
        ["order"] = ["order", "role", "content"],
        ["citations"] = ["citation", "annotation", "grounding"],
        ["pictures"] = ["content[].type", "images"],
    };

    public static IReadOnlyList<string> Of(Fact fact) => fact.Name == "unknown" ? [fact.Value] : Of(fact.Name);

    public static IReadOnlyList<string> Of(string name) => Words.GetValueOrDefault(name) ?? [name];

    /// <summary>Whether one of the fields named as lost is one of these words, in any spelling.</summary>
    public static bool Name(string text, IEnumerable<string> words)
    {
        var plain = Plain(text);
        var fields = plain.Split(',', StringSplitOptions.TrimEntries);
        return words.Any(word => word.Length <= 2 ? fields.Contains(word) : plain.Contains(Plain(word), StringComparison.Ordinal));
    }

    private static string Plain(string text) => text.Replace("_", "", StringComparison.Ordinal).Replace("~", "", StringComparison.Ordinal).ToLowerInvariant();
}
