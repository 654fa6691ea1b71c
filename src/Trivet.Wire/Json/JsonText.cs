using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>
/// A JSON string value, kept as it stood on the wire (escapes and all) for as long as nobody needs the decoded text. Moving a text from one
/// protocol to another is then a copy of bytes: nothing is unescaped, escaped again, or turned into UTF-16.
/// A value read from a buffer is valid for as long as that buffer is.
/// </summary>
public readonly struct JsonText : IEquatable<JsonText>
{
    private readonly ReadOnlyMemory<byte> _token;
    private readonly string? _text;

    /// <summary>A text that is already decoded.</summary>
    public JsonText(string? text)
    {
        _text = text;
    }

    private JsonText(ReadOnlyMemory<byte> token)
    {
        _token = token;
    }

    /// <summary>The whole JSON string token, quotes included. Empty for the default value.</summary>
    public static JsonText FromToken(ReadOnlyMemory<byte> token) => new(token);

    /// <summary>No value at all (JSON null or an absent property), as opposed to an empty string.</summary>
    public bool IsNull => _text is null && _token.IsEmpty;

    /// <summary>No value, or an empty string.</summary>
    public bool IsEmpty => _text is null ? _token.Length <= 2 : _text.Length == 0;

    /// <summary>The wire token with its quotes, or empty where the value was made from a <see cref="string"/>.</summary>
    public ReadOnlyMemory<byte> Token => _token;

    /// <summary>The decoded text; an empty string for no value. Allocates when the value stands as a wire token.</summary>
    public override string ToString()
    {
        if (_text is not null || _token.IsEmpty)
            return _text ?? "";
        var contents = _token.Span[1..^1];
        if (!contents.Contains((byte)'\\'))
            return Encoding.UTF8.GetString(contents);
        var decoded = new ArrayBufferWriter<byte>(contents.Length);
        JsonTokens.Unquote(_token.Span, decoded);
        return Encoding.UTF8.GetString(decoded.WrittenSpan);
    }

    /// <summary>Writes the value as a JSON string (or null where there is none).</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (!_token.IsEmpty)
            writer.WriteRawValue(_token.Span, skipInputValidation: true);
        else if (_text is not null)
            writer.WriteStringValue(_text);
        else
            writer.WriteNullValue();
    }

    /// <summary>Writes the value as a property, as a JSON string (or null where there is none).</summary>
    public void WriteTo(Utf8JsonWriter writer, ReadOnlySpan<byte> propertyName)
    {
        writer.WritePropertyName(propertyName);
        WriteTo(writer);
    }

    /// <summary>Appends the decoded UTF-8 bytes: what a tool's arguments are once the string around them is taken off.</summary>
    public void CopyDecodedTo(IBufferWriter<byte> output)
    {
        if (_text is not null)
        {
            Encoding.UTF8.GetBytes(_text, output);
            return;
        }

        if (_token.Length > 2)
            JsonTokens.Unquote(_token.Span, output);
    }

    /// <summary>The value as a wire token with its quotes, made anew where it stands as a string.</summary>
    public ReadOnlyMemory<byte> ToToken()
    {
        if (!_token.IsEmpty || _text is null)
            return _token;
        var encoded = JsonEncodedText.Encode(_text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
        var token = new byte[encoded.Length + 2];
        token[0] = token[^1] = (byte)'"';
        encoded.CopyTo(token.AsSpan(1));
        return token;
    }

    /// <summary>The decoded UTF-8 bytes, without a copy where nothing in the token is escaped: of Base64 only the slash can be, which some clients do.</summary>
    public ReadOnlySpan<byte> Decoded()
    {
        var token = ToToken().Span;
        if (token.Length <= 2)
            return default;
        if (!token.Contains((byte)'\\'))
            return token[1..^1];
        var decoded = new ArrayBufferWriter<byte>(token.Length);
        JsonTokens.Unquote(token, decoded);
        return decoded.WrittenSpan;
    }

    /// <summary>A copy that no longer points into the buffer it was read from.</summary>
    public JsonText Detach() => _token.IsEmpty ? this : new JsonText(_token.ToArray());

    /// <summary>Whether the decoded text is exactly <paramref name="utf8"/>.</summary>
    public bool ValueEquals(ReadOnlySpan<byte> utf8)
    {
        if (_text is null && !_token.IsEmpty && !_token.Span.Contains((byte)'\\'))
            return _token.Span[1..^1].SequenceEqual(utf8);
        return !IsNull && string.Equals(ToString(), Encoding.UTF8.GetString(utf8), StringComparison.Ordinal);
    }

    /// <inheritdoc/>
    public bool Equals(JsonText other) => IsNull == other.IsNull && (_token.Span.SequenceEqual(other._token.Span) && _text == other._text || string.Equals(ToString(), other.ToString(), StringComparison.Ordinal));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is JsonText other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => string.GetHashCode(ToString(), StringComparison.Ordinal);

    /// <summary>Same text.</summary>
    public static bool operator ==(JsonText left, JsonText right) => left.Equals(right);

    /// <summary>Not the same text.</summary>
    public static bool operator !=(JsonText left, JsonText right) => !left.Equals(right);

    /// <summary>A decoded text as a value.</summary>
    public static implicit operator JsonText(string? text) => new(text);
}
