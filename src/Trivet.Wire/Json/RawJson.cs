using System.Text.Json;

namespace Trivet.Wire.Json;

/// <summary>A JSON value kept as the bytes it came as. Valid for as long as the buffer it was read from.</summary>
/// <param name="Utf8">The value's bytes; empty for no value at all.</param>
public readonly record struct RawJson(ReadOnlyMemory<byte> Utf8)
{
    /// <summary>No value at all, as opposed to JSON null.</summary>
    public bool IsAbsent => Utf8.IsEmpty;

    /// <summary>Absent, or JSON null.</summary>
    public bool IsNull => Utf8.IsEmpty || Utf8.Span.SequenceEqual("null"u8);

    /// <summary>Absent, JSON null, or an array with nothing in it: it is there, and asks for nothing. An empty object may switch something on (<c>web_search_options: {}</c>).</summary>
    public bool SaysNothing => IsNull || (Utf8.Span is [(byte)'[', .., (byte)']'] && IsHollow);

    /// <summary>An object with nothing in it.</summary>
    public bool IsEmptyObject => Utf8.Span is [(byte)'{', .., (byte)'}'] && IsHollow;

    private bool IsHollow => Utf8.Span[1..^1].IndexOfAnyExcept(" \t\r\n"u8) < 0;

    /// <summary>Writes the value as it stands.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        if (Utf8.IsEmpty)
            writer.WriteNullValue();
        else
            writer.WriteRawValue(Utf8.Span, skipInputValidation: true);
    }

    /// <summary>Writes the value as a property.</summary>
    public void WriteTo(Utf8JsonWriter writer, ReadOnlySpan<byte> propertyName)
    {
        writer.WritePropertyName(propertyName);
        WriteTo(writer);
    }

    /// <summary>The value from text.</summary>
    public static RawJson Parse(string json) => new(System.Text.Encoding.UTF8.GetBytes(json));

    /// <inheritdoc/>
    public override string ToString() => System.Text.Encoding.UTF8.GetString(Utf8.Span);
}

/// <summary>A property that the canonical conversation has no name for, kept beside the thing it stood on.</summary>
/// <param name="Name">The property's name.</param>
/// <param name="Value">Its value as it stood.</param>
public readonly record struct ExtraField(string Name, RawJson Value);
