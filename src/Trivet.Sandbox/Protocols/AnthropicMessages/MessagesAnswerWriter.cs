using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Writes an unstreamed Messages answer, and the pieces that a streamed one shares with it.</summary>
internal static class MessagesAnswerWriter
{
    public static void Write(Utf8JsonWriter json, Reply reply)
    {
        json.WriteStartObject();
        WriteHead(json, reply);
        json.WriteStartArray("content"u8);
        foreach (var block in reply.Answer.Blocks.Where(Has))
        {
            WriteBlock(json, reply, block);
        }

        json.WriteEndArray();
        WriteStop(json, reply.Answer);
        if (!reply.NoUsage)
        {
            WriteUsage(json, reply.Usage, reply.Usage.OutputTotal, isFinal: true);
        }

        json.WriteEndObject();
    }

    /// <summary>Whether the protocol has a place for it.</summary>
    public static bool Has(Block block) => block.Kind != BlockKind.Picture && (block.Kind != BlockKind.Refusal || block.Text.Length > 0);

    public static void WriteHead(Utf8JsonWriter json, Reply reply)
    {
        json.WriteString("id"u8, "msg_" + reply.IdSuffix);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WriteString("model"u8, reply.Model);
    }

    public static void WriteStop(Utf8JsonWriter json, Answer answer)
    {
        json.WriteString("stop_reason"u8, answer.RawStop ?? answer.Stop switch
        {
            Stop.Length => "max_tokens",
            Stop.ToolCalls => "tool_use",
            Stop.StopSequence => "stop_sequence",
            Stop.Refusal or Stop.ContentFilter => "refusal",
            _ => "end_turn",
        });
        json.WriteString("stop_sequence"u8, answer.StopSequence);
    }

    public static void WriteUsage(Utf8JsonWriter json, SandboxUsage usage, int outputTokens, bool isFinal)
    {
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, usage.InputTokens);
        json.WriteNumber("cache_creation_input_tokens"u8, usage.CacheWrite5mTokens + usage.CacheWrite1hTokens);
        json.WriteNumber("cache_read_input_tokens"u8, usage.CacheReadTokens);
        json.WriteStartObject("cache_creation"u8);
        json.WriteNumber("ephemeral_5m_input_tokens"u8, usage.CacheWrite5mTokens);
        json.WriteNumber("ephemeral_1h_input_tokens"u8, usage.CacheWrite1hTokens);
        json.WriteEndObject();
        json.WriteNumber("output_tokens"u8, outputTokens);
        if (isFinal)
        {
            json.WriteStartObject("output_tokens_details"u8);
            json.WriteNumber("thinking_tokens"u8, usage.ReasoningTokens);
            json.WriteEndObject();
        }

        json.WriteString("service_tier"u8, "standard"u8);
        json.WriteEndObject();
    }

    private static void WriteBlock(Utf8JsonWriter json, Reply reply, Block block)
    {
        json.WriteStartObject();
        switch (block.Kind)
        {
            case BlockKind.Reasoning:
                json.WriteString("type"u8, "thinking"u8);
                json.WriteString("thinking"u8, block.IsHidden ? "" : block.Text);
                json.WriteString("signature"u8, block.Signature);
                break;
            case BlockKind.Redacted:
                json.WriteString("type"u8, "redacted_thinking"u8);
                json.WriteString("data"u8, block.Text);
                break;
            case BlockKind.ToolCall:
                json.WriteString("type"u8, "tool_use"u8);
                json.WriteString("id"u8, block.Id);
                json.WriteString("name"u8, block.Name);
                json.WritePropertyName("input"u8);
                json.WriteRawValue(Json.IsObjectText(block.Text) ? block.Text : "{}");
                break;
            default:
                json.WriteString("type"u8, "text"u8);
                json.WriteString("text"u8, block.Text);
                if (block.Citations.Count > 0)
                {
                    json.WriteStartArray("citations"u8);
                    foreach (var citation in block.Citations)
                    {
                        Citations.WriteResult(json, citation, block.Text);
                    }

                    json.WriteEndArray();
                }

                break;
        }

        json.WriteEndObject();
    }
}
