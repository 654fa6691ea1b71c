using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>A tool's arguments, which are any text in Chat and Responses, as the JSON object that they are to Messages, Gemini and Bedrock.</summary>
internal static class ToolArguments
{
    // Readers stop at 64.
    private const int DepthMax = 56;

    /// <summary>The arguments as a JSON object: as they are, <c>{}</c> for none, or what a string of JSON around them holds. False for anything else.</summary>
    public static bool TryAsObject(ReadOnlyMemory<byte> arguments, out ReadOnlyMemory<byte> json)
    {
        json = arguments;
        var text = arguments.Span.Trim(" \t\r\n"u8);
        if (text.IsEmpty || text.SequenceEqual("null"u8))
        {
            json = "{}"u8.ToArray();
            return true;
        }

        if (text[0] == (byte)'{')
            return IsJson(text);
        if (text[0] != (byte)'"' || !IsJson(text))
            return false;

        // Weak models quote the whole object once more.
        var inner = new ArrayBufferWriter<byte>(text.Length);
        JsonTokens.Unquote(text, inner);
        json = inner.WrittenMemory;
        var decoded = inner.WrittenSpan.Trim(" \t\r\n"u8);
        return !decoded.IsEmpty && decoded[0] == (byte)'{' && IsJson(decoded);
    }

    /// <summary>Exactly one JSON value, that leaves room for the levels of a body around it.</summary>
    public static bool IsJson(ReadOnlySpan<byte> text)
    {
        try
        {
            var reader = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = DepthMax });
            while (reader.Read())
            {
                // Read to the end: anything wrong throws.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
