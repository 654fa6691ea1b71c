using System.Globalization;
using System.Text.Json;

namespace Trivet.Core.Catalogue.Import;

/// <summary>LiteLLM's price map (MIT): one object of models, prices in USD per token, with flex, priority, batch, one-hour cache writes and prices above a length.</summary>
internal static class LiteLlmFile
{
    private const string Above = "input_cost_per_token_above_";

    /// <summary>An object of models, each with its <c>litellm_provider</c>.</summary>
    public static bool Is(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.EnumerateObject().Take(8).Any(entry => entry.Value.ValueKind == JsonValueKind.Object && entry.Value.TryGetProperty("litellm_provider", out _));

    public static IEnumerable<CatalogueModel> Read(JsonElement root, PriceSource source)
    {
        foreach (var entry in root.EnumerateObject())
        {
            if (entry.Value.ValueKind != JsonValueKind.Object || ImportNumbers.Text(entry.Value, "litellm_provider") is not { } provider || entry.Name == "sample_spec")
                continue;
            if (ImportNumbers.Text(entry.Value, "mode") is not ("chat" or "responses" or "completion" or "embedding"))
                continue;
            var vendor = ImportVendors.OfLiteLlm(provider);
            yield return Model(vendor, Id(entry.Name, provider), entry.Value, source);
        }
    }

    // "gemini/gemini-2.5-pro" is gemini-2.5-pro there; a region or another provider's name is part of the id.
    private static string Id(string name, string provider) => name.StartsWith(provider + "/", StringComparison.Ordinal) ? name[(provider.Length + 1)..] : name;

    private static CatalogueModel Model(ImportVendor vendor, string id, JsonElement json, PriceSource source) => new()
    {
        Vendor = vendor.Vendor,
        Id = id,
        ContextTokensMax = ImportNumbers.Count(json, "max_input_tokens"),
        OutputTokensMax = ImportNumbers.Count(json, "max_output_tokens"),
        InputModalities = Modalities(json),
        Reasoning = ImportNumbers.Flag(json, "supports_reasoning") == false ? [] : null,
        Tools = ImportNumbers.Flag(json, "supports_function_calling"),
        StructuredOutput = ImportNumbers.Flag(json, "supports_response_schema"),
        RetiredOn = ImportNumbers.Date(json, "deprecation_date"),
        IsDeprecated = ImportNumbers.Date(json, "deprecation_date") is not null,
        Source = source,
        Prices = [.. Records(json, vendor.Site, source)],
    };

    private static List<string> Modalities(JsonElement json) =>
        json.TryGetProperty("supported_modalities", out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.ToString())] : [];

    private static List<PriceRecord> Records(JsonElement json, string? site, PriceSource source)
    {
        var records = new List<PriceRecord>();
        foreach (var (tier, suffix) in (ReadOnlySpan<(ServiceTier Tier, string Suffix)>)[(ServiceTier.Standard, ""), (ServiceTier.Flex, "_flex"), (ServiceTier.Priority, "_priority"), (ServiceTier.Batch, "_batches")])
        {
            var steps = tier == ServiceTier.Standard && json.TryGetProperty("tiered_pricing", out var tiers) && tiers.ValueKind == JsonValueKind.Array ? Tiered(tiers) : Steps(json, suffix);
            if (steps.Count > 0 && steps[0].Rates is { InputPico: { } input, OutputPico: { } output } && (input > 0 || output > 0))
                records.Add(new PriceRecord("USD", steps) { Site = site, Tier = tier, Source = source });
        }

        return records;
    }

    // input_cost_per_token, …_above_200k_tokens, …_above_200k_tokens_priority: the length stands in the name.
    private static List<PriceStep> Steps(JsonElement json, string suffix)
    {
        var steps = new List<PriceStep>();
        var above = "";
        foreach (var (bound, length) in Bounds(json, suffix))
        {
            steps.Add(new PriceStep(bound, null, Rates(json, above, suffix)));
            above = $"_above_{length}_tokens";
        }

        steps.Add(new PriceStep(null, null, Rates(json, above, suffix)));
        return steps;
    }

    private static List<(long Bound, string Length)> Bounds(JsonElement json, string suffix)
    {
        var bounds = new List<(long, string)>();
        foreach (var property in json.EnumerateObject())
        {
            var end = "k_tokens" + suffix;
            if (!property.Name.StartsWith(Above, StringComparison.Ordinal) || !property.Name.EndsWith(end, StringComparison.Ordinal))
                continue;
            var digits = property.Name[Above.Length..^end.Length];
            if (long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var thousands))
                bounds.Add((thousands * 1000, digits + "k"));
        }

        bounds.Sort();
        return bounds;
    }

    private static MeterRates Rates(JsonElement json, string above, string suffix) => new()
    {
        InputPico = ImportNumbers.PerOne(json, $"input_cost_per_token{above}{suffix}"),
        OutputPico = ImportNumbers.PerOne(json, $"output_cost_per_token{above}{suffix}"),
        CacheReadPico = ImportNumbers.PerOne(json, $"cache_read_input_token_cost{above}{suffix}"),
        CacheWrite5mPico = ImportNumbers.PerOne(json, $"cache_creation_input_token_cost{above}{suffix}"),
        CacheWrite1hPico = ImportNumbers.PerOne(json, $"cache_creation_input_token_cost_above_1hr{above}{suffix}"),
        ReasoningPico = ImportNumbers.PerOne(json, $"output_cost_per_reasoning_token{above}{suffix}"),
        AudioInPico = ImportNumbers.PerOne(json, $"input_cost_per_audio_token{suffix}"),
        AudioOutPico = ImportNumbers.PerOne(json, $"output_cost_per_audio_token{suffix}"),
        ImagePico = ImportNumbers.PerOne(json, $"output_cost_per_image_token{suffix}"),
        PerRequestPico = suffix.Length == 0 ? ImportNumbers.PerOne(json, "input_cost_per_request") : null,
        SearchCallPico = json.TryGetProperty("search_context_cost_per_query", out var search) && search.ValueKind == JsonValueKind.Object ? ImportNumbers.PerOne(search, "search_context_size_medium") : null,
    };

    private static List<PriceStep> Tiered(JsonElement tiers)
    {
        var steps = new List<PriceStep>();
        foreach (var tier in tiers.EnumerateArray())
        {
            var rates = Rates(tier, "", "");
            var bound = tier.TryGetProperty("range", out var range) && range.ValueKind == JsonValueKind.Array && range.GetArrayLength() == 2 && ImportNumbers.Decimal(range[1]) is { } end and < int.MaxValue ? (long?)end : null;
            steps.Add(new PriceStep(bound, null, rates));
        }

        // The last range ends where the context does.
        if (steps.Count > 0)
            steps[^1] = steps[^1] with { InputMax = null };
        return steps;
    }
}
