using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Chat request asks for.</summary>
internal static class ChatRequest
{
    public static RequestMeaning Read(JsonObject body)
    {
        var request = new RequestMeaning();
        foreach (var message in body["messages"] as JsonArray ?? [])
            Message(request, message!);
        foreach (var tool in body["tools"] as JsonArray ?? [])
        {
            if (tool!["function"] is { } function)
                request.Tool((string?)function["name"], (string?)function["description"], function["parameters"]);
        }

        foreach (var function in body["functions"] as JsonArray ?? [])
            request.Tool((string?)function!["name"], (string?)function["description"], function["parameters"]);
        request.Set("max_tokens", body["max_completion_tokens"] ?? body["max_tokens"]);
        request.Set("temperature", body["temperature"]);
        request.Set("top_p", (double?)body["top_p"] == 1 ? null : body["top_p"]);
        request.Set("stop", body["stop"] is JsonValue one ? new JsonArray(one.DeepClone()) : body["stop"]);
        request.Set("tool_choice", body["tool_choice"] switch
        {
            JsonValue word when request.Tools.Count > 0 => (string?)word == "required" ? "any" : (string?)word,
            JsonObject named when named["function"] is not null => (string?)named["function"]!["name"],
            _ => null,
        });
        if (body["parallel_tool_calls"] is JsonValue parallel && request.Tools.Count > 0)
            request.Set("parallel", !(bool)parallel ? "off" : null);
        if (body["response_format"] is JsonObject { } format && (string?)format["type"] == "json_schema")
            request.Set("schema", format["json_schema"]?["schema"]);
        return request;
    }

    private static void Message(RequestMeaning request, JsonNode message)
    {
        var role = (string?)message["role"] ?? "user";
        if (role == "tool")
        {
            request.Result((string?)message["tool_call_id"] ?? "", Text(message["content"]));
            return;
        }

        if (message["content"] is JsonArray parts)
        {
            foreach (var part in parts)
                Part(request, role, part!);
        }
        else
        {
            request.Say(role, (string?)message["content"]);
        }

        request.Say(role, (string?)message["refusal"]);
        foreach (var call in message["tool_calls"] as JsonArray ?? [])
            request.Call((string?)call!["id"] ?? "", (string?)call["function"]?["name"] ?? "", Arguments((string?)call["function"]?["arguments"]));
    }

    private static void Part(RequestMeaning request, string role, JsonNode part)
    {
        switch ((string?)part["type"])
        {
            case "text":
                request.Say(role, (string?)part["text"]);
                break;
            case "image_url":
                request.Media.Add("image " + (string?)part["image_url"]!["url"]);
                break;
            case "file":
                request.Media.Add("document " + ((string?)part["file"]!["file_data"] ?? (string?)part["file"]!["file_id"]));
                break;
            case "video_url":
                request.Media.Add("video " + (string?)part["video_url"]!["url"]);
                break;
            case var other:
                request.Media.Add(other ?? "unknown");
                break;
        }
    }

    private static string Text(JsonNode? content) => content is JsonArray parts ? string.Concat(parts.Select(p => (string?)p!["text"])) : (string?)content ?? "";

    private static JsonNode? Arguments(string? json)
    {
        try
        {
            return string.IsNullOrEmpty(json) ? new JsonObject() : JsonNode.Parse(json);
        }
        catch (JsonException)
        {
            return json;
        }
    }
}
