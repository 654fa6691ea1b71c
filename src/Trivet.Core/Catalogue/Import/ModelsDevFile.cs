using System.Text.Json;

namespace Trivet.Core.Catalogue.Import;

/// <summary>The catalogue of models.dev (MIT): providers with their models, prices in USD per million tokens, tiers by length of the prompt.</summary>
internal static class ModelsDevFile
{
    /// <summary>An object of providers, each with an object of models.</summary>
    public static bool Is(JsonElement root) =>
        root.ValueKind == JsonValueKind.Object && root.EnumerateObject().FirstOrDefault() is { Value.ValueKind: JsonValueKind.Object } first
        && first.Value.TryGetProperty("models", out var models) && models.ValueKind == JsonValueKind.Object;

    public static IEnumerable<CatalogueModel> Read(JsonElement root, PriceSource source)
    {
        foreach (var provider in root.EnumerateObject())
        {
            if (ImportVendors.OfModelsDev(provider.Name) is not { } vendor || !provider.Value.TryGetProperty("models", out var models))
                continue;
            foreach (var model in models.EnumerateObject())
                yield return Model(vendor, provider.Name, model.Name, model.Value, source);
        }
    }

    private static CatalogueModel Model(ImportVendor vendor, string provider, string id, JsonElement json, PriceSource source)
    {
        json.TryGetProperty("limit", out var limit);
        json.TryGetProperty("modalities", out var modalities);
        return new CatalogueModel
        {
            Vendor = vendor.Vendor,
            Id = id,
            DisplayName = ImportNumbers.Text(json, "name") ?? "",
            ContextTokensMax = limit.ValueKind == JsonValueKind.Object ? ImportNumbers.Count(limit, "context") : null,
            OutputTokensMax = limit.ValueKind == JsonValueKind.Object ? ImportNumbers.Count(limit, "output") : null,
            InputModalities = Texts(modalities, "input"),
            OutputModalities = Texts(modalities, "output"),
            Reasoning = Reasoning(json),
            Tools = ImportNumbers.Flag(json, "tool_call"),
            StructuredOutput = ImportNumbers.Flag(json, "structured_output"),
            OpenWeights = ImportNumbers.Flag(json, "open_weights"),
            Released = ImportNumbers.Date(json, "release_date"),
            Knowledge = ImportNumbers.Text(json, "knowledge"),
            IsDeprecated = ImportNumbers.Text(json, "status") == "deprecated",
            Source = source,
            Prices = ImportVendors.IsBilled(provider) && json.TryGetProperty("cost", out var cost) && cost.ValueKind == JsonValueKind.Object && Record(cost, vendor.Site, source) is { } record ? [record] : [],
        };
    }

    private static List<string> Texts(JsonElement holder, string name) =>
        holder.ValueKind == JsonValueKind.Object && holder.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array ? [.. list.EnumerateArray().Select(item => item.ToString())] : [];

    // An effort's words, "toggle" where thinking can be switched, "budget" (with its bounds) where it is given in tokens.
    private static List<string>? Reasoning(JsonElement json)
    {
        if (ImportNumbers.Flag(json, "reasoning") is not { } reasons)
            return null;
        if (!reasons)
            return [];
        var words = new List<string>();
        if (json.TryGetProperty("reasoning_options", out var options) && options.ValueKind == JsonValueKind.Array)
        {
            foreach (var option in options.EnumerateArray())
            {
                words.AddRange(ImportNumbers.Text(option, "type") switch
                {
                    "effort" => Texts(option, "values"),
                    "budget_tokens" => [$"budget {ImportNumbers.Count(option, "min") ?? 0}..{ImportNumbers.Count(option, "max")}"],
                    { } other => [other],
                    null => [],
                });
            }
        }

        return words.Count == 0 ? ["always"] : words;
    }

    private static PriceRecord? Record(JsonElement cost, string? site, PriceSource source)
    {
        var rates = Rates(cost, new MeterRates());

        // Zero stands there for "free", for "in a subscription" and for "not known": it is not taken for a price.
        if (rates is not { InputPico: { } input, OutputPico: { } output } || (input == 0 && output == 0))
            return null;
        var steps = new List<PriceStep>();
        if (cost.TryGetProperty("tiers", out var tiers) && tiers.ValueKind == JsonValueKind.Array)
        {
            foreach (var tier in tiers.EnumerateArray().OrderBy(Size))
            {
                if (Size(tier) is not { } size)
                    continue;
                steps.Add(new PriceStep(size, null, rates));
                rates = Rates(tier, rates);
            }
        }
        else if (cost.TryGetProperty("context_over_200k", out var over) && over.ValueKind == JsonValueKind.Object)
        {
            steps.Add(new PriceStep(200_000, null, rates));
            rates = Rates(over, rates);
        }

        steps.Add(new PriceStep(null, null, rates));
        return new PriceRecord("USD", steps) { Site = site, Source = source };
    }

    private static long? Size(JsonElement tier) => tier.TryGetProperty("tier", out var bound) && bound.ValueKind == JsonValueKind.Object ? ImportNumbers.Count(bound, "size") : null;

    // A rate that a tier does not name is that of the tier below, but for those that hang on the prompt's rate, which is then not known.
    private static MeterRates Rates(JsonElement cost, MeterRates below) => new()
    {
        InputPico = ImportNumbers.PerMillion(cost, "input") ?? below.InputPico,
        OutputPico = ImportNumbers.PerMillion(cost, "output") ?? below.OutputPico,
        CacheReadPico = ImportNumbers.PerMillion(cost, "cache_read", "cached_input", "cache_input"),
        CacheWrite5mPico = ImportNumbers.PerMillion(cost, "cache_write", "cached_write"),
        ReasoningPico = ImportNumbers.PerMillion(cost, "reasoning"),
        AudioInPico = ImportNumbers.PerMillion(cost, "input_audio") ?? below.AudioInPico,
        AudioOutPico = ImportNumbers.PerMillion(cost, "output_audio") ?? below.AudioOutPico,
        PerRequestPico = ImportNumbers.PerThousand(cost, "request") ?? below.PerRequestPico,
    };
}
