using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Clients;

/// <summary>Reads Gemini answers as an SDK does: a whole one is a stream of one chunk.</summary>
internal static class GeminiAnswers
{
    public static Heard ReadStream(ReadOnlyMemory<byte> body)
    {
        var others = new List<string>();
        var heard = Read([.. Words.Objects(body, others.Add).Select(o => o.Data)]);
        heard.Faults.AddRange(others.Select(text => "no JSON: " + text));
        return heard;
    }

    public static Heard Read(IReadOnlyList<JsonObject> chunks)
    {
        var heard = new Heard();
        var (finish, parts) = ("", new JsonArray());
        foreach (var chunk in chunks)
        {
            if (chunk["error"].Obj() is { } error)
            {
                heard.Error = error["message"].Str();
                continue;
            }

            heard.Model = chunk["modelVersion"].Str();
            if (chunk["usageMetadata"].Obj() is { } usage)
                heard.Usage = Usage(usage);
            var candidate = chunk["candidates"].Objs().FirstOrDefault(c => c["index"].Long() == 0);
            if (candidate is null && chunk["promptFeedback"]?["blockReason"] is not null)
                finish = "SAFETY";
            if (candidate is null)
                continue;
            if (finish.Length > 0 && candidate["content"]?["parts"].Objs().Any(p => p.Count > 0) == true)
                heard.Faults.Add("content after its finish reason");
            foreach (var part in candidate["content"]?["parts"].Objs() ?? [])
                Take(heard, part, parts);
            finish = candidate["finishReason"].Str() is { Length: > 0 } reason ? reason : finish;
            heard.Citations.AddRange(candidate["groundingMetadata"]?["groundingChunks"].Objs().Select(g => g["web"]?["uri"].Str() ?? "") ?? []);
        }

        if (finish.Length == 0 && heard.Error is null)
            heard.Faults.Add("no finish reason");
        heard.Stop = finish switch
        {
            "STOP" => heard.Calls.Any() ? "tool" : "end",
            "MAX_TOKENS" => "length",
            "SAFETY" or "RECITATION" or "BLOCKLIST" or "PROHIBITED_CONTENT" or "SPII" => "refused",
            _ => finish,
        };
        heard.Verbatim = [new JsonObject { ["role"] = "model", ["parts"] = parts }];
        return heard;
    }

    private static void Take(Heard heard, JsonObject part, JsonArray parts)
    {
        if (part["functionCall"].Obj() is { } call)
        {
            heard.Pieces.Add(Piece.OfCall(call["id"].Str(), call["name"].Str(), call["args"]?.ToJsonString() ?? "{}"));
            if (call["name"].Str().Length == 0)
                heard.Faults.Add("a call without a name");
        }
        else if (part["inlineData"].Obj() is { } picture)
            heard.Pictures.Add(picture["data"].Str());
        else if (part["text"].Str() is { Length: > 0 } text)
            heard.Append(part["thought"] is JsonValue flag && flag.GetValue<bool>() ? PieceKind.Thought : PieceKind.Text, text);
        if (part.Count > 0)
            parts.Add(part.DeepClone());
    }

    private static HeardUsage Usage(JsonObject usage) => new(
        usage["promptTokenCount"].Long() + usage["toolUsePromptTokenCount"].Long(), usage["cachedContentTokenCount"].Long(),
        usage["candidatesTokenCount"].Long() + usage["thoughtsTokenCount"].Long(), usage["thoughtsTokenCount"].Long());
}
