using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what a request of Bedrock's Converse asks for.</summary>
internal static class BedrockRequest
{
    public static RequestMeaning Read(JsonObject body)
    {
        var request = new RequestMeaning();
        foreach (var block in body["system"] as JsonArray ?? [])
            request.Say("system", (string?)block!["text"]);
        foreach (var message in body["messages"]!.AsArray())
        {
            foreach (var block in message!["content"]!.AsArray())
                Block(request, (string)message["role"]!, block!);
        }

        foreach (var tool in body["toolConfig"]?["tools"] as JsonArray ?? [])
        {
            if (tool!["toolSpec"] is { } spec)
                request.Tool((string?)spec["name"], (string?)spec["description"], spec["inputSchema"]!["json"]);
        }

        var inference = body["inferenceConfig"];
        request.Set("max_tokens", inference?["maxTokens"]);
        request.Set("temperature", inference?["temperature"]);
        request.Set("top_p", inference?["topP"]);
        request.Set("stop", inference?["stopSequences"]);
        if (body["toolConfig"]?["toolChoice"] is JsonObject choice)
            request.Set("tool_choice", choice["tool"] is { } named ? (string?)named["name"] : choice.First().Key);
        if (body["outputConfig"]?["textFormat"]?["structure"]?["jsonSchema"]?["schema"] is { } schema)
            request.Set("schema", JsonNode.Parse((string)schema!));
        return request;
    }

    private static void Block(RequestMeaning request, string role, JsonNode block)
    {
        request.Say(role, (string?)block["text"]);
        if (block["document"] is { } document && (string?)document["format"] == "txt")
            request.Say(role, System.Text.Encoding.UTF8.GetString(Convert.FromBase64String((string)document["source"]!["bytes"]!))); // other protocols have it as text
        else if (block["document"] is { } other)
            request.Media.Add($"document data:application/{other["format"]};base64,{other["source"]!["bytes"]}");
        if (block["image"] is { } image)
            request.Media.Add($"image data:image/{image["format"]};base64,{image["source"]!["bytes"]}");
        if (block["video"] is { } video)
            request.Media.Add($"video data:video/{video["format"]};base64,{video["source"]!["bytes"]}");
        if (block["toolUse"] is { } call)
            request.Call((string)call["toolUseId"]!, (string)call["name"]!, call["input"]);
        if (block["toolResult"] is not { } result)
            return;
        request.Result((string)result["toolUseId"]!, string.Concat(result["content"]!.AsArray().Select(part => (string?)part!["text"])));
        foreach (var part in result["content"]!.AsArray().Where(part => part!["text"] is null))
            Block(request, role, part!);
    }
}
