using System.Text.Json;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>The least translation of a Chat answer to Messages that works for a coding agent.</summary>
internal static class ChatToMessagesAnswer
{
    public static void Write(JsonElement answer, Utf8JsonWriter json)
    {
        var choice = answer.GetProperty("choices"u8)[0];
        var message = choice.GetProperty("message"u8);
        json.WriteStartObject();
        json.WritePropertyName("id"u8);
        answer.GetProperty("id"u8).WriteTo(json);
        json.WriteString("type"u8, "message"u8);
        json.WriteString("role"u8, "assistant"u8);
        json.WritePropertyName("model"u8);
        answer.GetProperty("model"u8).WriteTo(json);
        json.WriteStartArray("content"u8);
        if (message.TryGetProperty("content"u8, out var text) && text.ValueKind == JsonValueKind.String)
        {
            json.WriteStartObject();
            json.WriteString("type"u8, "text"u8);
            json.WritePropertyName("text"u8);
            text.WriteTo(json);
            json.WriteEndObject();
        }
        if (message.TryGetProperty("tool_calls"u8, out var calls))
        {
            foreach (var call in calls.EnumerateArray())
                WriteToolUse(call, json);
        }
        json.WriteEndArray();
        json.WriteString("stop_reason"u8, StopReason(choice.GetProperty("finish_reason"u8)));
        json.WriteNull("stop_sequence"u8);
        WriteUsage(answer.GetProperty("usage"u8), json);
        json.WriteEndObject();
    }

    /// <summary>Chat's finish_reason in Anthropic's words.</summary>
    public static ReadOnlySpan<byte> StopReason(JsonElement finishReason) =>
        finishReason.ValueEquals("tool_calls"u8) ? "tool_use"u8
        : finishReason.ValueEquals("length"u8) ? "max_tokens"u8
        : finishReason.ValueEquals("content_filter"u8) ? "refusal"u8
        : "end_turn"u8;

    /// <summary>Chat counts cached tokens among the prompt's; Messages counts them apart.</summary>
    public static void WriteUsage(JsonElement usage, Utf8JsonWriter json)
    {
        long cached = 0;
        if (usage.TryGetProperty("prompt_tokens_details"u8, out var details) && details.ValueKind == JsonValueKind.Object
            && details.TryGetProperty("cached_tokens"u8, out var value))
            cached = value.GetInt64();
        json.WriteStartObject("usage"u8);
        json.WriteNumber("input_tokens"u8, usage.GetProperty("prompt_tokens"u8).GetInt64() - cached);
        json.WriteNumber("cache_creation_input_tokens"u8, 0);
        json.WriteNumber("cache_read_input_tokens"u8, cached);
        json.WriteNumber("output_tokens"u8, usage.GetProperty("completion_tokens"u8).GetInt64());
        json.WriteEndObject();
    }

    private static void WriteToolUse(JsonElement call, Utf8JsonWriter json)
    {
        var function = call.GetProperty("function"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "tool_use"u8);
        json.WritePropertyName("id"u8);
        call.GetProperty("id"u8).WriteTo(json);
        json.WritePropertyName("name"u8);
        function.GetProperty("name"u8).WriteTo(json);
        json.WritePropertyName("input"u8);
        json.WriteRawValue(function.GetProperty("arguments"u8).GetString()!, skipInputValidation: true);
        json.WriteEndObject();
    }
}
