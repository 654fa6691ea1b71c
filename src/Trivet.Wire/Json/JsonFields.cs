using System.Buffers;
using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>One property of an object, pointing into the buffer it was read from.</summary>
/// <param name="Name">The name as it stood, without quotes.</param>
/// <param name="Value">The value as it stood.</param>
/// <param name="Type">The value's first token.</param>
internal readonly record struct JsonField(ReadOnlyMemory<byte> Name, RawJson Value, JsonTokenType Type)
{
    /// <summary>The name is exactly this.</summary>
    public bool Is(ReadOnlySpan<byte> name) => Name.Span.SequenceEqual(name);

    /// <summary>The value as a text; no value where it is no string.</summary>
    public JsonText Text => Type == JsonTokenType.String ? JsonText.FromToken(Value.Utf8) : default;

    /// <summary>The value as a switch; null where it is none.</summary>
    public bool? Boolean => Type switch { JsonTokenType.True => true, JsonTokenType.False => false, _ => null };

    /// <summary>The value as a whole number; null where it is none that fits.</summary>
    public long? Integer
    {
        get
        {
            if (Type != JsonTokenType.Number)
                return null;
            var reader = new Utf8JsonReader(Value.Utf8.Span);
            reader.Read();
            return reader.TryGetInt64(out var value) ? value : reader.TryGetDouble(out var number) && Math.Abs(number) < 1e15 ? (long)number : null;
        }
    }

    /// <summary>The value as a number; null where it is none.</summary>
    public double? Number
    {
        get
        {
            if (Type != JsonTokenType.Number)
                return null;
            var reader = new Utf8JsonReader(Value.Utf8.Span);
            reader.Read();
            return reader.TryGetDouble(out var number) && double.IsFinite(number) ? number : null;
        }
    }

    /// <summary>The name as a string.</summary>
    public string NameString => System.Text.Encoding.UTF8.GetString(Name.Span);

    /// <summary>The property as one without a canonical name.</summary>
    public ExtraField ToExtra() => new(NameString, Value);
}

/// <summary>
/// Reads the properties of one object after the other, whatever their order, into one list that is used as a stack: an object read while another
/// is being looked at stands behind it.
/// </summary>
internal sealed class JsonFields
{
    private readonly List<JsonField> _fields = [];

    /// <summary>Where the next object's fields will begin.</summary>
    public int Count => _fields.Count;

    /// <summary>A field.</summary>
    public JsonField this[int index] => _fields[index];

    /// <summary>Reads the object at the reader's position (which moves to its end) and returns where its fields begin; they go up to <see cref="Count"/>.</summary>
    public int Push(ref Utf8JsonReader reader, ReadOnlyMemory<byte> buffer)
    {
        var start = _fields.Count;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = buffer.Slice((int)reader.TokenStartIndex + 1, reader.ValueSpan.Length);
            reader.Read();
            var type = reader.TokenType;
            _fields.Add(new JsonField(name, JsonTokens.ReadRaw(ref reader, buffer), type));
        }

        return start;
    }

    /// <summary>Reads a raw object; its fields are none where it is no object.</summary>
    public int Push(RawJson value)
    {
        var start = _fields.Count;
        if (value.IsAbsent || value.Utf8.Span[0] != (byte)'{')
            return start;
        var reader = new Utf8JsonReader(value.Utf8.Span);
        reader.Read();
        return Push(ref reader, value.Utf8);
    }

    /// <summary>Forgets the fields from <paramref name="start"/> on.</summary>
    public void Pop(int start) => _fields.RemoveRange(start, _fields.Count - start);

    /// <summary>The last field of that name from <paramref name="start"/> on, as parsers take it; a default one where there is none.</summary>
    public JsonField Find(int start, ReadOnlySpan<byte> name)
    {
        for (var i = _fields.Count - 1; i >= start; i--)
        {
            if (_fields[i].Is(name))
                return _fields[i];
        }

        return default;
    }

    /// <summary>The object with one field's value replaced (or added).</summary>
    public static byte[] With(ReadOnlyMemory<byte> raw, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        var fields = new JsonFields();
        fields.Push(new RawJson(raw));
        var output = new ArrayBufferWriter<byte>();
        var isReplaced = false;
        for (var i = 0; i < fields.Count; i++)
        {
            output.Write(i == 0 ? "{\""u8 : ",\""u8);
            output.Write(fields[i].Name.Span);
            output.Write("\":"u8);
            output.Write(fields[i].Is(name) ? value : fields[i].Value.Utf8.Span);
            isReplaced |= fields[i].Is(name);
        }

        if (!isReplaced)
        {
            output.Write(fields.Count == 0 ? "{\""u8 : ",\""u8);
            output.Write(name);
            output.Write("\":"u8);
            output.Write(value);
        }

        output.Write("}"u8);
        return output.WrittenSpan.ToArray();
    }
}
