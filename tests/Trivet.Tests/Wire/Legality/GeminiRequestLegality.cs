using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Trivet.Tests.Wire.Legality;

/// <summary>What Google refuses in a request beside its specification. Knows nothing of the writer.</summary>
internal static partial class GeminiRequestLegality
{
    public static List<string> Violations(JsonObject request)
    {
        var violations = new List<string>();
        var contents = request["contents"]?.AsArray() ?? [];
        if (contents.Count == 0)
            violations.Add("contents: is not specified");
        JsonNode? before = null;
        foreach (var content in contents)
        {
            Content(content!, before, violations);
            before = content;
        }

        if (before is not null && (string?)before["role"] == "model" && Calls(before).Count > 0)
            violations.Add("contents: the last calls have no results");
        Tools(request, violations);
        if (request["generationConfig"]?["stopSequences"] is JsonArray { Count: > 5 })
            violations.Add("stopSequences: at most 5");
        if (request["generationConfig"]?["thinkingConfig"] is JsonObject thinking && thinking.ContainsKey("thinkingBudget") && thinking.ContainsKey("thinkingLevel"))
            violations.Add("thinkingConfig: budget and level together");
        var schema = request["generationConfig"]?["responseJsonSchema"] ?? request["generationConfig"]?["responseSchema"];
        if (schema is not null && (string?)request["generationConfig"]!["responseMimeType"] != "application/json")
            violations.Add("a schema without responseMimeType");
        return violations;
    }

    private static void Content(JsonNode content, JsonNode? before, List<string> violations)
    {
        var role = (string?)content["role"];
        if (role is not ("user" or "model"))
            violations.Add($"role {role}");
        if (role == (string?)before?["role"])
            violations.Add("two contents of one role in a row");
        var parts = content["parts"]?.AsArray() ?? [];
        if (parts.Count == 0)
            violations.Add("parts: must not be empty");
        string[] data = ["text", "inlineData", "fileData", "functionCall", "functionResponse", "executableCode", "codeExecutionResult", "toolCall", "toolResponse"];
        foreach (var part in parts)
        {
            if (data.Count(name => part![name] is not null) != 1)
                violations.Add($"a part with not exactly one kind of data: {part!.ToJsonString()}");
        }

        var calls = before is null ? [] : Calls(before);
        var results = parts.Where(part => part!["functionResponse"] is not null).Select(part => part!["functionResponse"]!).ToList();
        if (before is null && Calls(content).Count > 0)
            violations.Add("a call comes first");
        if (role == "user" && calls.Count != results.Count)
            violations.Add($"{results.Count} results of {calls.Count} calls");
        foreach (var (call, result) in calls.Zip(results))
        {
            if ((string?)call["name"] != (string?)result["name"] || (string?)call["id"] != (string?)result["id"])
                violations.Add($"the result of {result["name"]} {result["id"]} stands for the call of {call["name"]} {call["id"]}");
            if (result["response"] is not JsonObject)
                violations.Add("a response that is no object");
        }
    }

    private static List<JsonNode> Calls(JsonNode content) => [.. content["parts"]!.AsArray().Where(part => part!["functionCall"] is not null).Select(part => part!["functionCall"]!)];

    private static void Tools(JsonObject request, List<string> violations)
    {
        var names = new HashSet<string>();
        foreach (var function in (request["tools"]?.AsArray() ?? []).SelectMany(tool => tool!["functionDeclarations"]?.AsArray() ?? []))
        {
            var name = (string?)function!["name"] ?? "";
            if (!Name.IsMatch(name) || !names.Add(name))
                violations.Add($"the name {name}");
            if (function["parameters"] is not null && function["parametersJsonSchema"] is not null)
                violations.Add("both schemas");
        }

        if (request["toolConfig"]?["functionCallingConfig"] is not JsonObject config)
            return;
        if (names.Count == 0)
            violations.Add("functionCallingConfig without functions");
        var allowed = config["allowedFunctionNames"]?.AsArray() ?? [];
        if (allowed.Count > 0 && (string?)config["mode"] is not ("ANY" or "VALIDATED"))
            violations.Add("allowedFunctionNames without ANY");
        foreach (var name in allowed)
        {
            if (!names.Contains((string)name!))
                violations.Add($"allowed and not declared: {name}");
        }
    }

    [GeneratedRegex("^[a-zA-Z_][a-zA-Z0-9_.:-]{0,63}$")]
    private static partial Regex Name { get; }
}
