using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Trivet.Tests.Wire.Legality;

/// <summary>
/// The documented shape of a Converse request (API reference of the Bedrock runtime, read 2026-11-22), checked by plain code: members, unions, patterns,
/// lengths, and the order of turns, calls and results.
/// </summary>
internal static partial class BedrockShape
{
    private static readonly string[] Top = ["messages", "system", "toolConfig", "inferenceConfig", "additionalModelRequestFields", "outputConfig", "serviceTier"];

    public static IReadOnlyList<string> Check(JsonNode body)
    {
        var faults = new List<string>();
        foreach (var (name, _) in body.AsObject())
            Demand(faults, Top.Contains(name), $"there is no '{name}'");
        var messages = body["messages"] as JsonArray ?? [];
        Demand(faults, messages.Count > 0, "no messages");
        var (role, open) = ("assistant", new HashSet<string>());
        foreach (var message in messages)
        {
            var now = (string?)message!["role"];
            Demand(faults, now is "user" or "assistant" && now != role, $"role '{now}' behind '{role}'");
            role = now!;
            Message(faults, message["content"] as JsonArray ?? [], role, ref open);
        }

        Demand(faults, open.Count == 0, $"no result of {string.Join(' ', open)}");
        var hasCalls = messages.Any(message => message!["content"]!.AsArray().Any(block => block!["toolUse"] is not null));
        Demand(faults, !hasCalls || body["toolConfig"] is not null, "calls without toolConfig");
        foreach (var block in body["system"] as JsonArray ?? [])
            Demand(faults, block!["cachePoint"] is not null || ((string?)block["text"])?.Length > 0, $"system: {block.ToJsonString()}");
        Tools(faults, body["toolConfig"]);
        Inference(faults, body["inferenceConfig"]);
        return faults;
    }

    private static void Message(List<string> faults, JsonArray content, string role, ref HashSet<string> open)
    {
        Demand(faults, content.Count > 0, "an empty message");
        var (called, names) = (new HashSet<string>(), new HashSet<string>());
        foreach (var block in content)
        {
            Demand(faults, block!.AsObject().Count == 1, $"not one member: {block.ToJsonString()}");
            var (kind, value) = block.AsObject().First();
            switch (kind)
            {
                case "text":
                    Demand(faults, !string.IsNullOrWhiteSpace((string?)value), "a blank text");
                    break;
                case "toolUse":
                    Demand(faults, role == "assistant" && Word().IsMatch((string)value!["toolUseId"]!) && Word().IsMatch((string)value["name"]!) && value["input"] is JsonObject, $"call {value!.ToJsonString()}");
                    Demand(faults, called.Add((string)value!["toolUseId"]!), "an id twice");
                    break;
                case "toolResult":
                    Demand(faults, role == "user" && open.Remove((string)value!["toolUseId"]!) && value["content"] is JsonArray, $"result {value!.ToJsonString()}");
                    Demand(faults, (string?)value!["status"] is null or "success" or "error", "status");
                    break;
                case "image":
                    Media(faults, value!, "png jpeg gif webp");
                    break;
                case "video":
                    Media(faults, value!, "mkv mov mp4 webm flv mpeg mpg wmv three_gp");
                    break;
                case "document":
                    Media(faults, value!, "pdf csv doc docx xls xlsx html txt md");
                    Demand(faults, DocumentName().IsMatch((string)value!["name"]!) && names.Add((string)value["name"]!), $"name '{value["name"]}'");
                    Demand(faults, content.Any(other => other!["text"] is not null), "a document without a text");
                    break;
                case "reasoningContent":
                    Demand(faults, role == "assistant" && (value!["reasoningText"]?["text"] ?? value["redactedContent"]) is JsonValue, $"thoughts {value!.ToJsonString()}");
                    break;
                default:
                    Demand(faults, kind == "cachePoint" && (string?)value!["type"] == "default", $"there is no '{kind}'");
                    break;
            }
        }

        Demand(faults, open.Count == 0, $"no result of {string.Join(' ', open)}");
        open = called;
    }

    private static void Media(List<string> faults, JsonNode media, string formats)
    {
        Demand(faults, formats.Split(' ').Contains((string?)media["format"]), $"format '{media["format"]}'");
        Demand(faults, Convert.TryFromBase64String((string?)media["source"]?["bytes"] ?? "!", new byte[((string?)media["source"]?["bytes"])?.Length ?? 0], out _), "bytes");
    }

    private static void Tools(List<string> faults, JsonNode? config)
    {
        if (config is null)
            return;
        var names = new HashSet<string>();
        foreach (var tool in config["tools"]!.AsArray().Where(tool => tool!["cachePoint"] is null))
        {
            var spec = tool!["toolSpec"]!;
            Demand(faults, Word().IsMatch((string)spec["name"]!) && names.Add((string)spec["name"]!), $"tool '{spec["name"]}'");
            Demand(faults, (string?)spec["inputSchema"]!["json"]!["type"] == "object" && (string?)spec["description"] != "", $"tool {spec.ToJsonString()}");
        }

        Demand(faults, names.Count > 0, "no tools");
        if (config["toolChoice"] is JsonObject choice)
            Demand(faults, choice.Count == 1 && choice.First().Key is "auto" or "any" or "tool" && (choice["tool"] is null || names.Contains((string)choice["tool"]!["name"]!)), $"toolChoice {choice.ToJsonString()}");
    }

    private static void Inference(List<string> faults, JsonNode? config)
    {
        Demand(faults, config?["maxTokens"] is null || (long)config["maxTokens"]! > 0, "maxTokens");
        foreach (var name in (string[])["temperature", "topP"])
            Demand(faults, config?[name] is null || (double)config[name]! is >= 0 and <= 1, name);
        Demand(faults, (config?["stopSequences"] as JsonArray)?.All(stop => ((string)stop!).Length > 0) != false, "stopSequences");
    }

    private static void Demand(List<string> faults, bool isMet, string fault)
    {
        if (!isMet)
            faults.Add(fault);
    }

    [GeneratedRegex("^[a-zA-Z0-9_-]{1,64}$")]
    private static partial Regex Word();

    [GeneratedRegex(@"^(?!.*\s\s)[a-zA-Z0-9\s\-()\[\]]{1,200}$")]
    private static partial Regex DocumentName();
}
