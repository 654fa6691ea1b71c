using System.Text.Encodings.Web;
using System.Text.Json;

namespace Trivet.Sandbox;

/// <summary>Small helpers for reading requests leniently; what must be rejected is rejected by the protocol readers, by name.</summary>
internal static class Json
{
    public static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static readonly JsonWriterOptions Writer = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>The property, or an undefined element where it is absent or null.</summary>
    public static JsonElement Get(this JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value : default;

    public static bool Has(this JsonElement element, string name) => element.Get(name).ValueKind != JsonValueKind.Undefined;

    public static string? Str(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    public static bool? Bool(this JsonElement element, string name) => element.Get(name).ValueKind switch
    {
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    public static int? Int(this JsonElement element, string name) => TryInt(element.Get(name), out var number) ? number : null;

    public static double? Double(this JsonElement element, string name) => element.Get(name) is { ValueKind: JsonValueKind.Number } value ? value.GetDouble() : null;

    public static bool TryInt(JsonElement element, out int number)
    {
        number = 0;
        return element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out number);
    }

    /// <summary>The items of an array property; none where it is absent or of another type.</summary>
    public static IEnumerable<JsonElement> Items(this JsonElement element, string name) =>
        element.Get(name) is { ValueKind: JsonValueKind.Array } array ? array.EnumerateArray() : [];

    /// <summary>Whether arguments can be written as an object: a token limit or a script may have broken them.</summary>
    public static bool IsObjectText(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            return document.RootElement.IsObject();
        }
        catch (JsonException)
        {
            return false;
        }
    }

    public static bool IsObject(this JsonElement element) => element.ValueKind == JsonValueKind.Object;

    public static bool IsString(this JsonElement element) => element.ValueKind == JsonValueKind.String;

    public static bool IsArray(this JsonElement element) => element.ValueKind == JsonValueKind.Array;

    public static bool IsDefined(this JsonElement element) => element.ValueKind != JsonValueKind.Undefined;
}
