using System.Buffers;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini;

/// <summary>The answer to <c>countTokens</c>.</summary>
public static class GeminiTokenCount
{
    /// <summary>Writes the answer.</summary>
    public static void Write(long tokens, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteNumber("totalTokens"u8, tokens);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }
}
