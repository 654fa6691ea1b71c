using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a Messages request asks for. Tools and blocks that the vendor itself runs or reads say nothing to others.</summary>
internal static class MessagesRequest
{
    public static RequestMeaning Read(JsonObject body)
    {
        var request = new RequestMeaning();
        Content(request, "system", body["system"]);
        foreach (var message in body["messages"] as JsonArray ?? [])
            Content(request, (string?)message!["role"] ?? "user", message["content"]);
        foreach (var tool in body["tools"] as JsonArray ?? [])
        {
            if (tool!["input_schema"] is { } schema && (string?)tool["type"] is null or "custom")
                request.Tool((string?)tool["name"], (string?)tool["description"], schema);
        }

        request.Set("max_tokens", body["max_tokens"]);
        request.Set("temperature", body["temperature"]);
        request.Set("top_p", (double?)body["top_p"] == 1 ? null : body["top_p"]);
        request.Set("stop", body["stop_sequences"]);
        if (body["tool_choice"] is JsonObject choice && request.Tools.Count > 0)
        {
            request.Set("tool_choice", (string?)choice["type"] == "tool" ? (string?)choice["name"] : (string?)choice["type"]);
            request.Set("parallel", (bool?)choice["disable_parallel_tool_use"] == true ? "off" : null);
        }

        request.Set("schema", body["output_config"]?["format"]?["schema"] ?? body["output_format"]?["schema"]);
        return request;
    }

    private static void Content(RequestMeaning request, string role, JsonNode? content)
    {
        if (content is JsonValue text)
            request.Say(role, (string?)text);
        foreach (var block in content as JsonArray ?? [])
            Block(request, role, block!);
    }

    private static void Block(RequestMeaning request, string role, JsonNode block)
    {
        switch ((string?)block["type"])
        {
            case "text":
                request.Say(role, (string?)block["text"]);
                break;
            case "document" when (string?)block["source"]!["type"] == "text":
                request.Say(role, (string?)block["source"]!["data"]); // other protocols have it as text
                break;
            case "image" or "document":
                request.Media.Add($"{block["type"]} {Source(block["source"]!)}");
                break;
            case "tool_use":
                request.Call((string?)block["id"] ?? "", (string?)block["name"] ?? "", block["input"]);
                break;
            case "tool_result":
                var inner = block["content"];
                request.Result((string?)block["tool_use_id"] ?? "", inner is JsonArray parts ? string.Concat(parts.Select(ResultText)) : (string?)inner ?? "");
                foreach (var part in inner as JsonArray ?? [])
                {
                    if ((string?)part!["type"] is "image" or "document" && (string?)part["source"]!["type"] != "text")
                        Block(request, role, part);
                }

                break;
        }
    }

    private static string ResultText(JsonNode? part) => (string?)part!["type"] switch
    {
        "text" => (string?)part["text"] ?? "",
        "document" when (string?)part["source"]!["type"] == "text" => (string?)part["source"]!["data"] ?? "",
        "search_result" => string.Concat(part["content"]!.AsArray().Select(ResultText)),
        _ => "",
    };

    private static string Source(JsonNode source) => (string?)source["type"] switch
    {
        "base64" => $"data:{source["media_type"]};base64,{source["data"]}",
        "url" => (string?)source["url"] ?? "",
        "text" => "text:" + source["data"],
        _ => (string?)source["file_id"] ?? source.ToJsonString(),
    };
}
