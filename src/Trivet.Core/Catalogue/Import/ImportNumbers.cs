using System.Globalization;
using System.Text.Json;

namespace Trivet.Core.Catalogue.Import;

/// <summary>Numbers of imported files as integers. Decimal all the way: a rate such as 1.25e-07 never becomes a float.</summary>
internal static class ImportNumbers
{
    private const long PicoPerMillionth = 1_000_000;
    private const long PicoPerUnit = 1_000_000_000_000;

    /// <summary>A price per million tokens as pico-units per token; null where there is none.</summary>
    public static long? PerMillion(JsonElement holder, params ReadOnlySpan<string> names) => Find(holder, names) is { } value ? ToPico(value, PicoPerMillionth) : null;

    /// <summary>A price per token, or per call, as pico-units.</summary>
    public static long? PerOne(JsonElement holder, params ReadOnlySpan<string> names) => Find(holder, names) is { } value ? ToPico(value, PicoPerUnit) : null;

    /// <summary>A price per thousand calls as pico-units per call.</summary>
    public static long? PerThousand(JsonElement holder, string name) => Find(holder, [name]) is { } value ? ToPico(value / 1000, PicoPerUnit) : null;

    /// <summary>A decimal as pico-units, rounded half to even where the file has more places than that.</summary>
    public static long? ToPico(decimal value, long picoPerOne) => value is < 0 or > 1_000_000 ? null : (long)decimal.Round(value * picoPerOne, MidpointRounding.ToEven);

    /// <summary>A count that is more than zero; null for everything else.</summary>
    public static long? Count(JsonElement holder, params ReadOnlySpan<string> names) => Find(holder, names) is { } value and > 0 and <= int.MaxValue ? (long)value : null;

    /// <summary>A decimal, also of a number written as text.</summary>
    public static decimal? Decimal(JsonElement value)
    {
        var text = value.ValueKind switch { JsonValueKind.Number => value.GetRawText(), JsonValueKind.String => value.GetString(), _ => null };
        return decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
    }

    /// <summary>A date, or the first day of a month.</summary>
    public static DateOnly? Date(JsonElement holder, string name) =>
        Text(holder, name) is { } text && DateOnly.TryParseExact(text.Length == 7 ? text + "-01" : text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date) ? date : null;

    /// <summary>A text that is not empty.</summary>
    public static string? Text(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;

    /// <summary>True, false, or not said.</summary>
    public static bool? Flag(JsonElement holder, string name) =>
        holder.TryGetProperty(name, out var value) ? value.ValueKind switch { JsonValueKind.True => true, JsonValueKind.False => false, _ => null } : null;

    private static decimal? Find(JsonElement holder, ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (holder.TryGetProperty(name, out var value) && Decimal(value) is { } number)
                return number;
        }

        return null;
    }
}
