using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>Lenient reads.</summary>
public static class ReaderExtensions
{
    /// <summary>The number as a whole one; 0 where it is none.</summary>
    public static long GetInt64OrZero(this in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : 0;

    /// <summary>
    /// The token is a string or a name and means this text. The reader's own comparison throws on other tokens and on half a surrogate pair behind a backslash,
    /// which vendors do send.
    /// </summary>
    public static bool TextIs(this in Utf8JsonReader reader, ReadOnlySpan<byte> text) => reader.TokenType is JsonTokenType.String or JsonTokenType.PropertyName
        && (reader.ValueIsEscaped ? JsonTokens.Means(reader.ValueSpan, text) : reader.ValueSpan.SequenceEqual(text));
}
