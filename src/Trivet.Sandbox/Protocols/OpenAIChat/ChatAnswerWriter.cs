using System.Text.Json;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIChat;

/// <summary>Writes an unstreamed Chat answer, and the pieces that a streamed one shares with it.</summary>
internal static class ChatAnswerWriter
{
    public static void Write(Utf8JsonWriter json, Reply reply)
    {
        json.WriteStartObject();
        WriteHead(json, reply, "chat.completion"u8);
        json.WriteStartArray("choices"u8);
        for (var i = 0; i < reply.Ask.Choices; i++)
        {
            json.WriteStartObject();
            json.WriteNumber("index"u8, i);
            json.WritePropertyName("message"u8);
            WriteMessage(json, reply);
            json.WriteNull("logprobs"u8);
            json.WriteString("finish_reason"u8, FinishReason(reply.Answer));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (!reply.NoUsage)
        {
            WriteUsage(json, reply);
        }

        json.WriteEndObject();
    }

    public static void WriteHead(Utf8JsonWriter json, Reply reply, ReadOnlySpan<byte> kind)
    {
        json.WriteString("id"u8, "chatcmpl-" + reply.IdSuffix);
        json.WriteString("object"u8, kind);
        json.WriteNumber("created"u8, reply.Created.ToUnixTimeSeconds());
        json.WriteString("model"u8, reply.Model);
        json.WriteString("service_tier"u8, "default"u8);
        json.WriteString("system_fingerprint"u8, "sandbox"u8);
    }

    public static string FinishReason(Answer answer) => answer.RawStop ?? answer.Stop switch
    {
        Stop.Length => "length",
        Stop.ToolCalls => "tool_calls",
        Stop.ContentFilter => "content_filter",
        _ => "stop",
    };

    public static void WriteUsage(Utf8JsonWriter json, Reply reply)
    {
        var usage = reply.Usage;
        var output = usage.OutputTotal * reply.Ask.Choices;
        json.WriteStartObject("usage"u8);
        json.WriteNumber("prompt_tokens"u8, usage.InputTotal);
        json.WriteNumber("completion_tokens"u8, output);
        json.WriteNumber("total_tokens"u8, usage.InputTotal + output);
        json.WriteStartObject("prompt_tokens_details"u8);
        json.WriteNumber("cached_tokens"u8, usage.CacheReadTokens);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteStartObject("completion_tokens_details"u8);
        json.WriteNumber("reasoning_tokens"u8, usage.ReasoningTokens * reply.Ask.Choices);
        json.WriteNumber("audio_tokens"u8, 0);
        json.WriteNumber("accepted_prediction_tokens"u8, 0);
        json.WriteNumber("rejected_prediction_tokens"u8, 0);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteMessage(Utf8JsonWriter json, Reply reply)
    {
        var answer = reply.Answer;
        var text = string.Concat(answer.Blocks.Where(b => b.Kind == BlockKind.Text).Select(b => b.Text));
        var reasoning = answer.Reasoning();
        var refusal = answer.Blocks.Find(b => b.Kind == BlockKind.Refusal);
        json.WriteStartObject();
        json.WriteString("role"u8, "assistant"u8);
        WriteContent(json, reply.Style.Reasoning, text, reasoning, isNull: text.Length == 0 && (refusal is not null || answer.ToolCalls().Any()));
        json.WriteString("refusal"u8, refusal?.Text);
        WriteAnnotations(json, answer.Blocks);
        if (answer.Blocks.Exists(b => b.Kind == BlockKind.Picture))
        {
            WriteImages(json, answer.Blocks.Where(b => b.Kind == BlockKind.Picture));
        }

        if (answer.ToolCalls().Any())
        {
            json.WriteStartArray("tool_calls"u8);
            foreach (var call in answer.ToolCalls())
            {
                json.WriteStartObject();
                json.WriteString("id"u8, call.Id);
                json.WriteString("type"u8, "function"u8);
                json.WriteStartObject("function"u8);
                json.WriteString("name"u8, call.Name);
                json.WriteString("arguments"u8, call.Text);
                json.WriteEndObject();
                json.WriteEndObject();
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    public static void WriteAnnotations(Utf8JsonWriter json, IEnumerable<Block> blocks)
    {
        json.WriteStartArray("annotations"u8);
        foreach (var block in blocks)
        {
            foreach (var citation in block.Citations)
            {
                Citations.WriteNested(json, citation, block.Text);
            }
        }

        json.WriteEndArray();
    }

    /// <summary>Pictures as OpenRouter answers with them: the vendor itself has no place for any.</summary>
    public static void WriteImages(Utf8JsonWriter json, IEnumerable<Block> pictures)
    {
        json.WriteStartArray("images"u8);
        foreach (var picture in pictures)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "image_url"u8);
            json.WriteStartObject("image_url"u8);
            json.WriteString("url"u8, $"data:{picture.Name};base64,{picture.Text}");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteContent(Utf8JsonWriter json, ReasoningCarrier carrier, string text, string reasoning, bool isNull)
    {
        if (reasoning.Length > 0 && carrier == ReasoningCarrier.MistralArray)
        {
            json.WriteStartArray("content"u8);
            ChatReasoning.WriteThinkingPart(json, reasoning);
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WriteString("text"u8, text);
            json.WriteEndObject();
            json.WriteEndArray();
            return;
        }

        if (reasoning.Length > 0 && carrier == ReasoningCarrier.InlineThink)
        {
            json.WriteString("content"u8, $"<think>{reasoning}</think>{text}");
            return;
        }

        json.WriteString("content"u8, isNull ? null : text);
        if (reasoning.Length > 0)
        {
            ChatReasoning.WriteField(json, carrier, reasoning);
        }
    }
}

/// <summary>The fields that carry reasoning in Chat's dialects.</summary>
internal static class ChatReasoning
{
    public static void WriteField(Utf8JsonWriter json, ReasoningCarrier carrier, ReadOnlySpan<char> text)
    {
        if (carrier == ReasoningCarrier.ReasoningContent)
        {
            json.WriteString("reasoning_content"u8, text);
            return;
        }

        json.WriteString("reasoning"u8, text);
        if (carrier == ReasoningCarrier.ReasoningDetails)
        {
            json.WriteStartArray("reasoning_details"u8);
            json.WriteStartObject();
            json.WriteString("type"u8, "reasoning.text"u8);
            json.WriteString("text"u8, text);
            json.WriteString("format"u8, "unknown"u8);
            json.WriteNumber("index"u8, 0);
            json.WriteEndObject();
            json.WriteEndArray();
        }
    }

    public static void WriteThinkingPart(Utf8JsonWriter json, ReadOnlySpan<char> text)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "thinking"u8);
        json.WriteStartArray("thinking"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "text"u8);
        json.WriteString("text"u8, text);
        json.WriteEndObject();
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
