using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>Responses' <c>usage</c> and the six counters: cached and written tokens stand inside the input, reasoning inside the output.</summary>
public static class OpenAIResponsesUsage
{
    /// <summary>
    /// Reads the usage object at the reader's position, which moves to its end. Null where the value is no object or names no tokens. Vendors that break
    /// the rule of what stands inside what are told by the same arithmetic as in Chat, whose reader knows both protocols' names.
    /// </summary>
    public static Usage? Read(ref Utf8JsonReader reader) => OpenAIChatUsage.Read(ref reader);

    /// <summary>Writes the usage object.</summary>
    public static void Write(Utf8JsonWriter writer, in Usage usage)
    {
        writer.WriteStartObject();
        writer.WriteNumber("input_tokens"u8, usage.InputTotal);
        writer.WriteStartObject("input_tokens_details"u8);
        writer.WriteNumber("cached_tokens"u8, usage.CacheRead);
        writer.WriteNumber("cache_write_tokens"u8, usage.CacheWrite5m + usage.CacheWrite1h);
        writer.WriteEndObject();
        writer.WriteNumber("output_tokens"u8, usage.OutputTotal);
        writer.WriteStartObject("output_tokens_details"u8);
        writer.WriteNumber("reasoning_tokens"u8, usage.OutputReasoning);
        writer.WriteEndObject();
        writer.WriteNumber("total_tokens"u8, usage.InputTotal + usage.OutputTotal);
        writer.WriteEndObject();
    }
}
