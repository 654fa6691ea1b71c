using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Streams;

/// <summary>
/// A <c>message_start</c> that reports no input tokens. Claude Code takes the size of its context from there, shows none and never makes room
/// (sgl-project/sglang#20678, zai-org/GLM-5#139): vendors that count at the end only have an estimate put in its place.
/// </summary>
public static class AnthropicMessagesMissingInput
{
    /// <summary>Finds the place of <c>message.usage.input_tokens</c> in the data of a <c>message_start</c> where it is 0. False for any other event.</summary>
    public static bool TryFind(ReadOnlySpan<byte> data, out int start, out int length)
    {
        (start, length) = (0, 0);
        try
        {
            var reader = new Utf8JsonReader(data);
            if (!TryEnter(ref reader, "message"u8) || !TryEnter(ref reader, "usage"u8))
                return false;
            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isInput = reader.TextIs("input_tokens"u8);
                reader.Read();
                if (isInput)
                {
                    (start, length) = ((int)reader.TokenStartIndex, reader.ValueSpan.Length);
                    return reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var count) && count == 0;
                }

                reader.Skip();
            }
        }
        catch (JsonException)
        {
            // Whoever gets the bytes decides what a broken event means.
        }

        return false;
    }

    // Moves into the object that is the value of a member of the next object.
    private static bool TryEnter(ref Utf8JsonReader reader, ReadOnlySpan<byte> name)
    {
        if (reader.TokenType == JsonTokenType.None && !reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            return false;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isWanted = reader.TextIs(name);
            reader.Read();
            if (isWanted)
                return reader.TokenType == JsonTokenType.StartObject;
            reader.Skip();
        }

        return false;
    }
}
