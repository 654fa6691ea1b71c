using System.Globalization;
using System.Text.Json.Nodes;
using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue;

/// <summary>The shapes of prices that the catalogue's files and the configuration share.</summary>
internal static class RateShapes
{
    /// <summary>A price per call: twelve places are a whole number of pico-units.</summary>
    public static Shape<long> PerCall { get; } = Shapes.Decimal(12);

    /// <summary>A currency code.</summary>
    public static Shape<string> Currency { get; } = new ScalarShape<string>(
        "a currency code such as USD or CNY",
        text => (text.Length == 3 && text.All(char.IsAsciiLetterUpper), text),
        () => new JsonObject { ["type"] = "string", ["pattern"] = "^[A-Z]{3}$" });

    /// <summary>A point in time: <c>2026-08-17T00:00+08:00</c>, or a date for its midnight in UTC.</summary>
    public static Shape<DateTimeOffset> Instant { get; } = new ScalarShape<DateTimeOffset>(
        "a time such as 2026-08-17T00:00+08:00, or a date",
        text => (TryInstant(text, out var value), value),
        () => new JsonObject { ["type"] = "string" });

    /// <summary>Rates per million tokens: six places are a whole number of pico-units per token.</summary>
    public static ObjectShape<MeterRates> PerMillion { get; } = PerMillionKeys();

    private static ObjectShape<MeterRates> PerMillionKeys()
    {
        var rate = Shapes.Decimal(6);
        return new ObjectShape<MeterRates>(() => new MeterRates())
            .Key("input", "Prompt tokens.", rate, (rates, value) => rates with { InputPico = value })
            .Key("cache_read", "Prompt tokens read from a cache.", rate, (rates, value) => rates with { CacheReadPico = value })
            .Key("cache_write_5m", "Prompt tokens written to a cache for five minutes.", rate, (rates, value) => rates with { CacheWrite5mPico = value })
            .Key("cache_write_1h", "Prompt tokens written to a cache for an hour.", rate, (rates, value) => rates with { CacheWrite1hPico = value })
            .Key("output", "Answer tokens.", rate, (rates, value) => rates with { OutputPico = value })
            .Key("reasoning", "Reasoning tokens. Default: as output.", rate, (rates, value) => rates with { ReasoningPico = value })
            .Key("image", "Tokens of images made.", rate, (rates, value) => rates with { ImagePico = value })
            .Key("audio_in", "Tokens of sound in the prompt.", rate, (rates, value) => rates with { AudioInPico = value })
            .Key("audio_out", "Tokens of sound in the answer.", rate, (rates, value) => rates with { AudioOutPico = value });
    }

    private static bool TryInstant(string text, out DateTimeOffset value) => DateTimeOffset.TryParseExact(
        text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK"], CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out value);
}
