using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Answers;

/// <summary>
/// What an answer repeats of the request that it answers, as properties that stand behind each other. Fields that the spec requires of an answer have a
/// default where the client said nothing or nothing of the right type. So have long ones, such as the instructions and tools of coding agents: OpenAI
/// repeats their 40 kB three times in each stream, and no client reads them.
/// </summary>
internal sealed class OpenAIResponsesEcho
{
    private const int ValueBytesMax = 4096;

    private readonly RequestEcho? _request;
    private List<ExtraField>? _extra;
    private byte[]? _properties;

    /// <summary>Reads the request at once: it may be gone when the answer ends.</summary>
    public OpenAIResponsesEcho(RequestEcho? request)
    {
        _request = request;
        _properties = request is null ? Defaults : Render();
        _request = null;
    }

    private static byte[] Defaults => field ??= new OpenAIResponsesEcho().Render();

    private OpenAIResponsesEcho()
    {
    }

    /// <summary>Lets the fields of an answer that was read from Responses stand in place of what the request says.</summary>
    public void Override(List<ExtraField> extra)
    {
        _extra = extra;
        _properties = Render();
    }

    /// <summary>Writes the properties.</summary>
    public void Write(Utf8JsonWriter writer)
    {
        writer.WritePropertyName("background"u8);
        writer.WriteRawValue(_properties, skipInputValidation: true); // false, and the other properties behind it
        foreach (var field in _extra ?? [])
        {
            if (Written.Contains(field.Name))
                continue; // the others are of the answer alone, and go back as they came
            writer.WritePropertyName(field.Name);
            field.Value.WriteTo(writer);
        }
    }

    private byte[] Render()
    {
        var output = new ArrayBufferWriter<byte>(512);
        output.Write(Find("background"u8, Kind.Boolean) is { IsEmpty: false } background ? background : "false"u8);
        Add(output, "instructions"u8, Kind.String, "null"u8);
        Add(output, "max_output_tokens"u8, Kind.Number, "null"u8);
        Add(output, "max_tool_calls"u8, Kind.Number, "null"u8);
        Add(output, "metadata"u8, Kind.Object, "{}"u8);
        Add(output, "parallel_tool_calls"u8, Kind.Boolean, "true"u8);
        Add(output, "previous_response_id"u8, Kind.String, "null"u8);
        Add(output, "prompt_cache_key"u8, Kind.String, default);
        Add(output, "reasoning"u8, Kind.Object, """{"effort":null,"summary":null}"""u8);
        Add(output, "safety_identifier"u8, Kind.String, default);
        Add(output, "temperature"u8, Kind.Number, "null"u8);
        Add(output, "text"u8, Kind.Object, """{"format":{"type":"text"}}"""u8);
        Add(output, "tool_choice"u8, Kind.String | Kind.Object, "\"auto\""u8);
        AddTools(output);
        Add(output, "top_logprobs"u8, Kind.Number, default);
        Add(output, "top_p"u8, Kind.Number, "null"u8);
        Add(output, "truncation"u8, Kind.String, "\"disabled\""u8);
        Add(output, "user"u8, Kind.String, default);
        return output.WrittenSpan.ToArray();
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

    private void Add(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name, Kind kinds, ReadOnlySpan<byte> fallback)
    {
        var value = Find(name, kinds);
        if (value.IsEmpty)
            value = fallback;
        if (value.IsEmpty)
            return;
        Name(output, name);
        output.Write(JsonTokens.OnOneLine(value));
    }

    private static void Name(ArrayBufferWriter<byte> output, ReadOnlySpan<byte> name)
    {
        output.Write(",\""u8);
        output.Write(name);
        output.Write("\":"u8);
    }

    private ReadOnlySpan<byte> Find(ReadOnlySpan<byte> name, Kind kinds)
    {
        foreach (var field in _extra ?? [])
        {
            if (Ascii.Equals(name, field.Name) && (KindOf(field.Value.Utf8.Span) & kinds) != 0)
                return field.Value.Utf8.Span;
        }

        if (_request is not { } request || !request.Scan.TryGetField(request.Body.Span, name, out var place))
            return default;
        var said = request.Body.Span.Slice(place.ValueStart, place.ValueLength);
        return said.Length <= ValueBytesMax && (KindOf(said) & kinds) != 0 ? said : default;
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
    private void AddTools(ArrayBufferWriter<byte> output)
    {
        Name(output, "tools"u8);
        output.Write("["u8);
        var array = Find("tools"u8, Kind.Array);
        var isFirst = true;
        var reader = new Utf8JsonReader(array);
        while (!array.IsEmpty && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
                continue; // the array's own beginning, or no tool
            var start = (int)reader.TokenStartIndex;
            var lacks = Lacks(reader);
            reader.Skip();
            if (!isFirst)
                output.Write(","u8);
            isFirst = false;
            var tool = JsonTokens.OnOneLine(array[start..(int)reader.BytesConsumed]);
            output.Write(tool[..^1]);
            output.Write(lacks);
            output.Write("}"u8);
        }

        output.Write("]"u8);
    }

    // Takes the reader by value: a copy that looks ahead.
    private static ReadOnlySpan<byte> Lacks(Utf8JsonReader reader)
    {
        var (isFunction, hasStrict, hasParameters) = (false, false, false);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            isFunction |= name.SequenceEqual("type"u8) && reader.TokenType == JsonTokenType.String && reader.TextIs("function"u8);
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

    private static readonly HashSet<string> Written = new(StringComparer.Ordinal)
    {
        "background", "instructions", "max_output_tokens", "max_tool_calls", "metadata", "parallel_tool_calls", "previous_response_id", "prompt_cache_key", "reasoning",
        "safety_identifier", "temperature", "text", "tool_choice", "tools", "top_logprobs", "top_p", "truncation", "user",
    };
}
