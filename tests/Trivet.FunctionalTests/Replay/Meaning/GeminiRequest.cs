using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Gemini request asks for. Parts and tools that the vendor itself runs say nothing to others.</summary>
internal static class GeminiRequest
{
    public static RequestMeaning Read(JsonObject body)
    {
        var request = new RequestMeaning();
        var calls = new List<(string Name, string Id)>();
        foreach (var part in Parts(body["systemInstruction"] ?? body["system_instruction"]))
            request.Say("system", (string?)part["text"]);
        var contents = body["contents"] switch
        {
            JsonArray many => many.Select(c => c!),
            JsonObject one => [one],
            _ => [],
        };
        foreach (var content in contents)
        {
            var role = (string?)content["role"] == "model" ? "assistant" : "user";
            foreach (var part in Parts(content))
                Part(request, role, part, calls);
        }

        var tools = body["tools"] switch
        {
            JsonArray many => many.Select(t => t!),
            JsonObject one => [one],
            _ => [],
        };
        foreach (var function in tools.SelectMany(t => t["functionDeclarations"] as JsonArray ?? t["function_declarations"] as JsonArray ?? []))
            request.Tool((string?)function!["name"], (string?)function["description"], function["parametersJsonSchema"] ?? function["parameters_json_schema"] ?? Lower(function["parameters"]));
        var config = body["generationConfig"] ?? body["generation_config"];
        request.Set("max_tokens", config?["maxOutputTokens"]);
        request.Set("temperature", config?["temperature"]);
        request.Set("top_p", (double?)config?["topP"] == 1 ? null : config?["topP"]);
        request.Set("stop", config?["stopSequences"] is JsonArray { Count: > 0 } stops ? stops : null);
        request.Set("schema", config?["responseJsonSchema"] ?? Lower(config?["responseSchema"]));
        var choice = (body["toolConfig"] ?? body["tool_config"])?["functionCallingConfig"];
        if (choice is not null && request.Tools.Count > 0)
        {
            request.Set("tool_choice", ((string?)choice["mode"], choice["allowedFunctionNames"] as JsonArray) switch
            {
                ("ANY", { Count: 1 } one) => (string?)one[0],
                ("ANY", { Count: > 1 }) => null,
                ("ANY", _) => "any",
                ("NONE", _) => "none",
                ("AUTO", _) => "auto",
                _ => null,
            });
        }

        return request;
    }

    private static IEnumerable<JsonNode> Parts(JsonNode? content) => content switch
    {
        JsonValue => [new JsonObject { ["text"] = content.DeepClone() }],
        JsonObject when content["parts"] is JsonObject single => [single],
        JsonObject when content["parts"] is JsonArray many => many.Select(p => p!),
        JsonObject when content["text"] is not null => [content],
        _ => [],
    };

    private static void Part(RequestMeaning request, string role, JsonNode part, List<(string Name, string Id)> calls)
    {
        if ((bool?)part["thought"] == true)
            return;
        if ((part["functionCall"] ?? part["function_call"]) is { } call)
        {
            var (name, id) = ((string?)call["name"] ?? "", (string?)call["id"] ?? $"#{calls.Count}");
            calls.Add((name, id));
            request.Call(id, name, call["args"] ?? new JsonObject());
        }
        else if ((part["functionResponse"] ?? part["function_response"]) is { } result)
        {
            // The first call that bears the name and has no result yet, where the answer names no id.
            var name = (string?)result["name"];
            var at = calls.FindIndex(c => (string?)result["id"] is { } id ? c.Id == id : c.Name == name);
            request.Result(at < 0 ? "" : calls[at].Id, Said(result["response"]));
            if (at >= 0)
                calls.RemoveAt(at);
            foreach (var inner in result["parts"] as JsonArray ?? [])
                Part(request, role, inner!, calls);
        }
        else if ((part["inlineData"] ?? part["inline_data"]) is { } data)
        {
            var type = (string?)(data["mimeType"] ?? data["mime_type"]) ?? "";
            if (type == "text/plain")
                request.Say(role, Encoding.UTF8.GetString(Convert.FromBase64String((string)data["data"]!))); // other protocols have it as text
            else
                request.Media.Add($"{Kind(type)} data:{type};base64,{data["data"]}");
        }
        else if ((part["fileData"] ?? part["file_data"]) is { } file)
        {
            request.Media.Add($"{Kind((string?)(file["mimeType"] ?? file["mime_type"]) ?? "")} {file["fileUri"] ?? file["file_uri"]}");
        }
        else
        {
            request.Say(role, (string?)part["text"]);
        }
    }

    private static string Kind(string type) => type.Split('/')[0] is "image" or "audio" or "video" ? type.Split('/')[0] : "document";

    // A lone result or output field is how a text becomes an object.
    private static string Said(JsonNode? response) => response switch
    {
        JsonObject { Count: 1 } one when (one["result"] ?? one["output"] ?? one["error"]) is JsonValue said => said.ToString(),
        JsonObject { Count: 1 } one when (one["result"] ?? one["output"] ?? one["error"]) is { } inner => inner.ToJsonString(),
        null or JsonObject { Count: 0 } => "",
        _ => response.ToJsonString(),
    };

    // Gemini's own dialect of schemas writes its types in capitals.
    private static JsonNode? Lower(JsonNode? schema)
    {
        switch (schema)
        {
            case JsonObject many:
                var copy = new JsonObject();
                foreach (var (name, value) in many)
                    copy[name] = name == "type" && value is JsonValue ? ((string?)value)!.ToLowerInvariant() : Lower(value);
                return copy;
            case JsonArray items:
                return new JsonArray([.. items.Select(Lower)]);
            default:
                return schema?.DeepClone();
        }
    }
}
