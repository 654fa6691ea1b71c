using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Reads Anthropic Messages answers as an SDK does, strict where agents stumble.</summary>
internal static class MessagesAnswers
{
    public static Heard ReadWhole(JsonObject body)
    {
        var heard = new Heard { Model = body["model"].Str() };
        if (body["type"].Str() != "message" || body["role"].Str() != "assistant" || body["id"].Str().Length == 0)
            heard.Faults.Add("no id, type or role");
        if (body["content"] is not JsonArray)
            heard.Faults.Add("no content");
        Finish(heard, body["content"].Objs().ToList(), body["stop_reason"].Str());
        heard.Usage = Usage(body["usage"].Obj());
        return heard;
    }

    public static Heard ReadStream(ReadOnlyMemory<byte> body)
    {
        var heard = new Heard();
        var blocks = new List<JsonObject>();
        var (open, started, stopped, reason) = (-1, false, false, "");
        JsonObject usage = [];
        foreach (var (name, data) in Words.Objects(body, text => heard.Faults.Add("no JSON: " + text)))
        {
            if (name != data["type"].Str())
                heard.Faults.Add($"event {name} holds {data["type"].Str()}");
            if (stopped || heard.Error is not null)
                heard.Faults.Add($"{name} after the end");
            if (!started && name is not ("message_start" or "ping" or "error"))
                heard.Faults.Add($"{name} before message_start");
            switch (name)
            {
                case "message_start":
                    started = true;
                    heard.Model = data["message"]?["model"].Str() ?? "";
                    usage = (JsonObject?)data["message"]?["usage"]?.DeepClone() ?? [];
                    break;
                case "content_block_start":
                    if (open >= 0 || data["index"].Long() != blocks.Count)
                        heard.Faults.Add("a block begins where none may");
                    open = (int)data["index"].Long();
                    blocks.Add((JsonObject)data["content_block"]!.DeepClone());
                    break;
                case "content_block_delta":
                    if (open != data["index"].Long() || open < 0)
                        heard.Faults.Add("a delta of a block that is not open");
                    else
                        Merge(heard, blocks[open], data["delta"].Obj()!);
                    break;
                case "content_block_stop":
                    if (open != data["index"].Long())
                        heard.Faults.Add("a block ends that is not open");
                    open = -1;
                    break;
                case "message_delta":
                    if (open >= 0)
                        heard.Faults.Add("message_delta within a block");
                    reason = data["delta"]?["stop_reason"].Str() ?? "";
                    foreach (var (key, value) in data["usage"].Obj() ?? [])
                        usage[key] = value?.DeepClone();
                    break;
                case "message_stop":
                    stopped = true;
                    break;
                case "error":
                    heard.Error = data["error"]?["message"].Str();
                    break;
            }
        }

        if (heard.Error is null && (!stopped || reason.Length == 0))
            heard.Faults.Add("no message_stop or no stop reason");
        foreach (var block in blocks)
        {
            if (block["__json"].Str() is { Length: > 0 } text && block.Remove("__json"))
                block["input"] = Parse(heard, text);
        }

        Finish(heard, blocks, reason);
        heard.Usage = Usage(usage);
        return heard;
    }

    private static void Merge(Heard heard, JsonObject block, JsonObject delta)
    {
        var (type, field, into) = delta["type"].Str() switch
        {
            "text_delta" => ("text", "text", "text"),
            "thinking_delta" => ("thinking", "thinking", "thinking"),
            "signature_delta" => ("thinking", "signature", "signature"),
            "input_json_delta" => ("tool_use", "partial_json", "__json"),
            "citations_delta" => ("text", "citation", "citations"),
            var other => (other, "", ""),
        };
        if (block["type"].Str() != type && !(type == "tool_use" && block["type"].Str() == "server_tool_use"))
            heard.Faults.Add($"{delta["type"].Str()} in a block of {block["type"].Str()}");
        else if (into == "citations")
        {
            if (block["citations"] is not JsonArray)
                block["citations"] = new JsonArray();
            ((JsonArray)block["citations"]!).Add(delta[field]?.DeepClone());
        }
        else
            block[into] = block[into].Str() + delta[field].Str();
    }

    private static JsonNode? Parse(Heard heard, string text)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (System.Text.Json.JsonException)
        {
            heard.Faults.Add("a call's input is no JSON");
            return new JsonObject();
        }
    }

    private static void Finish(Heard heard, List<JsonObject> blocks, string reason)
    {
        foreach (var block in blocks)
        {
            switch (block["type"].Str())
            {
                case "text":
                    heard.Append(PieceKind.Text, block["text"].Str());
                    heard.Citations.AddRange(block["citations"].Objs().Select(c => c["url"].Str()));
                    break;
                case "thinking":
                    heard.Append(PieceKind.Thought, block["thinking"].Str());
                    break;
                case "tool_use":
                    heard.Pieces.Add(Piece.OfCall(block["id"].Str(), block["name"].Str(), block["input"]?.ToJsonString() ?? ""));
                    if (block["id"].Str() is not { Length: > 0 } id || !id.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-'))
                        heard.Faults.Add("a call's id is illegal");
                    break;
            }
        }

        heard.Stop = reason switch { "end_turn" or "stop_sequence" => "end", "max_tokens" => "length", "tool_use" => "tool", "refusal" => "refused", _ => reason };
        if ((heard.Stop == "tool") != heard.Calls.Any() && heard.Stop is "tool" or "end")
            heard.Faults.Add($"stop reason {reason} with {heard.Calls.Count()} calls");
        heard.Verbatim = [new JsonObject { ["role"] = "assistant", ["content"] = Words.Array(blocks.Select(b => b.DeepClone())) }];
    }

    private static HeardUsage? Usage(JsonObject? usage) => usage is null || usage.Count == 0 ? null : new HeardUsage(
        usage["input_tokens"].Long() + usage["cache_read_input_tokens"].Long() + usage["cache_creation_input_tokens"].Long(), usage["cache_read_input_tokens"].Long(), usage["output_tokens"].Long(),
        usage["output_tokens_details"]?["thinking_tokens"]?.Long());
}
