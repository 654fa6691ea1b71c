using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>
/// What an answer repeats of the request that it answers. Fields that the spec requires of an answer have a default where the client said nothing or
/// nothing of the right type.
/// </summary>
internal sealed class OpenAIResponsesEcho
{
    private readonly JsonFields _fields = new();
    private List<ExtraField>? _extra;

    public OpenAIResponsesEcho(ReadOnlyMemory<byte> request)
    {
        try
        {
            _fields.Push(new RawJson(request));
        }
        catch (JsonException)
        {
            _fields.Pop(0); // no request of this protocol: defaults
        }
    }

    public void Override(List<ExtraField> extra) => _extra = extra;

    public void Write(Utf8JsonWriter writer, JsonText serviceTier = default)
    {
        Write(writer, "background"u8, Kind.Boolean, "false"u8);
        Write(writer, "instructions"u8, Kind.String, "null"u8);
        Write(writer, "max_output_tokens"u8, Kind.Number, "null"u8);
        Write(writer, "max_tool_calls"u8, Kind.Number, "null"u8);
        Write(writer, "metadata"u8, Kind.Object, "{}"u8);
        Write(writer, "parallel_tool_calls"u8, Kind.Boolean, "true"u8);
        Write(writer, "previous_response_id"u8, Kind.String, "null"u8);
        Write(writer, "prompt_cache_key"u8, Kind.String, default);
        Write(writer, "reasoning"u8, Kind.Object, """{"effort":null,"summary":null}"""u8);
        Write(writer, "safety_identifier"u8, Kind.String, default);
        if (serviceTier.IsNull)
            writer.WriteString("service_tier"u8, "default"u8);
        else
            serviceTier.WriteTo(writer, "service_tier"u8);
        Write(writer, "temperature"u8, Kind.Number, "null"u8);
        Write(writer, "text"u8, Kind.Object, """{"format":{"type":"text"}}"""u8);
        Write(writer, "tool_choice"u8, Kind.String | Kind.Object, "\"auto\""u8);
        WriteTools(writer);
        Write(writer, "top_logprobs"u8, Kind.Number, default);
        Write(writer, "top_p"u8, Kind.Number, "null"u8);
        Write(writer, "truncation"u8, Kind.String, "\"disabled\""u8);
        Write(writer, "user"u8, Kind.String, default);
        WriteRest(writer);
    }

    [Flags]
    private enum Kind : byte
    {
        None = 0,
        String = 1,
        Number = 2,
        Boolean = 4,
        Object = 8,
        Array = 16,
    }

    private void Write(Utf8JsonWriter writer, ReadOnlySpan<byte> name, Kind kinds, ReadOnlySpan<byte> fallback)
    {
        var value = Find(name, kinds);
        if (value.IsEmpty)
            value = fallback;
        if (value.IsEmpty)
            return;
        writer.WritePropertyName(name);
        writer.WriteRawValue(JsonTokens.OnOneLine(value), skipInputValidation: true);
    }

    private ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name, Kind kinds)
    {
        foreach (var field in _extra ?? [])
        {
            if (System.Text.Ascii.Equals(name, field.Name) && (KindOf(field.Value.Utf8.Span) & kinds) != 0)
                return field.Value.Utf8.Span;
        }

        var said = _fields.Find(0, name).Value.Utf8.Span;
        return (KindOf(said) & kinds) != 0 ? said : default;
    }

    private static Kind KindOf(ReadOnlySpan<byte> value) => value.IsEmpty ? Kind.None : value[0] switch
    {
        (byte)'"' => Kind.String,
        (byte)'{' => Kind.Object,
        (byte)'[' => Kind.Array,
        (byte)'t' or (byte)'f' => Kind.Boolean,
        (byte)'n' => Kind.None,
        _ => Kind.Number,
    };

    // A function of an answer states parameters and strict, which a request may leave out.
    private void WriteTools(Utf8JsonWriter writer)
    {
        writer.WriteStartArray("tools"u8);
        var array = Find("tools"u8, Kind.Array);
        if (!array.IsEmpty)
        {
            var reader = new Utf8JsonReader(array);
            reader.Read();
            while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                var start = (int)reader.TokenStartIndex;
                var isObject = reader.TokenType == JsonTokenType.StartObject;
                var lacks = isObject ? Lacks(reader) : default;
                reader.Skip();
                var tool = JsonTokens.OnOneLine(array[start..(int)reader.BytesConsumed]);
                if (isObject)
                    writer.WriteRawValue(lacks.IsEmpty ? tool : (byte[])[.. tool[..^1], .. lacks, (byte)'}'], skipInputValidation: true);
            }
        }

        writer.WriteEndArray();
    }

    // Takes the reader by value: a copy that looks ahead.
    private static ReadOnlySpan<byte> Lacks(Utf8JsonReader reader)
    {
        var (isFunction, hasStrict, hasParameters) = (false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            isFunction |= name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String && reader.ValueTextEquals("function"u8);
            hasStrict |= name.SequenceEqual("strict"u8);
            hasParameters |= name.SequenceEqual("parameters"u8);
            reader.Skip();
        }

        return !isFunction ? default
            : (hasStrict, hasParameters) switch
            {
                (true, true) => default,
                (false, true) => ",\"strict\":null"u8,
                (true, false) => ",\"parameters\":null"u8,
                _ => ",\"strict\":null,\"parameters\":null"u8,
            };
    }

    // Fields of a read answer that no request has: they go back as they came.
    private void WriteRest(Utf8JsonWriter writer)
    {
        foreach (var field in _extra ?? [])
        {
            if (Written.Contains(field.Name))
                continue;
            writer.WritePropertyName(field.Name);
            field.Value.WriteTo(writer);
        }
    }

    private static readonly HashSet<string> Written = new(StringComparer.Ordinal)
    {
        "background", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning",
        "safety_identifier", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    };
}
