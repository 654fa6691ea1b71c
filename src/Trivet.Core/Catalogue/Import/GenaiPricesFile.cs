using System.Globalization;
using System.Text.Json;

namespace Trivet.Core.Catalogue.Import;

/// <summary>The prices of pydantic/genai-prices (MIT): providers with models, prices in USD per million tokens that may begin on a date, and tiers by prompt length.</summary>
internal static class GenaiPricesFile
{
    /// <summary>A list of providers with lists of models that have <c>prices</c>.</summary>
    public static bool Is(JsonElement root) =>
        root.ValueKind == JsonValueKind.Array && root.EnumerateArray().FirstOrDefault() is { ValueKind: JsonValueKind.Object } first
        && first.TryGetProperty("models", out var models) && models.ValueKind == JsonValueKind.Array;

    public static IEnumerable<CatalogueModel> Read(JsonElement root, PriceSource source)
    {
        foreach (var provider in root.EnumerateArray())
        {
            var name = ImportNumbers.Text(provider, "id") ?? "";
            if (ImportVendors.OfGenaiPrices(name) is not { } vendor || !provider.TryGetProperty("models", out var models))
                continue;
            foreach (var model in models.EnumerateArray())
            {
                if (ImportNumbers.Text(model, "id") is not { } id)
                    continue;
                yield return new CatalogueModel
                {
                    Vendor = vendor.Vendor,
                    Id = id,
                    DisplayName = ImportNumbers.Text(model, "name") ?? "",
                    Aliases = Aliases(model, id),
                    ContextTokensMax = ImportNumbers.Count(model, "context_window"),
                    IsDeprecated = ImportNumbers.Flag(model, "deprecated") == true,
                    Source = source,
                    Prices = ImportVendors.IsBilled(name) && model.TryGetProperty("prices", out var prices) ? [.. Records(prices, vendor.Site, source)] : [],
                };
            }
        }
    }

    // Names that the file matches exactly; its looser rules (contains, starts with) would take models of other prices along.
    private static List<string> Aliases(JsonElement model, string id)
    {
        if (!model.TryGetProperty("match", out var match) || match.ValueKind != JsonValueKind.Object)
            return [];
        var rules = match.TryGetProperty("or", out var or) && or.ValueKind == JsonValueKind.Array ? or.EnumerateArray() : Enumerable.Repeat(match, 1);
        return [.. rules.Select(rule => ImportNumbers.Text(rule, "equals")).OfType<string>().Where(name => !name.Equals(id, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.OrdinalIgnoreCase)];
    }

    private static IEnumerable<PriceRecord> Records(JsonElement prices, string? site, PriceSource source)
    {
        if (prices.ValueKind == JsonValueKind.Object)
            return Record(prices, site, null, null, source) is { } only ? [only] : [];
        if (prices.ValueKind != JsonValueKind.Array)
            return [];

        // Later entries begin later; one with hours of the day is of a time that Trivet cannot tell from this file, so that nothing of the model is taken.
        var dated = new List<(DateTimeOffset? From, JsonElement Prices)>();
        foreach (var entry in prices.EnumerateArray())
        {
            DateTimeOffset? from = null;
            if (entry.TryGetProperty("constraint", out var constraint) && constraint.ValueKind == JsonValueKind.Object)
            {
                if (ImportNumbers.Text(constraint, "start_date") is not { } text || !DateTimeOffset.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date))
                    return [];
                from = date;
            }

            if (entry.TryGetProperty("prices", out var own))
                dated.Add((from, own));
        }

        return dated.Select((entry, i) => Record(entry.Prices, site, entry.From, i + 1 < dated.Count ? dated[i + 1].From : null, source)).OfType<PriceRecord>();
    }

    private static PriceRecord? Record(JsonElement prices, string? site, DateTimeOffset? from, DateTimeOffset? to, PriceSource source)
    {
        // A meter has one price, or a base and tiers that begin above a length.
        var bounds = new SortedSet<long>();
        foreach (var meter in prices.EnumerateObject())
        {
            if (meter.Value.ValueKind != JsonValueKind.Object || !meter.Value.TryGetProperty("tiers", out var tiers))
                continue;
            foreach (var tier in tiers.EnumerateArray())
            {
                if (ImportNumbers.Count(tier, "start") is { } start)
                    bounds.Add(start);
            }
        }

        List<PriceStep> steps = [.. bounds.Select(bound => new PriceStep(bound, null, Rates(prices, bound))), new PriceStep(null, null, Rates(prices, long.MaxValue))];
        return steps[0].Rates is { InputPico: { } input, OutputPico: { } output } && (input > 0 || output > 0)
            ? new PriceRecord("USD", steps) { Site = site, ValidFrom = from, ValidTo = to, Source = source }
            : null;
    }

    private static MeterRates Rates(JsonElement prices, long length) => new()
    {
        InputPico = Rate(prices, "input_mtok", length),
        OutputPico = Rate(prices, "output_mtok", length),
        CacheReadPico = Rate(prices, "cache_read_mtok", length),
        CacheWrite5mPico = Rate(prices, "cache_write_mtok", length),
        AudioInPico = Rate(prices, "input_audio_mtok", length),
        AudioOutPico = Rate(prices, "output_audio_mtok", length),
        PerRequestPico = ImportNumbers.PerThousand(prices, "requests_kcount"),
    };

    private static long? Rate(JsonElement prices, string name, long length)
    {
        if (!prices.TryGetProperty(name, out var price))
            return null;
        if (price.ValueKind != JsonValueKind.Object)
            return ImportNumbers.PerMillion(prices, name);
        var rate = ImportNumbers.PerMillion(price, "base");
        foreach (var tier in price.GetProperty("tiers").EnumerateArray().OrderBy(tier => ImportNumbers.Count(tier, "start")))
        {
            if (length > ImportNumbers.Count(tier, "start"))
                rate = ImportNumbers.PerMillion(tier, "price");
        }

        return rate;
    }
}
