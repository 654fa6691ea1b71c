using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// JSON schema cut down to Google's OpenAPI subset, for upstreams that take nothing else: types in capitals, <c>null</c> as <c>nullable</c>, references
/// written out, alternatives as <c>anyOf</c>. What the subset cannot say is left out.
/// </summary>
internal readonly ref struct GeminiOpenApi
{
    private const int DepthMax = 12;

    // A schema that refers to itself twice doubles with each level: 405 bytes became 290 MB.
    private const int SchemasMax = 500;

    // And one with a long description that does so writes that out each time.
    private const int GrowthMax = 4;
    private const int BytesFree = 64 * 1024;

    private static readonly string[] s_kept =
        ["title", "description", "format", "pattern", "minimum", "maximum", "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties", "required", "default", "example", "propertyOrdering"];

    private static readonly string[] s_silent = ["$schema", "$id", "$defs", "definitions", "$ref", "type", "nullable", "properties", "items", "anyOf", "oneOf", "enum", "const"];

    private readonly Utf8JsonWriter _writer;
    private readonly JsonElement _root;
    private readonly long _bytesMax;
    private readonly ref int _schemas;

    private GeminiOpenApi(Utf8JsonWriter writer, JsonElement root, long bytesMax, ref int schemas)
    {
        (_writer, _root, _bytesMax) = (writer, root, bytesMax);
        _schemas = ref schemas;
    }

    /// <summary>Writes the schema. False where something of it was left out.</summary>
    public static bool Write(Utf8JsonWriter writer, RawJson schema)
    {
        using var document = JsonDocument.Parse(JsonTokens.WithWholePairs(schema.Utf8));
        var schemas = 0;
        var bytesMax = Written(writer) + (GrowthMax * (long)schema.Utf8.Length) + BytesFree;
        return new GeminiOpenApi(writer, document.RootElement, bytesMax, ref schemas).Schema(document.RootElement, 0);
    }

    private bool Schema(JsonElement schema, int depth)
    {
        _writer.WriteStartObject();
        var isWhole = depth <= DepthMax && ++_schemas <= SchemasMax && Written(_writer) <= _bytesMax && schema.ValueKind == JsonValueKind.Object;
        if (isWhole)
            isWhole = Members(Resolve(schema), depth);
        else
            _writer.WriteString("type"u8, "OBJECT"u8);
        _writer.WriteEndObject();
        return isWhole;
    }

    private bool Members(JsonElement schema, int depth)
    {
        var isWhole = true;
        Type(schema);
        foreach (var property in schema.EnumerateObject())
        {
            var (name, value) = (property.Name, property.Value);
            if (Array.IndexOf(s_kept, name) >= 0)
                property.WriteTo(_writer);
            else if (name is "properties" && value.ValueKind == JsonValueKind.Object)
                isWhole &= Properties(value, depth);
            else if (name is "items")
                isWhole &= One("items", value, depth);
            else if (name is "anyOf" or "oneOf" && value.ValueKind == JsonValueKind.Array)
                isWhole &= Alternatives(value, depth);
            else if (name is "enum" or "const")
                isWhole &= Enum(value);
            else
                isWhole &= Array.IndexOf(s_silent, name) >= 0;
        }

        return isWhole;
    }

    private void Type(JsonElement schema)
    {
        var isNullable = schema.TryGetProperty("nullable"u8, out var nullable) && nullable.ValueKind == JsonValueKind.True;
        string? type = null;
        if (schema.TryGetProperty("type"u8, out var given))
        {
            var isList = given.ValueKind == JsonValueKind.Array;
            type = given.ValueKind == JsonValueKind.String ? given.GetString() : null;
            for (var i = 0; isList && i < given.GetArrayLength(); i++)
            {
                if (given[i].ValueKind != JsonValueKind.String)
                    continue;
                if (given.GetArrayLength() > 1 && given[i].ValueEquals("null"u8))
                    isNullable = true;
                else
                    type ??= given[i].GetString();
            }

            type ??= "string";
        }
        else if (schema.TryGetProperty("properties"u8, out _))
        {
            type = "object";
        }
        else if (schema.TryGetProperty("enum"u8, out _) || schema.TryGetProperty("const"u8, out _))
        {
            type = "string";
        }

        if (type is not null)
            _writer.WriteString("type"u8, type.ToUpperInvariant());
        if (isNullable)
            _writer.WriteBoolean("nullable"u8, true);
        if (type is "array" && !schema.TryGetProperty("items"u8, out _))
        {
            _writer.WriteStartObject("items"u8); // Google answers 400 to an array without
            _writer.WriteString("type"u8, "STRING"u8);
            _writer.WriteEndObject();
        }
    }

    private bool Properties(JsonElement properties, int depth)
    {
        var isWhole = true;
        _writer.WriteStartObject("properties"u8);
        foreach (var property in properties.EnumerateObject())
            isWhole &= One(property.Name, property.Value, depth);
        _writer.WriteEndObject();
        return isWhole;
    }

    private bool One(string name, JsonElement schema, int depth)
    {
        _writer.WritePropertyName(name);
        return Schema(schema, depth + 1);
    }

    private bool Alternatives(JsonElement schemas, int depth)
    {
        var isWhole = true;
        _writer.WriteStartArray("anyOf"u8);
        foreach (var schema in schemas.EnumerateArray())
            isWhole &= Schema(schema, depth + 1);
        _writer.WriteEndArray();
        return isWhole;
    }

    // Values are strings there.
    private bool Enum(JsonElement values)
    {
        var isWhole = true;
        _writer.WriteStartArray("enum"u8);
        foreach (var value in values.ValueKind == JsonValueKind.Array ? values.EnumerateArray().ToArray() : [values])
        {
            isWhole &= value.ValueKind == JsonValueKind.String;
            if (value.ValueKind != JsonValueKind.Null)
                _writer.WriteStringValue(value.ToString());
        }

        _writer.WriteEndArray();
        return isWhole;
    }

    private static long Written(Utf8JsonWriter writer) => writer.BytesCommitted + writer.BytesPending;

    private JsonElement Resolve(JsonElement schema)
    {
        for (var hops = 0; hops < 8 && schema.TryGetProperty("$ref"u8, out var reference) && reference.ValueKind == JsonValueKind.String; hops++)
        {
            var found = _root;
            foreach (var step in reference.GetString()!.TrimStart('#').Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                if (found.ValueKind != JsonValueKind.Object || !found.TryGetProperty(step, out found))
                    return schema;
            }

            if (found.ValueKind != JsonValueKind.Object)
                return schema;
            schema = found;
        }

        return schema;
    }
}
