using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Reads OpenAI Chat answers as an SDK does, strict where agents stumble.</summary>
internal static class ChatAnswers
{
    public static Heard ReadWhole(JsonObject body)
    {
        var heard = new Heard { Model = body["model"].Str() };
        if (body["object"].Str() != "chat.completion" || body["id"].Str().Length == 0 || body["created"].Long() == 0)
            heard.Faults.Add("no id, object or created");
        var choice = body["choices"].Objs().FirstOrDefault();
        if (choice?["message"].Obj() is not { } message)
        {
            heard.Faults.Add("no message");
            return heard;
        }

        Take(heard, message);
        Finish(heard, choice["finish_reason"].Str());
        heard.Usage = Usage(body["usage"].Obj());
        heard.Verbatim = [Echo(message)];
        return heard;
    }

    public static Heard ReadStream(ReadOnlyMemory<byte> body)
    {
        var heard = new Heard();
        var message = new JsonObject { ["role"] = "assistant" };
        var (id, done, finish, roles) = ("", false, "", 0);
        foreach (var (_, chunk) in Words.Objects(body, data => Marker(heard, data, ref done)))
        {
            if (done)
                heard.Faults.Add("data after [DONE]");
            if (chunk["error"].Obj() is { } error)
            {
                heard.Error = error["message"].Str();
                continue;
            }

            if (chunk["object"].Str() != "chat.completion.chunk" || id.Length > 0 && chunk["id"].Str() != id)
                heard.Faults.Add("another id or object");
            (id, heard.Model) = (chunk["id"].Str(), chunk["model"].Str());
            heard.Usage = Usage(chunk["usage"].Obj()) ?? heard.Usage;
            foreach (var choice in chunk["choices"].Objs().Where(c => c["index"].Long() == 0))
            {
                if (finish.Length > 0 && choice["delta"].Obj() is { Count: > 0 } late && late.Any(p => p.Value is not null && p.Value.Str().Length > 0 && p.Key != "role"))
                    heard.Faults.Add("content after its finish reason");
                roles += choice["delta"]?["role"].Str().Length > 0 ? 1 : 0;
                Merge(heard, message, choice["delta"].Obj() ?? []);
                finish = choice["finish_reason"].Str() is { Length: > 0 } reason ? reason : finish;
            }
        }

        if (heard.Error is null)
        {
            if (!done)
                heard.Faults.Add("no [DONE]");
            if (finish.Length == 0)
                heard.Faults.Add("no finish reason");
        }

        Take(heard, message);
        Finish(heard, finish);
        heard.Verbatim = [Echo(message)];
        return heard;
    }

    private static void Marker(Heard heard, string data, ref bool done)
    {
        if (data == "[DONE]")
            done = true;
        else
            heard.Faults.Add("no JSON: " + data);
    }

    private static void Merge(Heard heard, JsonObject message, JsonObject delta)
    {
        foreach (var (name, value) in delta)
        {
            switch (name)
            {
                case "tool_calls":
                    foreach (var call in value.Objs())
                        MergeCall(heard, message, call);
                    break;
                case "reasoning_details" or "annotations" or "images":
                    MergeList(message, name, value.Objs());
                    break;
                case "content" or "reasoning_content" or "reasoning" or "refusal" when value is not null:
                    message[name] = message[name].Str() + value.Str();
                    break;
            }
        }
    }

    private static void MergeCall(Heard heard, JsonObject message, JsonObject call)
    {
        var calls = (JsonArray)(message["tool_calls"] ??= new JsonArray());
        var index = (int)call["index"].Long();
        if (index == calls.Count)
        {
            if (call["id"].Str().Length == 0 || call["function"]?["name"].Str() is not { Length: > 0 })
                heard.Faults.Add("a call begins without id or name");
            calls.Add(new JsonObject { ["id"] = call["id"].Str(), ["type"] = "function", ["function"] = new JsonObject { ["name"] = call["function"]?["name"].Str(), ["arguments"] = "" } });
        }
        else if (index > calls.Count)
        {
            heard.Faults.Add("calls out of order");
            return;
        }

        var function = calls[index]!["function"]!;
        function["arguments"] = function["arguments"].Str() + call["function"]?["arguments"].Str();
    }

    // Fragments of one detail have one index; text and signature of it may come apart.
    private static void MergeList(JsonObject message, string name, IEnumerable<JsonObject> items)
    {
        var list = (JsonArray)(message[name] ??= new JsonArray());
        foreach (var item in items)
        {
            var known = list.Objs().LastOrDefault(o => o["index"] is not null && o["index"].Long() == item["index"].Long() && o["type"].Str() == item["type"].Str());
            if (known is null)
            {
                list.Add(item.DeepClone());
                continue;
            }

            foreach (var (key, value) in item)
                known[key] = key is "text" or "summary" or "data" ? known[key].Str() + value.Str() : value?.DeepClone() ?? known[key]?.DeepClone();
        }
    }

    private static void Take(Heard heard, JsonObject message)
    {
        var thoughts = message["reasoning_content"].Str() is { Length: > 0 } content ? content : message["reasoning"].Str();
        if (thoughts.Length > 0)
            heard.Append(PieceKind.Thought, thoughts);
        if (message["content"].Str() is { Length: > 0 } text)
            heard.Append(PieceKind.Text, text);
        if (message["refusal"].Str() is { Length: > 0 } refusal)
            heard.Append(PieceKind.Refusal, refusal);
        foreach (var call in message["tool_calls"].Objs())
        {
            var isCustom = call["type"].Str() == "custom";
            heard.Pieces.Add(Piece.OfCall(call["id"].Str(), call[isCustom ? "custom" : "function"]?["name"].Str() ?? "", call[isCustom ? "custom" : "function"]?[isCustom ? "input" : "arguments"].Str() ?? ""));
        }

        heard.Pictures.AddRange(message["images"].Objs().Select(i => i["image_url"]?["url"].Str().Split(";base64,")[^1] ?? ""));
        heard.Citations.AddRange(message["annotations"].Objs().Select(a => a["url_citation"]?["url"].Str() ?? ""));
    }

    private static void Finish(Heard heard, string reason)
    {
        heard.Stop = reason switch { "stop" => "end", "length" => "length", "tool_calls" => "tool", "content_filter" => "refused", _ => reason };
        if (heard.Stop == "end" && heard.Pieces.Exists(p => p.Kind == PieceKind.Refusal))
            heard.Stop = "refused";
        if ((heard.Stop == "tool") != heard.Calls.Any() && heard.Stop is "tool" or "end")
            heard.Faults.Add($"finish reason {reason} with {heard.Calls.Count()} calls");
    }

    private static HeardUsage? Usage(JsonObject? usage) => usage is null ? null : new HeardUsage(
        usage["prompt_tokens"].Long(), usage["prompt_tokens_details"]?["cached_tokens"].Long() ?? 0, usage["completion_tokens"].Long(), usage["completion_tokens_details"]?["reasoning_tokens"]?.Long());

    // What clients of vendors with thoughts send back: everything that they were given.
    private static JsonObject Echo(JsonObject message)
    {
        var echo = new JsonObject { ["role"] = "assistant" };
        foreach (var name in (string[])["content", "reasoning_content", "reasoning_details", "refusal", "tool_calls"])
        {
            if (message[name] is { } value)
                echo[name] = value.DeepClone();
        }

        echo["content"] ??= null;
        return echo;
    }
}
