using System.Text;
using System.Text.Json;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>Whether what was written is one JSON text, as strictly as it gets.</summary>
internal static class JsonCheck
{
    private static readonly JsonReaderOptions Deep = new() { MaxDepth = 1000 };

    /// <summary>What is wrong with it; null where nothing is.</summary>
    public static string? Check(string what, ReadOnlySpan<byte> json)
    {
        try
        {
            var reader = new Utf8JsonReader(json, Deep);
            while (reader.Read())
            {
                // to the end, or to where it throws
            }

            return System.Text.Unicode.Utf8.IsValid(json) ? null : $"{what} is not UTF-8";
        }
        catch (JsonException exception)
        {
            return $"{what} is no JSON: {exception.Message}";
        }
    }

    public static string Show(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes[..Math.Min(bytes.Length, 2_000)]);
}
