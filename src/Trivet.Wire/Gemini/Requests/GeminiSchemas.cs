using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>
/// Google's OpenAPI subset (<c>parameters</c>, <c>responseSchema</c>: types in capitals, <c>nullable</c>, bounds as strings) turned into JSON schema, which
/// every other protocol takes. Capitals are turned also where the client said JSON schema: Gemini CLI sends them there (WIRE_FACTS §3.7).
/// </summary>
internal sealed class GeminiSchemas
{
    private const int DepthMax = 40;

    private readonly JsonFields _fields = new();

    /// <summary>The schema as JSON schema; the same bytes where it is one already.</summary>
    public static RawJson ToJsonSchema(RawJson schema)
    {
        if (schema.IsNull || schema.Utf8.Span[0] != (byte)'{' || !IsOpenApi(schema.Utf8.Span))
            return schema;
        var output = new ArrayBufferWriter<byte>(schema.Utf8.Length);
        var writer = JsonWriters.Rent(output);
        new GeminiSchemas().Schema(writer, schema, 0);
        JsonWriters.Return(writer);
        return new RawJson(output.WrittenMemory);
    }

    /// <summary>Whether keywords may stand in snake_case.</summary>
    public static bool HasSnakeCase(RawJson schema) => schema.Utf8.Span.IndexOf("any_of"u8) >= 0 || schema.Utf8.Span.IndexOf("property_ordering"u8) >= 0 || schema.Utf8.Span.IndexOf("_items\""u8) >= 0 || schema.Utf8.Span.IndexOf("_length\""u8) >= 0;

    private static bool IsOpenApi(ReadOnlySpan<byte> schema) =>
        schema.IndexOf("\"OBJECT\""u8) >= 0 || schema.IndexOf("\"STRING\""u8) >= 0 || schema.IndexOf("\"NUMBER\""u8) >= 0 || schema.IndexOf("\"INTEGER\""u8) >= 0
        || schema.IndexOf("\"BOOLEAN\""u8) >= 0 || schema.IndexOf("\"ARRAY\""u8) >= 0 || schema.IndexOf("\"NULL\""u8) >= 0 || schema.IndexOf("\"TYPE_UNSPECIFIED\""u8) >= 0
        || schema.IndexOf("\"nullable\""u8) >= 0 || schema.IndexOf("rdering\""u8) >= 0 || schema.IndexOf("\"any_of\""u8) >= 0 || HasQuotedBound(schema);

    // "minItems": "1" and its kin
    private static bool HasQuotedBound(ReadOnlySpan<byte> schema)
    {
        for (var at = schema.IndexOf("\":"u8); at >= 0; at = schema.IndexOf("\":"u8))
        {
            var isBound = schema[..at].EndsWith("Items"u8) || schema[..at].EndsWith("Length"u8) || schema[..at].EndsWith("Properties"u8);
            schema = schema[(at + 2)..];
            if (isBound && schema.TrimStart(" \t\r\n"u8) is [(byte)'"', ..])
                return true;
        }

        return false;
    }

    private void Schema(Utf8JsonWriter writer, RawJson schema, int depth)
    {
        if (depth > DepthMax || schema.Utf8.Span[0] != (byte)'{')
        {
            schema.WriteTo(writer);
            return;
        }

        var start = _fields.Push(schema);
        var end = _fields.Count;
        var isNullable = _fields.Find(start, "nullable"u8).Boolean == true;
        writer.WriteStartObject();
        for (var i = start; i < end; i++)
            Field(writer, _fields[i], isNullable, depth);
        writer.WriteEndObject();
        _fields.Pop(start);
    }

    private void Field(Utf8JsonWriter writer, JsonField field, bool isNullable, int depth)
    {
        if (field.Is("nullable"u8) || field.Named("propertyOrdering"u8) || (field.Is("format"u8) && field.Text.ValueEquals("enum"u8)))
            return;
        if (field.Is("type"u8) && field.Type == JsonTokenType.String)
            Type(writer, field.Text.ToString(), isNullable);
        else if (field.Is("properties"u8) || field.Is("$defs"u8) || field.Is("definitions"u8))
            Map(writer, field, depth);
        else if (field.Is("items"u8) || field.Named("additionalProperties"u8) || field.Is("not"u8))
            One(writer, field, depth);
        else if (field.Named("anyOf"u8) || field.Named("oneOf"u8) || field.Named("allOf"u8) || field.Named("prefixItems"u8))
            Many(writer, field, depth);
        else if (isNullable && field.Is("enum"u8) && field.Type == JsonTokenType.StartArray && field.Value.Utf8.Length > 2)
            NullableEnum(writer, field);
        else if (field.Type == JsonTokenType.String && IsBound(field) && field.WholeNumber() is { } bound)
            writer.WriteNumber(Name(field), bound);
        else
            field.Value.WriteTo(writer, Name(field));
    }

    private static void Type(Utf8JsonWriter writer, string type, bool isNullable)
    {
        if (type is "TYPE_UNSPECIFIED")
            return;
        var lower = type.ToLowerInvariant();
        if (!isNullable)
        {
            writer.WriteString("type"u8, lower);
            return;
        }

        writer.WriteStartArray("type"u8);
        writer.WriteStringValue(lower);
        writer.WriteStringValue("null"u8);
        writer.WriteEndArray();
    }

    private void Map(Utf8JsonWriter writer, JsonField field, int depth)
    {
        if (field.Type != JsonTokenType.StartObject)
        {
            field.Value.WriteTo(writer, field.Name.Span);
            return;
        }

        var start = _fields.Push(field.Value);
        var end = _fields.Count;
        writer.WriteStartObject(field.Name.Span);
        for (var i = start; i < end; i++)
        {
            Escaped(writer, _fields[i].Name.Span);
            Schema(writer, _fields[i].Value, depth + 1);
        }

        writer.WriteEndObject();
        _fields.Pop(start);
    }

    private void One(Utf8JsonWriter writer, JsonField field, int depth)
    {
        writer.WritePropertyName(Name(field));
        Schema(writer, field.Value, depth + 1);
    }

    private void Many(Utf8JsonWriter writer, JsonField field, int depth)
    {
        if (field.Type != JsonTokenType.StartArray)
        {
            field.Value.WriteTo(writer, Name(field));
            return;
        }

        writer.WriteStartArray(Name(field));
        var reader = new Utf8JsonReader(field.Value.Utf8.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            Schema(writer, JsonTokens.ReadRaw(ref reader, field.Value.Utf8), depth + 1);
        writer.WriteEndArray();
    }

    private static void NullableEnum(Utf8JsonWriter writer, JsonField field)
    {
        var values = field.Value.Utf8.Span;
        writer.WritePropertyName("enum"u8);
        var extended = new byte[values.Length + 5];
        values[..^1].CopyTo(extended);
        ",null]"u8.CopyTo(extended.AsSpan(values.Length - 1));
        writer.WriteRawValue(extended, skipInputValidation: true);
    }

    private static bool IsBound(JsonField field) =>
        field.Named("minItems"u8) || field.Named("maxItems"u8) || field.Named("minLength"u8) || field.Named("maxLength"u8) || field.Named("minProperties"u8) || field.Named("maxProperties"u8);

    // Keywords in snake_case stand for their camelCase form; anything else with an underscore does not occur among keywords.
    private static ReadOnlySpan<byte> Name(JsonField field) => field.Name.Span.Contains((byte)'_') ? System.Text.Encoding.UTF8.GetBytes(GeminiNames.Camel(field.NameString)) : field.Name.Span;

    // A property's name as it stood, escapes and all.
    private static void Escaped(Utf8JsonWriter writer, ReadOnlySpan<byte> name)
    {
        if (!name.Contains((byte)'\\'))
        {
            writer.WritePropertyName(name);
            return;
        }

        var token = new byte[name.Length + 2];
        token[0] = token[^1] = (byte)'"';
        name.CopyTo(token.AsSpan(1));
        writer.WritePropertyName(JsonText.FromToken(token).ToString());
    }
}
