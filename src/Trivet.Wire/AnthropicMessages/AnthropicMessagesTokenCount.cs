using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>The answer of <c>POST /v1/messages/count_tokens</c>. Its request is read as any other: it only lacks <c>max_tokens</c>.</summary>
public static class AnthropicMessagesTokenCount
{
    /// <summary>Writes the answer. Anthropic's shape has no room to say that the number is an estimate; a header says it.</summary>
    public static void Write(long inputTokens, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteNumber("input_tokens"u8, inputTokens);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    /// <summary>Reads an upstream's answer; null where it is none.</summary>
    public static long? Read(ReadOnlySpan<byte> body)
    {
        try
        {
            var reader = new Utf8JsonReader(body);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
                return null;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCount = reader.TextIs("input_tokens"u8);
                reader.Read();
                if (isCount && reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count))
                    return count;
                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Not JSON: no count.
        }

        return null;
    }
}
