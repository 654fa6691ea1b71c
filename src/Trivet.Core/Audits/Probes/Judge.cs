using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.Core.Audits.Probes;

/// <summary>Judges answers: tolerant of how they are dressed (a sentence around the number, bold, a code fence), strict about what they say.</summary>
internal static class Judge
{
    /// <summary>The last number in the text is the expected one: models reason first and conclude last.</summary>
    public static bool LastNumberIs(ProbeAnswer answer, long expected)
    {
        var text = answer.Text.AsSpan();
        var end = text.Length;
        while (end > 0 && !char.IsAsciiDigit(text[end - 1]))
            end--;
        var start = end;
        while (start > 0 && (char.IsAsciiDigit(text[start - 1]) || (text[start - 1] == ',' && start > 1 && char.IsAsciiDigit(text[start - 2]))))
            start--;
        if (start > 0 && text[start - 1] is '-' or '−')
            start--;
        return long.TryParse(text[start..end].ToString().Replace(",", "", StringComparison.Ordinal).Replace('−', '-'), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number == expected;
    }

    /// <summary>The last line that holds anything is the expected text, quotes, emphasis and a full stop aside.</summary>
    public static bool LastLineIs(ProbeAnswer answer, string expected)
    {
        var line = answer.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).LastOrDefault(line => line.Trim('`').Length > 0) ?? "";
        var colon = Math.Max(line.LastIndexOf(':'), line.LastIndexOf('：'));
        return Bare(line) == Bare(expected) || (colon >= 0 && Bare(line[(colon + 1)..]) == Bare(expected));
    }

    /// <summary>The first JSON object in the text has exactly these fields with these values.</summary>
    public static bool JsonIs(string? text, IReadOnlyDictionary<string, object> expected)
    {
        if (text is null)
            return false;
        var (start, end) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        if (start < 0 || end < start)
            return false;
        try
        {
            using var document = JsonDocument.Parse(text[start..(end + 1)]);
            var fields = document.RootElement.EnumerateObject().ToList();
            return fields.Count == expected.Count && fields.TrueForAll(field => expected.TryGetValue(field.Name, out var value) && IsSame(field.Value, value));
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The JSON object in the text, whatever stands around it; null where there is none.</summary>
    public static JsonNode? JsonObject(string text)
    {
        var (start, end) = (text.IndexOf('{', StringComparison.Ordinal), text.LastIndexOf('}'));
        try
        {
            return start < 0 || end < start ? null : JsonNode.Parse(text[start..(end + 1)]);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static bool IsSame(JsonElement found, object expected) => expected switch
    {
        string text => found.ValueKind == JsonValueKind.String && found.GetString() == text,
        int number => found.ValueKind == JsonValueKind.Number && found.TryGetDecimal(out var value) && value == number,
        bool flag => found.ValueKind == (flag ? JsonValueKind.True : JsonValueKind.False),
        _ => false,
    };

    private static string Bare(string text) => text.Trim().Trim('*', '`', '"', '\'', '.', '。', '“', '”', '「', '」', ' ');
}
