using System.Collections.Frozen;
using Trivet.Core.Routing;

namespace Trivet.Core.Catalogue;

/// <summary>One vendor's part of the catalogue. Immutable and shared.</summary>
public sealed class CatalogueVendor
{
    private readonly FrozenDictionary<string, CatalogueModel> _byName;
    private readonly ModelPattern[] _makes;
    private readonly (ModelPattern Pattern, CatalogueModel Model)[] _patterns;

    internal CatalogueVendor(string name, string displayName, IReadOnlyList<string> makes, IReadOnlyList<PriceSource> sources, IReadOnlyDictionary<string, string> currencies, IReadOnlyList<CatalogueModel> models)
    {
        (Name, DisplayName, Makes, Sources, Currencies, Models) = (name, displayName, makes, sources, currencies, models);
        _makes = [.. makes.Select(pattern => new ModelPattern(pattern.ToLowerInvariant()))];

        // A model's own name goes before the aliases of others; vendors differ in upper and lower case only by accident, and so do clients.
        var names = new Dictionary<string, CatalogueModel>(StringComparer.OrdinalIgnoreCase);
        foreach (var model in models)
            names.TryAdd(model.Id, model);
        foreach (var model in models)
            foreach (var alias in model.Aliases)
                names.TryAdd(alias, model);
        _byName = names.ToFrozenDictionary(StringComparer.OrdinalIgnoreCase);
        _patterns =
        [
            .. from model in models
               from alias in model.Aliases.Append(model.Id)
               let pattern = new ModelPattern(alias)
               where pattern.IsWildcard
               orderby pattern.LiteralLength descending
               select (pattern, model),
        ];
    }

    /// <summary>The name of its file, which is that of the vendor's profile where there is one.</summary>
    public string Name { get; }

    /// <summary>The name for people.</summary>
    public string DisplayName { get; }

    /// <summary>Where the company is at home, an ISO 3166 code; null where that is not known.</summary>
    public string? Country { get; internal init; }

    /// <summary>Patterns of the names of models that it makes itself; empty where it only runs those of others.</summary>
    public IReadOnlyList<string> Makes { get; }

    /// <summary>Where its facts are from.</summary>
    public IReadOnlyList<PriceSource> Sources { get; }

    /// <summary>In which currency each of its sites bills; the empty name stands for sites that are not named.</summary>
    public IReadOnlyDictionary<string, string> Currencies { get; }

    /// <summary>In the order of the file.</summary>
    public IReadOnlyList<CatalogueModel> Models { get; }

    /// <summary>The currency in which a site bills; null where that is not known.</summary>
    public string? CurrencyOf(string? site) =>
        Currencies.TryGetValue(site ?? "", out var currency) || Currencies.TryGetValue("", out currency) ? currency : null;

    /// <summary>Whether it makes the model of this name, so that its price is the one that relays discount.</summary>
    public bool IsMakerOf(string model)
    {
        var name = model.ToLowerInvariant();
        return Array.Exists(_makes, pattern => pattern.IsMatch(name));
    }

    /// <summary>The model that the vendor means by a name; null where it is not in the catalogue.</summary>
    public CatalogueModel? Find(string model)
    {
        if (_byName.TryGetValue(model, out var found))
            return found;
        foreach (var (pattern, candidate) in _patterns)
        {
            if (pattern.IsMatch(model))
                return candidate;
        }

        return null;
    }

    /// <summary>This vendor with models of <paramref name="over"/> in the place of its own of the same name.</summary>
    internal CatalogueVendor With(CatalogueVendor over)
    {
        var replaced = over.Models.ToDictionary(model => model.Id, StringComparer.OrdinalIgnoreCase);
        var models = Models.Select(model => replaced.Remove(model.Id, out var other) ? other : model).ToList();
        models.AddRange(over.Models.Where(model => replaced.ContainsKey(model.Id)));
        return new CatalogueVendor(Name, DisplayName, Makes, [.. Sources, .. over.Sources], over.Currencies.Count > 0 ? over.Currencies : Currencies, models) { Country = over.Country ?? Country };
    }
}
