using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>Lenient reads.</summary>
internal static class ReaderExtensions
{
    /// <summary>The number as a whole one; 0 where it is none.</summary>
    public static long GetInt64OrZero(this in Utf8JsonReader reader) => reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var value) ? value : 0;
}
