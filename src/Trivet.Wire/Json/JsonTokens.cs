using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>Moves between a JSON string token and the bytes it stands for. A tool's arguments are a string in one protocol and a value in another.</summary>
public static class JsonTokens
{
    /// <summary>
    /// The JSON on one line, as an event's data must be: a vendor's whole answer may be indented. Line ends stand between tokens only, never in a string,
    /// so they become spaces. The same bytes where there are none.
    /// </summary>
    public static ReadOnlySpan<byte> OnOneLine(ReadOnlySpan<byte> json)
    {
        if (!json.ContainsAny((byte)'\n', (byte)'\r'))
            return json;
        var line = json.ToArray();
        line.AsSpan().Replace((byte)'\n', (byte)' ');
        line.AsSpan().Replace((byte)'\r', (byte)' ');
        return line;
    }

    /// <summary>Appends what the string token (quotes included) stands for, decoded.</summary>
    public static void Unquote(ReadOnlySpan<byte> token, IBufferWriter<byte> output)
    {
        var contents = token[1..^1];
        if (!contents.Contains((byte)'\\'))
        {
            output.Write(contents);
            return;
        }

        var target = output.GetSpan(contents.Length); // unescaping never makes a text longer
        output.Advance(Unescape(contents, target));
    }

    /// <summary>Whether a string's contents, still escaped, stand for this text.</summary>
    internal static bool Means(ReadOnlySpan<byte> contents, ReadOnlySpan<byte> text)
    {
        if (contents.Length > text.Length * 6) // the longest escape of one byte
            return false;
        Span<byte> plain = contents.Length <= 256 ? stackalloc byte[256] : new byte[contents.Length];
        return plain[..Unescape(contents, plain)].SequenceEqual(text);
    }

    /// <summary>
    /// The same JSON, of the same length, with U+FFFD for every half of a surrogate pair that stands alone behind a backslash: a document made of it gives its
    /// texts without throwing. The same bytes where there is none.
    /// </summary>
    public static ReadOnlyMemory<byte> WithWholePairs(ReadOnlyMemory<byte> json)
    {
        var half = FindHalf(json.Span, 0);
        if (half < 0)
            return json;
        var copy = json.ToArray();
        for (; half >= 0; half = FindHalf(copy, half + 6))
            "fffd"u8.CopyTo(copy.AsSpan(half + 2));
        return copy;
    }

    private static int FindHalf(ReadOnlySpan<byte> json, int at)
    {
        while (at < json.Length && json[at..].IndexOf((byte)'\\') is var next and >= 0)
        {
            at += next;
            var rest = json[Math.Min(at + 1, json.Length)..];
            if (rest.Length < 5 || rest[0] != (byte)'u')
            {
                at += 2;
                continue;
            }

            var digits = rest[1..];
            var before = digits.Length;
            if (char.IsSurrogate((char)Hex(ref digits)))
            {
                digits = rest[1..];
                if (Rune(ref digits) == System.Text.Rune.ReplacementChar)
                    return at;
            }

            at += 2 + before - digits.Length;
        }

        return -1;
    }

    // Utf8JsonReader throws on half a surrogate pair, which vendors do send (a token cut in the middle of an emoji): it becomes U+FFFD here.
    private static int Unescape(ReadOnlySpan<byte> contents, Span<byte> target)
    {
        var written = 0;
        while (true)
        {
            var next = contents.IndexOf((byte)'\\');
            var plain = next < 0 ? contents : contents[..next];
            plain.CopyTo(target[written..]);
            written += plain.Length;
            if (next < 0 || next + 1 >= contents.Length)
                return written;
            var escape = contents[next + 1];
            contents = contents[(next + 2)..];
            if (escape == (byte)'u')
            {
                written += Rune(ref contents).EncodeToUtf8(target[written..]);
                continue;
            }

            target[written++] = escape switch { (byte)'n' => (byte)'\n', (byte)'t' => (byte)'\t', (byte)'r' => (byte)'\r', (byte)'b' => (byte)'\b', (byte)'f' => (byte)'\f', _ => escape };
        }
    }

    private static Rune Rune(ref ReadOnlySpan<byte> digits)
    {
        var high = (char)Hex(ref digits);
        if (System.Text.Rune.TryCreate(high, out var rune))
            return rune;
        if (char.IsHighSurrogate(high) && digits.Length >= 6 && digits[0] == (byte)'\\' && digits[1] == (byte)'u')
        {
            var rest = digits[2..];
            if (System.Text.Rune.TryCreate(high, (char)Hex(ref rest), out rune))
            {
                digits = rest;
                return rune;
            }
        }

        return System.Text.Rune.ReplacementChar;
    }

    private static int Hex(ref ReadOnlySpan<byte> digits)
    {
        if (digits.Length < 4 || !ushort.TryParse(digits[..4], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            value = 0xFFFD;
        digits = digits[Math.Min(4, digits.Length)..];
        return value;
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

    /// <summary>Whether escaped contents end in half of a surrogate pair that the vendor cut in two: <c>\ud83d</c> without its <c>\ude00</c>.</summary>
    public static bool EndsInHalfPair(ReadOnlySpan<byte> contents)
    {
        if (contents.Length < 6)
            return false;
        var end = contents[^6..];
        return end[0] == (byte)'\\' && (end[1] | 0x20) == (byte)'u' && (end[2] | 0x20) == (byte)'d' && (end[3] is (byte)'8' or (byte)'9' || (end[3] | 0x20) is (byte)'a' or (byte)'b')
            && (contents.Length == 6 || contents[^7] != (byte)'\\');
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
