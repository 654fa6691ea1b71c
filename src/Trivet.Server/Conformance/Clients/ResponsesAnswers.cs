using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Reads OpenAI Responses answers as an SDK does, strict where agents stumble: what the deltas say must be what the items and the whole say.</summary>
internal static class ResponsesAnswers
{
    private static readonly HashSet<string> Ends = new(StringComparer.Ordinal) { "response.completed", "response.incomplete", "response.failed" };

    public static Heard ReadWhole(JsonObject body)
    {
        var heard = new Heard();
        if (body["object"].Str() != "response" || body["id"].Str().Length == 0 || body["created_at"].Long() == 0)
            heard.Faults.Add("no id, object or created_at");
        if (body["output"] is not JsonArray)
            heard.Faults.Add("no output");
        Take(heard, body);
        return heard;
    }

    public static Heard ReadStream(ReadOnlyMemory<byte> body)
    {
        var heard = new Heard();
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        var (next, isOver) = (0L, false);
        var items = new List<JsonObject>();
        foreach (var (name, data) in Words.Objects(body, text => heard.Faults.Add("no JSON: " + text)))
        {
            var type = data["type"].Str();
            if (name.Length > 0 && name != type)
                heard.Faults.Add($"event {name} holds {type}");
            if (isOver)
                heard.Faults.Add($"{type} after the end");
            if (data["sequence_number"] is null || data["sequence_number"].Long() != next++)
                heard.Faults.Add($"sequence number {data["sequence_number"]} where {next - 1} was due");
            if (next == 1 && type is not ("response.created" or "response.queued" or "error"))
                heard.Faults.Add($"begins with {type}");
            var key = $"{data["item_id"].Str()}/{data["content_index"] ?? data["summary_index"]}/{Kind(type)}";
            if (type.EndsWith(".delta", StringComparison.Ordinal))
                texts[key] = texts.GetValueOrDefault(key, "") + data["delta"].Str();
            else if (type is "response.output_text.done" or "response.refusal.done" or "response.function_call_arguments.done" or "response.custom_tool_call_input.done" or "response.reasoning_summary_text.done" or "response.reasoning_text.done")
            {
                if (texts.GetValueOrDefault(key, "") != (data["text"] ?? data["refusal"] ?? data["arguments"] ?? data["input"]).Str())
                    heard.Faults.Add($"{type} is not what its deltas said");
            }
            else if (type == "response.output_item.done")
                items.Add((JsonObject)data["item"]!.DeepClone());
            else if (type == "error")
                heard.Error = data["message"].Str() is { Length: > 0 } flat ? flat : data["error"]?["message"].Str();
            else if (Ends.Contains(type))
                isOver = End(heard, data["response"].Obj() ?? [], items, type);
        }

        if (!isOver && heard.Error is null)
            heard.Faults.Add("no end");
        if (!isOver)
            Take(heard, new JsonObject { ["output"] = Words.Array(items) });
        return heard;
    }

    private static bool End(Heard heard, JsonObject response, List<JsonObject> items, string type)
    {
        if (type == "response.failed")
            heard.Error = response["error"]?["message"].Str() ?? "failed";
        if (type["response.".Length..] != response["status"].Str())
            heard.Faults.Add($"{type} with status {response["status"].Str()}");
        var output = response["output"].Objs().ToList();
        if (type != "response.failed" && !(output.Count == items.Count && output.Zip(items).All(p => JsonNode.DeepEquals(p.First, p.Second))))
            heard.Faults.Add("the whole response has other items than the stream");
        Take(heard, response);
        return true;
    }

    private static string Kind(string type) => type[..Math.Max(0, type.LastIndexOf('.'))];

    private static void Take(Heard heard, JsonObject response)
    {
        heard.Model = response["model"].Str();
        foreach (var item in response["output"].Objs())
        {
            switch (item["type"].Str())
            {
                case "message":
                    foreach (var part in item["content"].Objs())
                    {
                        heard.Append(part["type"].Str() == "refusal" ? PieceKind.Refusal : PieceKind.Text, part["text"].Str() + part["refusal"].Str());
                        heard.Citations.AddRange(part["annotations"].Objs().Select(a => a["url"].Str()));
                    }

                    break;
                case "reasoning":
                    heard.Append(PieceKind.Thought, string.Concat(item["summary"].Objs().Concat(item["content"].Objs()).Select(p => p["text"].Str())));
                    break;
                case "function_call":
                    heard.Pieces.Add(Piece.OfCall(item["call_id"].Str(), item["name"].Str(), item["arguments"].Str()));
                    break;
                case "image_generation_call":
                    heard.Pictures.Add(item["result"].Str());
                    break;
                case "custom_tool_call":
                    heard.Pieces.Add(Piece.OfCall(item["call_id"].Str(), item["name"].Str(), item["input"].Str()));
                    break;
            }

            if (item["id"].Str().Length == 0)
                heard.Faults.Add("an item without id");
        }

        heard.Stop = (response["status"].Str(), response["incomplete_details"]?["reason"].Str()) switch
        {
            ("incomplete", "content_filter") => "refused",
            ("incomplete", _) => "length",
            ("completed", _) when heard.Pieces.Exists(p => p.Kind == PieceKind.Refusal) => "refused",
            ("completed", _) => heard.Calls.Any() ? "tool" : "end",
            ("failed", _) => "error",
            var (status, _) => status,
        };
        if (response["usage"].Obj() is { } usage)
            heard.Usage = new HeardUsage(usage["input_tokens"].Long(), usage["input_tokens_details"]?["cached_tokens"].Long() ?? 0, usage["output_tokens"].Long(), usage["output_tokens_details"]?["reasoning_tokens"]?.Long());
        heard.Verbatim = Words.Array(response["output"].Objs().Select(Echo));
    }

    // Without stored state an item's id leads nowhere; agents leave it out, but for messages.
    private static JsonObject Echo(JsonObject item)
    {
        var echo = (JsonObject)item.DeepClone();
        echo.Remove("status");
        return echo;
    }
}
