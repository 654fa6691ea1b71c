using System.Globalization;
using System.Text.Json;
using Trivet.Core.Catalogue;

namespace Trivet.Server.Cli.Catalogue;

/// <summary>Models of the catalogue for scripts. Null is unknown; rates are pico-units per token, or per call.</summary>
internal static class CatalogueJson
{
    public static void Write(Utf8JsonWriter json, IReadOnlyList<CatalogueModel> models)
    {
        json.WriteStartObject();
        json.WriteStartArray("models");
        foreach (var model in models)
            Write(json, model);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteRates(Utf8JsonWriter json, MeterRates rates)
    {
        json.WriteStartObject("rates_pico");
        foreach (var meter in Meters.All)
        {
            if (rates.Written(meter) is { } pico)
                json.WriteNumber(Meters.NameOf(meter), pico);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, CatalogueModel model)
    {
        json.WriteStartObject();
        json.WriteString("vendor", model.Vendor);
        json.WriteString("id", model.Id);
        json.WriteString("name", model.DisplayName);
        json.WriteStrings("aliases", model.Aliases);
        json.WriteNumberOrNull("context_tokens", model.ContextTokensMax);
        json.WriteNumberOrNull("output_tokens", model.OutputTokensMax);
        json.WriteStrings("reads", model.InputModalities);
        json.WriteStrings("writes", model.OutputModalities);
        if (model.Reasoning is null)
            json.WriteNull("reasoning");
        else
            json.WriteStrings("reasoning", model.Reasoning);
        WriteFlag(json, "tools", model.Tools);
        WriteFlag(json, "structured_output", model.StructuredOutput);
        WriteFlag(json, "open_weights", model.OpenWeights);
        WriteDate(json, "released", model.Released);
        json.WriteString("knowledge", model.Knowledge);
        json.WriteBoolean("deprecated", model.IsDeprecated);
        WriteDate(json, "retired", model.RetiredOn);
        WriteSource(json, model.Source);
        json.WriteStartArray("prices");
        foreach (var price in model.Prices)
            Write(json, price);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, PriceRecord price)
    {
        json.WriteStartObject();
        json.WriteString("version", price.Version);
        json.WriteString("currency", price.Currency);
        json.WriteString("site", price.Site);
        json.WriteString("tier", price.Tier.ToString().ToLowerInvariant());
        json.WriteNumberOrNull("valid_from_ms", price.ValidFrom?.ToUnixTimeMilliseconds());
        json.WriteNumberOrNull("valid_to_ms", price.ValidTo?.ToUnixTimeMilliseconds());
        json.WriteString("schedule", price.Schedule?.Name);
        json.WriteBoolean("promotion", price.IsPromotion);
        json.WriteStartArray("steps");
        foreach (var step in price.Steps)
        {
            json.WriteStartObject();
            json.WriteNumberOrNull("input_max", step.InputMax);
            json.WriteNumberOrNull("output_max", step.OutputMax);
            WriteRates(json, step.Rates);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        WriteSource(json, price.Source);
        json.WriteEndObject();
    }

    private static void WriteSource(Utf8JsonWriter json, PriceSource source)
    {
        json.WriteString("source", source.Url);
        WriteDate(json, "checked", source.Checked);
    }

    private static void WriteDate(Utf8JsonWriter json, string name, DateOnly? date) => json.WriteString(name, date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));

    private static void WriteFlag(Utf8JsonWriter json, string name, bool? value)
    {
        if (value is { } flag)
            json.WriteBoolean(name, flag);
        else
            json.WriteNull(name);
    }
}
