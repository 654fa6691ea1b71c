using System.Text.Json;

namespace Trivet.Core.Catalogue.Import;

/// <summary>What an import would do to one model.</summary>
/// <param name="Model">The model as it would be.</param>
/// <param name="Before">The model as it is; null where it is new.</param>
/// <param name="Changes">What would change, in words; empty: nothing.</param>
/// <param name="Kept">What the file says otherwise and is not taken, with the reason.</param>
public sealed record CatalogueChange(CatalogueModel Model, CatalogueModel? Before, IReadOnlyList<string> Changes, IReadOnlyList<string> Kept)
{
    /// <summary>Whether there is anything to write.</summary>
    public bool IsChange => Changes.Count > 0;
}

/// <summary>Others' catalogues, read and put together, before anything is changed.</summary>
public sealed class CatalogueImport
{
    private readonly Dictionary<string, CatalogueModel> _models = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The models that were read.</summary>
    public IReadOnlyCollection<CatalogueModel> Models => _models.Values;

    /// <summary>Reads one more file, told by its content. Null where it was taken, otherwise what is wrong.</summary>
    /// <param name="json">The file.</param>
    /// <param name="name">Its name, for messages.</param>
    /// <param name="checkedOn">The day that it is of.</param>
    /// <param name="onlyFills">True: it brings no models, it only adds to those that earlier files have.</param>
    public string? Add(Stream json, string name, DateOnly checkedOn, bool onlyFills = false)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json);
        }
        catch (JsonException exception)
        {
            return $"{name} is not JSON: {exception.Message}";
        }

        using (document)
        {
            var root = document.RootElement;
            if (ModelsDevFile.Is(root))
                Take(ModelsDevFile.Read(root, new PriceSource("models-dev", "https://models.dev/api.json", checkedOn)), onlyFills);
            else if (GenaiPricesFile.Is(root))
                Take(GenaiPricesFile.Read(root, new PriceSource("genai-prices", "https://github.com/pydantic/genai-prices", checkedOn)), onlyFills);
            else if (LiteLlmFile.Is(root))
                Take(LiteLlmFile.Read(root, new PriceSource("litellm", "https://github.com/BerriAI/litellm/blob/main/model_prices_and_context_window.json", checkedOn)), onlyFills);
            else
                return $"{name} is none of the files that are known: models.dev's api.json, genai-prices' data.json, LiteLLM's model_prices_and_context_window.json";
        }

        return null;
    }

    /// <summary>What taking it over would change, sorted; models that stay as they are included where something was kept.</summary>
    public IReadOnlyList<CatalogueChange> Against(ModelCatalogue current) =>
    [
        .. _models.Values.Select(model => CatalogueDiff.Compare(model, current.Find(model.Vendor, model.Id) is { } known && known.Id.Equals(model.Id, StringComparison.OrdinalIgnoreCase) ? known : null))
            .Where(change => change.IsChange || change.Kept.Count > 0)
            .OrderBy(change => change.Model.Vendor, StringComparer.Ordinal).ThenBy(change => change.Model.Id, StringComparer.OrdinalIgnoreCase),
    ];

    private void Take(IEnumerable<CatalogueModel> models, bool onlyFills)
    {
        foreach (var model in models)
        {
            if (_models.TryGetValue(model.QualifiedId, out var known))
            {
                // Of one file two providers may be two sites of one vendor: their prices stand side by side. Of two for one site the first counts.
                _models[model.QualifiedId] = known.Source == model.Source ? known with { Prices = [.. known.Prices.Concat(model.Prices).DistinctBy(price => (price.Site, price.Currency, price.Tier, price.ValidFrom))] } : CatalogueMerge.Fill(known, model);
            }
            else if (!onlyFills)
            {
                _models.Add(model.QualifiedId, model);
            }
            else if (Undated(model.Id) is { } name && _models.TryGetValue($"{model.Vendor}/{name}", out var latest) && HasPriceOf(latest, model))
            {
                // The dated name of a model at the same price is one of its names.
                _models[latest.QualifiedId] = latest with { Aliases = [.. latest.Aliases.Append(model.Id).Distinct(StringComparer.OrdinalIgnoreCase)] };
            }
        }
    }

    private static bool HasPriceOf(CatalogueModel model, CatalogueModel dated) =>
        model.Prices.FirstOrDefault()?.Steps[0].Rates is { InputPico: { } input, OutputPico: var output } && dated.Prices.FirstOrDefault()?.Steps[0].Rates is { } other && other.InputPico == input && other.OutputPico == output;

    /// <summary>The name without a date at its end (<c>-2025-08-07</c>, <c>-20250929</c>); null where there is none.</summary>
    private static string? Undated(string id)
    {
        foreach (var length in (ReadOnlySpan<int>)[11, 9])
        {
            if (id.Length > length && id[^length] == '-' && id.AsSpan(id.Length - length).IndexOfAnyExcept("0123456789-") < 0 && id.AsSpan(id.Length - length + 1, 2).SequenceEqual("20"))
                return id[..^length];
        }

        return null;
    }
}
