using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini;

/// <summary>
/// <c>usageMetadata</c> and the six counters. Cached tokens are counted inside the prompt; prompts of Google's own tools, and thoughts, beside prompt and
/// candidates: total = prompt + tool use + candidates + thoughts in every recording. It stands on every chunk of a stream and is cumulative but not
/// monotone where a model goes through several steps (gemini-054, -055): the last one counts, whole.
/// </summary>
public static class GeminiUsage
{
    /// <summary>Reads the object at the reader's position, which moves to its end. Null where it is no object or counts nothing (Vertex, before the end).</summary>
    public static Usage? Read(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            reader.Skip();
            return null;
        }

        var (prompt, tools, cached, candidates, thoughts, any) = (0L, 0L, 0L, 0L, 0L, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType != JsonTokenType.Number)
            {
                reader.Skip();
                continue;
            }

            var count = Math.Max(0, reader.GetInt64OrZero());
            any |= name.EndsWith("TokenCount"u8);
            if (name.SequenceEqual("promptTokenCount"u8))
                prompt = count;
            else if (name.SequenceEqual("toolUsePromptTokenCount"u8))
                tools = count;
            else if (name.SequenceEqual("cachedContentTokenCount"u8))
                cached = count;
            else if (name.SequenceEqual("candidatesTokenCount"u8) || name.SequenceEqual("responseTokenCount"u8))
                candidates = count;
            else if (name.SequenceEqual("thoughtsTokenCount"u8))
                thoughts = count;
        }

        return any ? Usage.FromInclusive(prompt + tools, cached, 0, candidates + thoughts, thoughts) : null;
    }

    /// <summary>Writes the object. <paramref name="serviceTier"/> is Gemini's own word or nothing.</summary>
    public static void Write(Utf8JsonWriter writer, in Usage usage, JsonText serviceTier = default)
    {
        writer.WriteStartObject();
        writer.WriteNumber("promptTokenCount"u8, usage.InputTotal);
        writer.WriteNumber("candidatesTokenCount"u8, usage.OutputText);
        writer.WriteNumber("totalTokenCount"u8, usage.InputTotal + usage.OutputTotal);
        if (usage.CacheRead > 0)
            writer.WriteNumber("cachedContentTokenCount"u8, usage.CacheRead);
        if (usage.OutputReasoning > 0)
            writer.WriteNumber("thoughtsTokenCount"u8, usage.OutputReasoning);
        if (!serviceTier.IsNull)
            serviceTier.WriteTo(writer, "serviceTier"u8);
        writer.WriteEndObject();
    }
}
