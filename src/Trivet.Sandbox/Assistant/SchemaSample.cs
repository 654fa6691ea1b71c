using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.Sandbox.Assistant;

/// <summary>The smallest instance of a JSON schema that the sandbox can think of: required properties only, first choices, lower bounds.</summary>
internal static class SchemaSample
{
    private const int DepthMax = 16;

    public static string Make(JsonElement schema) => schema.ValueKind == JsonValueKind.Object ? Value(schema, schema, 0)?.ToJsonString(Json.Relaxed) ?? "null" : "{}";

    private static JsonNode? Value(JsonElement schema, JsonElement root, int depth)
    {
        if (depth > DepthMax || schema.ValueKind != JsonValueKind.Object)
        {
            return new JsonObject();
        }

        if (schema.TryGetProperty("const", out var constant))
        {
            return JsonNode.Parse(constant.GetRawText());
        }

        if (schema.TryGetProperty("enum", out var choices) && choices.ValueKind == JsonValueKind.Array && choices.GetArrayLength() > 0)
        {
            return JsonNode.Parse(choices[0].GetRawText());
        }

        if (schema.TryGetProperty("$ref", out var reference) && Resolve(reference.GetString() ?? "", root) is { } target)
        {
            return Value(target, root, depth + 1);
        }

        foreach (var keyword in (ReadOnlySpan<string>)["anyOf", "oneOf", "any_of"])
        {
            if (schema.TryGetProperty(keyword, out var options) && options.ValueKind == JsonValueKind.Array && options.GetArrayLength() > 0)
            {
                return Value(options[0], root, depth + 1);
            }
        }

        if (schema.TryGetProperty("allOf", out var all) && all.ValueKind == JsonValueKind.Array)
        {
            return Merged(schema, all, root, depth);
        }

        return OfType(schema, root, depth);
    }

    private static JsonNode? OfType(JsonElement schema, JsonElement root, int depth) => TypeOf(schema) switch
    {
        "object" => Object(schema, root, depth),
        "array" => Array(schema, root, depth),
        "string" => Text(schema),
        "integer" => Number(schema, wholeOnly: true),
        "number" => Number(schema, wholeOnly: false),
        "boolean" => JsonValue.Create(false),
        "null" => null,
        _ => Text(schema),
    };

    private static string TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("type", out var type))
        {
            // Gemini's dialect writes types in upper case.
            return (type.ValueKind == JsonValueKind.Array && type.GetArrayLength() > 0 ? type[0].GetString() : type.ValueKind == JsonValueKind.String ? type.GetString() : null)
                ?.ToLowerInvariant() ?? "string";
        }

        return schema.TryGetProperty("properties", out _) ? "object" : schema.TryGetProperty("items", out _) ? "array" : "string";
    }

    private static JsonObject Object(JsonElement schema, JsonElement root, int depth)
    {
        var result = new JsonObject();
        if (!schema.TryGetProperty("required", out var required) || required.ValueKind != JsonValueKind.Array)
        {
            return result;
        }

        foreach (var name in required.EnumerateArray())
        {
            var property = schema.TryGetProperty("properties", out var properties) && properties.ValueKind == JsonValueKind.Object
                && properties.TryGetProperty(name.GetString()!, out var found) ? found : default;
            result[name.GetString()!] = property.ValueKind == JsonValueKind.Object ? Value(property, root, depth + 1) : "sandbox";
        }

        return result;
    }

    private static JsonObject Merged(JsonElement schema, JsonElement all, JsonElement root, int depth)
    {
        var result = Object(schema, root, depth);
        foreach (var branch in all.EnumerateArray())
        {
            if (Value(branch, root, depth + 1) is JsonObject more)
            {
                foreach (var (name, value) in more)
                {
                    result[name] = value?.DeepClone();
                }
            }
        }

        return result;
    }

    private static JsonArray Array(JsonElement schema, JsonElement root, int depth)
    {
        var result = new JsonArray();
        var count = schema.TryGetProperty("minItems", out var least) && Json.TryInt(least, out var n) ? Math.Min(n, 100) : 0;
        for (var i = 0; i < count; i++)
        {
            result.Add(schema.TryGetProperty("items", out var items) ? Value(items, root, depth + 1) : JsonValue.Create("sandbox"));
        }

        return result;
    }

    private static JsonValue Text(JsonElement schema)
    {
        var format = schema.TryGetProperty("format", out var f) && f.ValueKind == JsonValueKind.String ? f.GetString() : null;
        var text = format switch
        {
            "date-time" => "2026-01-01T00:00:00Z",
            "date" => "2026-01-01",
            "time" => "00:00:00Z",
            "email" => "sandbox@example.com",
            "uri" or "url" => "https://example.com/",
            "uuid" => "00000000-0000-4000-8000-000000000000",
            _ => "sandbox",
        };
        if (schema.TryGetProperty("maxLength", out var most) && Json.TryInt(most, out var max) && max >= 0 && text.Length > max)
        {
            text = text[..max];
        }

        return JsonValue.Create(schema.TryGetProperty("minLength", out var least) && Json.TryInt(least, out var min) ? text.PadRight(Math.Min(min, 10_000), 'x') : text);
    }

    private static JsonValue Number(JsonElement schema, bool wholeOnly)
    {
        var value = Bound(schema, "minimum") ?? Bound(schema, "exclusiveMinimum") + 1 ?? 0;
        if (Bound(schema, "maximum") is { } most && value > most)
        {
            value = most;
        }

        if (Bound(schema, "multipleOf") is { } step && step > 0)
        {
            value = Math.Ceiling(value / step) * step;
        }

        return wholeOnly || value == Math.Floor(value) ? JsonValue.Create((long)Math.Ceiling(value)) : JsonValue.Create(value);
    }

    private static decimal? Bound(JsonElement schema, string keyword) =>
        schema.TryGetProperty(keyword, out var bound) && bound.ValueKind == JsonValueKind.Number && bound.TryGetDecimal(out var value) ? value : null;

    private static JsonElement? Resolve(string reference, JsonElement root)
    {
        if (!reference.StartsWith('#'))
        {
            return null;
        }

        var at = root;
        foreach (var step in reference[1..].Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            if (at.ValueKind == JsonValueKind.Array && int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index) && index < at.GetArrayLength())
            {
                at = at[index];
            }
            else if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return null;
            }
        }

        return at;
    }
}
