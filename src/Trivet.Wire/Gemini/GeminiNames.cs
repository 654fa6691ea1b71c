using System.Text;
using System.Text.Json;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini;

/// <summary>
/// Google's JSON takes every field in camelCase and in snake_case (the mapping of protocol buffers), and real clients send both, even in one body.
/// Names are compared here by their camelCase form.
/// </summary>
internal static class GeminiNames
{
    /// <summary>Whether a name stands for the field, in either spelling.</summary>
    public static bool Same(ReadOnlySpan<byte> name, ReadOnlySpan<byte> camel)
    {
        if (name.Length <= camel.Length)
            return name.SequenceEqual(camel);
        var at = 0;
        foreach (var unit in camel)
        {
            var isUpper = unit is >= (byte)'A' and <= (byte)'Z';
            if (isUpper && (at >= name.Length || name[at++] != (byte)'_'))
                return false;
            if (at >= name.Length || name[at++] != (isUpper ? unit | 0x20 : unit))
                return false;
        }

        return at == name.Length;
    }

    /// <summary>Whether a property is the field, in either spelling.</summary>
    public static bool Named(this in JsonField field, ReadOnlySpan<byte> camel) => Same(field.Name.Span, camel);

    /// <summary>The last property of that name, in either spelling; a default one where there is none.</summary>
    public static JsonField Get(this JsonFields fields, int start, ReadOnlySpan<byte> camel)
    {
        for (var i = fields.Count - 1; i >= start; i--)
        {
            if (fields[i].Named(camel))
                return fields[i];
        }

        return default;
    }

    /// <summary>The camelCase form of a name.</summary>
    public static string Camel(string name)
    {
        if (!name.Contains('_', StringComparison.Ordinal))
            return name;
        var camel = new StringBuilder(name.Length);
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '_' && i > 0 && i + 1 < name.Length && char.IsAsciiLetterLower(name[i + 1]))
                camel.Append(char.ToUpperInvariant(name[++i]));
            else
                camel.Append(name[i]);
        }

        return camel.ToString();
    }

    /// <summary>A whole number, also where it stands as a string: protocol buffers write and take 64-bit numbers so.</summary>
    public static long? WholeNumber(this in JsonField field)
    {
        if (field.Type != JsonTokenType.String)
            return field.Integer;
        return long.TryParse(field.Text.ToString(), System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
