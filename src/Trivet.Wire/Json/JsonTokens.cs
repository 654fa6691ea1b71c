using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>Moves between a JSON string token and the bytes it stands for. A tool's arguments are a string in one protocol and a value in another.</summary>
public static class JsonTokens
{
    /// <summary>Appends what the string token (quotes included) stands for, decoded.</summary>
    public static void Unquote(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        var contents = token[1..^1];
        if (!contents.Contains((byte)'\\'))
        {
            output.Write(contents);
            return;
        }

        var reader = new Utf8JsonReader(token);
        reader.Read();
        var target = output.GetSpan(contents.Length);
        output.Advance(reader.CopyString(target));
    }

    /// <summary>Appends <paramref name="utf8"/> as a JSON string token with its quotes.</summary>
    public static void Quote(ReadOnlySpan<byte> utf8, IBufferWriter<byte> output)
    {
        output.Write("\""u8);
        while (!utf8.IsEmpty)
        {
            var target = output.GetSpan(Math.Max(256, Math.Min(utf8.Length * 2, 16384)));
            JavaScriptEncoder.UnsafeRelaxedJsonEscaping.EncodeUtf8(utf8, target, out var consumed, out var written, isFinalBlock: true);
            output.Advance(written);
            utf8 = utf8[consumed..];
        }

        output.Write("\""u8);
    }

    /// <summary>The string token at the reader's position, quotes included, as a slice of the buffer that the reader stands on.</summary>
    public static JsonText ReadText(ref Utf8JsonReader reader, ReadOnlyMemory<byte> buffer) => reader.TokenType == JsonTokenType.String
        ? JsonText.FromToken(buffer.Slice((int)reader.TokenStartIndex, reader.ValueSpan.Length + 2))
        : default;

    /// <summary>The raw value at the reader's position (which moves to its end), as a slice of the buffer.</summary>
    public static RawJson ReadRaw(ref Utf8JsonReader reader, ReadOnlyMemory<byte> buffer)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return new RawJson(buffer[start..(int)reader.BytesConsumed]);
    }
}
