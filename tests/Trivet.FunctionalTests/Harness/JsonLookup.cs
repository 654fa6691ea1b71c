using System.Text.Json;

namespace Trivet.FunctionalTests.Harness;

/// <summary>Reads what verbs print with --json by the words of the books, in whatever case they are written.</summary>
internal static class JsonLookup
{
    /// <summary>The property of this name, case and underscores aside; undefined where there is none.</summary>
    public static JsonElement At(this JsonElement element, string name) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject().FirstOrDefault(p => Plain(p.Name) == Plain(name)).Value
        : default;

    public static string Text(this JsonElement element, string name) => element.At(name) is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    public static long Number(this JsonElement element, string name) => element.At(name) is { ValueKind: JsonValueKind.Number } number ? number.GetInt64() : 0;

    /// <summary>The lines of a list, bare or as the only array of an object.</summary>
    public static IReadOnlyList<JsonElement> Lines(this JsonElement element) => element.ValueKind == JsonValueKind.Array
        ? [.. element.EnumerateArray()]
        : element.ValueKind == JsonValueKind.Object ? [.. element.EnumerateObject().Where(p => p.Value.ValueKind == JsonValueKind.Array).SelectMany(p => p.Value.EnumerateArray())] : [];

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal).ToUpperInvariant();
}
