using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.Gemini;

/// <summary>Writes an unstreamed Gemini answer, and the pieces that a streamed one shares with it.</summary>
internal static class GeminiAnswerWriter
{
    public static void Write(Utf8JsonWriter json, Reply reply)
    {
        var blocks = reply.Answer.Blocks;
        var seal = blocks.Find(b => b.Kind == BlockKind.Reasoning)?.Seal;
        json.WriteStartObject();
        json.WriteStartArray("candidates"u8);
        for (var choice = 0; choice < reply.Ask.Choices; choice++)
        {
            json.WriteStartObject();
            json.WriteStartObject("content"u8);
            json.WriteStartArray("parts"u8);
            var left = SealedAt(reply);
            for (var i = 0; i < blocks.Count; i++)
            {
                WritePart(json, reply, blocks[i], blocks[i].Text, i == left ? seal : null);
            }

            json.WriteEndArray();
            json.WriteString("role"u8, "model"u8);
            json.WriteEndObject();
            WriteFinish(json, reply, choice);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteTail(json, reply, reply.Usage.OutputTokens, reply.Usage.ReasoningTokens);
        json.WriteEndObject();
    }

    /// <summary>The block that carries the signature: the first call, otherwise the last text.</summary>
    public static int SealedAt(Reply reply)
    {
        var blocks = reply.Answer.Blocks;
        if (!blocks.Exists(b => b.Kind == BlockKind.Reasoning))
        {
            return -1;
        }

        var call = blocks.FindIndex(b => b.Kind == BlockKind.ToolCall);
        return call >= 0 ? call : blocks.FindLastIndex(b => b.Kind == BlockKind.Text);
    }

    public static void WritePart(Utf8JsonWriter json, Reply reply, Block block, ReadOnlySpan<char> text, string? seal)
    {
        if (block.IsHidden || block.Kind == BlockKind.Redacted)
        {
            return;
        }

        json.WriteStartObject();
        if (block.Kind == BlockKind.ToolCall)
        {
            json.WriteStartObject("functionCall"u8);
            if (reply.Style.Ids != IdStyle.Native)
            {
                json.WriteString("id"u8, block.Id);
            }

            json.WriteString("name"u8, block.Name);
            json.WritePropertyName("args"u8);
            json.WriteRawValue(Json.IsObjectText(block.Text) ? block.Text : "{}");
            json.WriteEndObject();
        }
        else if (block.Kind == BlockKind.Picture)
        {
            json.WriteStartObject("inlineData"u8);
            json.WriteString("mimeType"u8, block.Name);
            json.WriteString("data"u8, block.Text);
            json.WriteEndObject();
        }
        else
        {
            json.WriteString("text"u8, text);
            if (block.Kind == BlockKind.Reasoning)
            {
                json.WriteBoolean("thought"u8, true);
            }
        }

        if (seal is not null)
        {
            json.WriteString("thoughtSignature"u8, seal);
        }

        json.WriteEndObject();
    }

    public static void WriteFinish(Utf8JsonWriter json, Reply reply, int choice)
    {
        json.WriteString("finishReason"u8, reply.Answer.RawStop ?? reply.Answer.Stop switch
        {
            Stop.Length => "MAX_TOKENS",
            Stop.ContentFilter or Stop.Refusal => "SAFETY",
            _ => "STOP",
        });
        json.WriteNumber("index"u8, choice);
        Citations.WriteGrounding(json, reply.Answer.Blocks);
        if (reply.Answer.Stop == Stop.ToolCalls)
        {
            json.WriteString("finishMessage"u8, "Model generated function call(s)."u8);
        }
    }

    public static void WriteTail(Utf8JsonWriter json, Reply reply, int outputTokens, int reasoningTokens)
    {
        if (!reply.NoUsage)
        {
            var (input, candidates, thoughts) = (reply.Usage.InputTotal, outputTokens * reply.Ask.Choices, reasoningTokens * reply.Ask.Choices);
            json.WriteStartObject("usageMetadata"u8);
            json.WriteNumber("promptTokenCount"u8, input);
            if (candidates > 0)
            {
                json.WriteNumber("candidatesTokenCount"u8, candidates);
            }

            json.WriteNumber("totalTokenCount"u8, input + candidates + thoughts);
            if (reply.Usage.CacheReadTokens > 0)
            {
                json.WriteNumber("cachedContentTokenCount"u8, reply.Usage.CacheReadTokens);
            }

            WritePromptDetails(json, input);
            if (thoughts > 0)
            {
                json.WriteNumber("thoughtsTokenCount"u8, thoughts);
            }

            json.WriteEndObject();
        }

        json.WriteString("modelVersion"u8, reply.Model);
        json.WriteString("responseId"u8, reply.IdSuffix);
    }

    public static void WritePromptDetails(Utf8JsonWriter json, int tokens)
    {
        json.WriteStartArray("promptTokensDetails"u8);
        json.WriteStartObject();
        json.WriteString("modality"u8, "TEXT"u8);
        json.WriteNumber("tokenCount"u8, tokens);
        json.WriteEndObject();
        json.WriteEndArray();
    }
}
