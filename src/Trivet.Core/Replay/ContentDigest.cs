using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>
/// A 64-bit digest of what was said, the same however a client hands it back: white space does not count, nor does how a text is cut into fragments or
/// escaped, nor the order of an object's fields. Not secure: it tells turns of one key apart.
/// </summary>
internal struct ContentDigest
{
    private const ulong Offset = 14695981039346656037UL; // FNV-1a
    private const ulong Prime = 1099511628211UL;

    private ulong _state;
    private int _skip;

    /// <summary>How many bytes counted.</summary>
    public long Length { get; private set; }

    /// <summary>The digest; 0 for nothing.</summary>
    public readonly ulong Value => Length == 0 ? 0 : _state;

    /// <summary>Adds text in UTF-8, in pieces of any size.</summary>
    public void Add(ReadOnlySpan<byte> utf8)
    {
        var state = Length == 0 ? Offset : _state;
        var count = 0;
        foreach (var unit in utf8)
        {
            if (_skip > 0)
            {
                _skip--;
                continue;
            }

            // A character beyond the basic plane may be cut in two between fragments and is then read as U+FFFD twice: neither counts.
            if (unit >= 0xEF)
                _skip = unit == 0xEF ? 2 : 3;
            else if (unit > (byte)' ')
            {
                state = (state ^ unit) * Prime;
                count++;
            }
        }

        if (count == 0)
            return;
        _state = state;
        Length += count;
    }

    /// <summary>Adds the contents of a quoted string token.</summary>
    public void AddToken(ReadOnlySpan<byte> token)
    {
        if (token.Length <= 2)
            return;
        var contents = token[1..^1];
        if (!contents.Contains((byte)'\\'))
        {
            Add(contents);
            return;
        }

        var decoded = new ArrayBufferWriter<byte>(contents.Length);
        JsonTokens.Unquote(token, decoded);
        Add(decoded.WrittenSpan);
    }

    /// <summary>Mixes in a digest.</summary>
    public void Add(ulong digest)
    {
        _state = ((Length == 0 ? Offset : _state) ^ digest) * Prime;
        Length += sizeof(ulong);
    }

    /// <summary>The digest of a call's arguments: of the value that they are, or of the text where they are no JSON.</summary>
    public static ulong OfArguments(ReadOnlyMemory<byte> arguments)
    {
        var digest = new ContentDigest();
        if (arguments.IsEmpty)
            return OfArguments("{}"u8.ToArray());
        try
        {
            using var json = JsonDocument.Parse(arguments);
            digest.AddValue(json.RootElement);
        }
        catch (JsonException)
        {
            digest.Add(arguments.Span);
        }

        return digest.Value;
    }

    private void AddValue(JsonElement value)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Object:
                Add("{"u8);
                foreach (var field in value.EnumerateObject().OrderBy(static field => field.Name, StringComparer.Ordinal))
                {
                    Add(Encoding.UTF8.GetBytes(field.Name));
                    Add(":"u8);
                    AddValue(field.Value);
                }

                Add("}"u8);
                break;
            case JsonValueKind.Array:
                Add("["u8);
                foreach (var element in value.EnumerateArray())
                {
                    AddValue(element);
                    Add(","u8);
                }

                Add("]"u8);
                break;
            case JsonValueKind.String:
                Add("\""u8);
                Add(Encoding.UTF8.GetBytes(Text(value)));
                break;
            case JsonValueKind.Number:
                Add((ulong)BitConverter.DoubleToInt64Bits(value.GetDouble())); // 1.0 and 1 are the same to most clients
                break;
            default:
                Add(Encoding.UTF8.GetBytes(value.ToString()));
                break;
        }
    }

    private static string Text(JsonElement value)
    {
        try
        {
            return value.GetString()!;
        }
        catch (InvalidOperationException)
        {
            return value.GetRawText(); // half a surrogate pair
        }
    }
}
