using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Responses request asks for. Items and tools that the vendor itself runs say nothing to others.</summary>
internal static class ResponsesRequest
{
    public static RequestMeaning Read(JsonObject body)
    {
        var request = new RequestMeaning();
        request.Say("system", (string?)body["instructions"]);
        if (body["input"] is JsonValue text)
            request.Say("user", (string?)text);
        foreach (var item in body["input"] as JsonArray ?? [])
            Item(request, item!);
        foreach (var tool in body["tools"] as JsonArray ?? [])
        {
            if ((string?)tool!["type"] == "function")
                request.Tool((string?)tool["name"], (string?)tool["description"], tool["parameters"]);
            foreach (var inner in (string?)tool["type"] == "namespace" ? tool["tools"]!.AsArray() : [])
                request.Tool($"{tool["name"]}__{inner!["name"]}", (string?)inner["description"], inner["parameters"]);
        }

        request.Set("max_tokens", body["max_output_tokens"]);
        request.Set("temperature", body["temperature"]);
        request.Set("top_p", (double?)body["top_p"] == 1 ? null : body["top_p"]);
        if (request.Tools.Count > 0)
        {
            request.Set("tool_choice", body["tool_choice"] switch
            {
                JsonValue word => (string?)word == "required" ? "any" : (string?)word,
                JsonObject named when (string?)named["type"] == "function" => (string?)named["name"],
                _ => null,
            });
            request.Set("parallel", (bool?)body["parallel_tool_calls"] == false ? "off" : null);
        }

        if ((string?)body["text"]?["format"]?["type"] == "json_schema")
            request.Set("schema", body["text"]!["format"]!["schema"]);
        return request;
    }

    private static void Item(RequestMeaning request, JsonNode item)
    {
        switch ((string?)item["type"] ?? "message")
        {
            case "message":
                var role = (string?)item["role"] ?? "user";
                if (item["content"] is JsonValue plain)
                    request.Say(role, (string?)plain);
                foreach (var part in item["content"] as JsonArray ?? [])
                    Part(request, role, part!);
                break;
            case "function_call":
                request.Call((string?)item["call_id"] ?? "", (string?)item["name"] ?? "", Arguments((string?)item["arguments"]));
                break;
            case "function_call_output":
                var parts = item["output"] as JsonArray;
                request.Result((string?)item["call_id"] ?? "", parts is null ? (string?)item["output"] ?? "" : string.Concat(parts.Select(p => (string?)p!["text"])));
                foreach (var part in parts ?? [])
                {
                    if ((string?)part!["type"] is "input_image" or "input_file")
                        Part(request, "user", part);
                }

                break;
        }
    }

    private static void Part(RequestMeaning request, string role, JsonNode part)
    {
        switch ((string?)part["type"])
        {
            case "input_text" or "output_text" or "text":
                request.Say(role, (string?)part["text"]);
                break;
            case "refusal":
                request.Say(role, (string?)part["refusal"]);
                break;
            case "input_image":
                request.Media.Add("image " + ((string?)part["image_url"] ?? (string?)part["file_id"]));
                break;
            case "input_file":
                request.Media.Add("document " + ((string?)part["file_data"] ?? (string?)part["file_url"] ?? (string?)part["file_id"]));
                break;
            case var other:
                request.Media.Add(other ?? "unknown");
                break;
        }
    }

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
