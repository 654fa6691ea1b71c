using System.Buffers.Binary;
using System.Text;
using System.Text.Json.Nodes;

namespace Trivet.FunctionalTests.Replay.Meaning;

/// <summary>Reads what an answer of Bedrock's Converse says, whole or in AWS's frames.</summary>
internal static class BedrockAnswer
{
    public static AnswerMeaning ReadWhole(JsonNode body)
    {
        var answer = new AnswerMeaning { Error = (string?)body["message"] };
        foreach (var block in body["output"]?["message"]?["content"] as JsonArray ?? [])
        {
            answer.AddText((string?)block!["text"]);
            answer.AddReasoning((string?)block["reasoningContent"]?["reasoningText"]?["text"]);
            if (block["toolUse"] is { } call)
                answer.AddCall((string)call["toolUseId"]!, (string)call["name"]!).Arguments.Append(call["input"]!.ToJsonString());
        }

        End(answer, body["stopReason"], body["usage"]);
        answer.Finish();
        return answer;
    }

    public static AnswerMeaning ReadFrames(byte[] frames)
    {
        var answer = new AnswerMeaning();
        var calls = new Dictionary<int, ToolCall>();
        for (var at = 0; at < frames.Length;)
        {
            var (total, headers) = (BinaryPrimitives.ReadInt32BigEndian(frames.AsSpan(at)), BinaryPrimitives.ReadInt32BigEndian(frames.AsSpan(at + 4)));
            var payload = JsonNode.Parse(Encoding.UTF8.GetString(frames, at + 12 + headers, total - headers - 16))!;
            at += total;
            var index = (int?)payload["contentBlockIndex"] ?? -1;
            if (payload["start"]?["toolUse"] is { } call)
                calls[index] = answer.AddCall((string)call["toolUseId"]!, (string)call["name"]!);
            answer.AddText((string?)payload["delta"]?["text"]);
            answer.AddReasoning((string?)payload["delta"]?["reasoningContent"]?["text"]);
            if (payload["delta"]?["toolUse"] is { } delta)
                calls[index].Arguments.Append((string?)delta["input"]);
            End(answer, payload["stopReason"], payload["usage"]);
        }

        answer.Finish();
        return answer;
    }

    private static void End(AnswerMeaning answer, JsonNode? stop, JsonNode? usage)
    {
        if (stop is not null)
            answer.Stop = (string)stop! switch { "end_turn" => "end", "tool_use" => "tools", "max_tokens" => "max", "guardrail_intervened" or "content_filtered" => "filter", "model_context_window_exceeded" => "context", var other => other };
        if (usage is null)
            return;
        long N(string name) => (long?)usage[name] ?? 0;
        var (read, written) = (N("cacheReadInputTokens"), N("cacheWriteInputTokens"));
        answer.Usage = new Tokens(N("inputTokens") + read + written, read, written, N("outputTokens"), 0);
    }
}
