namespace Trivet.Core.Catalogue.Import;

/// <summary>A vendor's own file in the operator's folder: the models that differ from what comes with Trivet, each of them whole.</summary>
internal static class CatalogueOverlay
{
    /// <summary>The file with <paramref name="models"/> in it.</summary>
    /// <param name="vendor">The vendor's name.</param>
    /// <param name="known">The vendor as it is; null where it is new.</param>
    /// <param name="own">What stands in the file already; null where there is none.</param>
    /// <param name="models">What comes into it.</param>
    public static string Write(string vendor, CatalogueVendor? known, CatalogueVendor? own, IReadOnlyList<CatalogueModel> models)
    {
        var replaced = models.Select(model => model.Id).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<CatalogueModel> all = [.. (own?.Models ?? []).Where(model => !replaced.Contains(model.Id)), .. models];
        var sources = all.SelectMany(model => model.Prices.Select(price => price.Source).Append(model.Source)).Distinct().ToList();
        return CatalogueWriter.Write(Named(new CatalogueVendor(
            vendor, known?.DisplayName ?? vendor, known?.Makes ?? [], sources, own?.Currencies ?? new Dictionary<string, string>(), [.. all.OrderBy(model => model.Id, StringComparer.OrdinalIgnoreCase)])));
    }

    // A name is a source in a file: one that was read on another day is another source.
    private static CatalogueVendor Named(CatalogueVendor vendor)
    {
        var names = new Dictionary<PriceSource, PriceSource>();
        foreach (var source in vendor.Sources)
        {
            var isTaken = names.Values.Any(known => known.Name == source.Name);
            names[source] = isTaken ? source with { Name = $"{source.Name}-{source.Checked:yyyyMMdd}" } : source;
        }

        return new CatalogueVendor(vendor.Name, vendor.DisplayName, vendor.Makes, [.. names.Values], vendor.Currencies, [.. vendor.Models.Select(model => model with
        {
            Source = names[model.Source],
            Prices = [.. model.Prices.Select(price => price.From(names[price.Source]))],
        })]);
    }
}
