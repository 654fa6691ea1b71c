using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;

namespace Trivet.Core.Yaml;

/// <summary>The scalar shapes of configuration files.</summary>
internal static class Shapes
{
    public static Shape<string> Text { get; } = new ScalarShape<string>("text", text => (text.Trim().Length > 0, text.Trim()), () => Type("string"));

    public static Shape<bool> Bool { get; } = new ScalarShape<bool>(
        "true or false", text => (text is "true" or "false", text == "true"), () => OrVariable("boolean"));

    /// <summary>A date.</summary>
    public static Shape<DateOnly> Date { get; } = new ScalarShape<DateOnly>(
        "a date such as 2026-11-22", text => (TryDate(text, out var value), value), () => Type("string"));

    public static Shape<TimeSpan> Duration { get; } = new ScalarShape<TimeSpan>(
        "a duration with its unit such as 500ms, 2s, 10m or 1m30s",
        text => (TryDuration(text, out var value), value),
        () => new JsonObject { ["type"] = "string", ["pattern"] = @"^(\d+(ms|s|m|h))+$|\$\{" });

    public static Shape<long> Bytes { get; } = new ScalarShape<long>(
        "a size such as 65536, 64KiB or 20MiB", text => (TryBytes(text, out var value), value), () => new JsonObject { ["type"] = new JsonArray("integer", "string") });

    public static Shape<Uri> HttpUrl { get; } = new ScalarShape<Uri>(
        "an absolute http or https address", text => (TryHttp(text, out var value), value!), () => new JsonObject { ["type"] = "string", ["pattern"] = @"^https?://|\$\{" });

    public static Shape<IPNetwork> Network { get; } = new ScalarShape<IPNetwork>(
        "an address such as 10.1.2.3, or a network such as 10.8.0.0/24", text => (TryNetwork(text, out var value), value), () => new JsonObject { ["type"] = "string" });

    public static Shape<int> Int(int min, int max) => new ScalarShape<int>(
        $"a whole number from {min} to {max}",
        text => (int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= min && value <= max, value),
        () =>
        {
            var schema = OrVariable("integer");
            (schema["minimum"], schema["maximum"]) = (min, max);
            return schema;
        });

    /// <summary>A decimal, not negative, as a whole number of its <paramref name="places"/>th decimal place. Never a float.</summary>
    public static Shape<long> Decimal(int places) => new ScalarShape<long>(
        $"a decimal number with at most {places} places", text => (TryDecimal(text, places, out var value), value), () => new JsonObject { ["type"] = new JsonArray("number", "string") });

    /// <summary>A word of a fixed set.</summary>
    public static Shape<T> Word<T>(IReadOnlyDictionary<string, T> words) => new ScalarShape<T>(
        $"one of {string.Join(", ", words.Keys)}",
        text => (words.TryGetValue(text, out var value), value!),
        () => new JsonObject { ["enum"] = new JsonArray([.. words.Keys.Select(word => JsonValue.Create(word))]) });

    /// <summary>A word of a fixed set: the members of an enum in snake case.</summary>
    public static Shape<T> Word<T>()
        where T : struct, Enum => Word(Words<T>());

    /// <summary>A list of words of a fixed set that are flags.</summary>
    public static Shape<T> Flags<T>(Func<IEnumerable<T>, T> combine)
        where T : struct, Enum => new MappedShape<IReadOnlyList<T>, T>(new ListShape<T>(Word<T>()), list => combine(list));

    /// <summary>The members of an enum in snake case.</summary>
    public static IReadOnlyDictionary<string, T> Words<T>()
        where T : struct, Enum => Enum.GetValues<T>().ToDictionary(value => Snake(value.ToString()), value => value, StringComparer.Ordinal);

    internal static bool TryDate(string text, out DateOnly value) => DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out value);

    internal static bool TryDecimal(string text, int places, out long value)
    {
        value = 0;
        var point = text.IndexOf('.', StringComparison.Ordinal);
        var whole = point < 0 ? text : text[..point];
        var fraction = point < 0 ? "" : text[(point + 1)..].TrimEnd('0');
        if (whole.Length == 0 || (point >= 0 && point == text.Length - 1) || fraction.Length > places) return false;
        return long.TryParse(whole + fraction.PadRight(places, '0'), NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    internal static bool TryDuration(string text, out TimeSpan value)
    {
        value = TimeSpan.Zero;
        var rest = text.AsSpan().Trim();
        if (rest.IsEmpty) return false;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExceptInRange('0', '9');
            if (digits is <= 0 or > 9) return false;
            var number = long.Parse(rest[..digits], CultureInfo.InvariantCulture);
            rest = rest[digits..];
            var letters = rest.IndexOfAnyInRange('0', '9');
            var unit = letters < 0 ? rest : rest[..letters];
            long? factor = unit switch { "ms" => TimeSpan.TicksPerMillisecond, "s" => TimeSpan.TicksPerSecond, "m" => TimeSpan.TicksPerMinute, "h" => TimeSpan.TicksPerHour, _ => null };
            if (factor is null) return false;
            value += new TimeSpan(number * factor.Value);
            rest = letters < 0 ? [] : rest[letters..];
        }

        // No timer of the runtime takes more than about 49 days.
        return value > TimeSpan.Zero && value <= TimeSpan.FromDays(40);
    }

    internal static bool TryBytes(string text, out long value)
    {
        value = 0;
        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        if (digits is 0 or > 12 || (digits < 0 && text.Length is 0 or > 15)) return false;
        var number = long.Parse(digits < 0 ? text : text.AsSpan(0, digits), CultureInfo.InvariantCulture);
        long? factor = digits < 0 ? 1 : text[digits..].Trim() switch { "B" => 1, "KiB" => 1L << 10, "MiB" => 1L << 20, "GiB" => 1L << 30, "KB" or "kB" => 1_000, "MB" => 1_000_000, "GB" => 1_000_000_000, _ => null };
        if (factor is null || number > long.MaxValue / factor.Value) return false;
        value = number * factor.Value;
        return value > 0;
    }

    internal static bool TryHttp(string text, out Uri? value) =>
        Uri.TryCreate(text.Trim(), UriKind.Absolute, out value) && value.Scheme is "http" or "https" && value!.Host.Length > 0;

    // Not what the parser would also take for an address: 10 is 0.0.0.10 to it.
    private static bool TryNetwork(string text, out IPNetwork network)
    {
        text = text.Trim();
        var isWritten = text.Contains(':') || text.Count('.') == 3;
        if (isWritten && IPAddress.TryParse(text, out var address))
        {
            network = new IPNetwork(address, address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128);
            return true;
        }

        return IPNetwork.TryParse(text, out network) && isWritten;
    }

    internal static string Snake(string name) => string.Concat(name.Select((c, i) => char.IsUpper(c) && i > 0 ? $"_{char.ToLowerInvariant(c)}" : $"{char.ToLowerInvariant(c)}"));

    private static JsonObject Type(string type) => new() { ["type"] = type };

    private static JsonObject OrVariable(string type) => new() { ["anyOf"] = new JsonArray(Type(type), new JsonObject { ["type"] = "string", ["pattern"] = @"\$\{" }) };
}

/// <summary>A shape whose value is turned into another.</summary>
internal sealed class MappedShape<TFrom, TTo>(Shape<TFrom> inner, Func<TFrom, TTo> map) : Shape<TTo>
{
    public override bool TryRead(ReadContext context, Place place, out TTo value)
    {
        var ok = inner.TryRead(context, place, out var read);
        value = ok ? map(read) : default!;
        return ok;
    }

    public override JsonObject Schema() => inner.Schema();
}
