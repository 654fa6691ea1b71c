using Trivet.Core.Catalogue;
using Trivet.Core.Catalogue.Import;

namespace Trivet.Core.Admin;

/// <summary>Looks models and prices up for people, and takes over others' catalogues.</summary>
public sealed class CatalogueAdmin(ModelCatalogue catalogue)
{
    // What answers to every name is nobody's answer to a name.
    private const string AnyModel = "*";

    /// <summary>Vendors that make models themselves, by name.</summary>
    public static IEnumerable<CatalogueVendor> Makers() => ModelCatalogue.Shipped.VendorNames.Select(ModelCatalogue.Shipped.Find).OfType<CatalogueVendor>().Where(vendor => vendor.Makes.Count > 0);

    /// <summary>The maker of the model that a name stands for, at whatever upstream; null where no pattern fits.</summary>
    public static CatalogueVendor? MakerOf(string model)
    {
        var bare = model[(model.LastIndexOf('/') + 1)..];
        return Makers().FirstOrDefault(maker => maker.IsMakerOf(bare));
    }

    /// <summary>The models of one vendor or of all, whose id or name holds a text.</summary>
    public IEnumerable<CatalogueModel> List(string? vendor, string? text) =>
        from name in vendor is null ? catalogue.VendorNames : [vendor]
        from model in catalogue.Find(name)?.Models ?? []
        where text is null || model.QualifiedId.Contains(text, StringComparison.OrdinalIgnoreCase) || model.DisplayName.Contains(text, StringComparison.OrdinalIgnoreCase)
        select model;

    /// <summary>Every model that a person may mean by a name: <c>vendor/model</c> is one, a bare name is looked for at all vendors, makers first; a name as relays write it is its maker's.</summary>
    public IReadOnlyList<CatalogueModel> Find(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0 && catalogue.Find(name[..slash])?.Find(name[(slash + 1)..]) is { } qualified)
            return [qualified];
        List<CatalogueModel> found =
        [
            .. catalogue.VendorNames.Select(catalogue.Find).OfType<CatalogueVendor>()
                .OrderByDescending(vendor => vendor.IsMakerOf(name)).ThenBy(vendor => vendor.Name, StringComparer.Ordinal)
                .Select(vendor => vendor.Find(name)).OfType<CatalogueModel>().Where(model => model.Id != AnyModel),
        ];
        return found.Count == 0 && catalogue.FindByMaker(name) is { } made && made.Id != AnyModel ? [made] : found;
    }

    /// <summary>The lists that a vendor has for a model: one per site and currency, the one by which it bills by default first.</summary>
    public IReadOnlyList<OfferingPrice> ListPrices(CatalogueModel model)
    {
        var usual = ListPrice(model, null, null);
        return
        [
            usual,
            .. model.Prices.GroupBy(record => (record.Site, record.Currency))
                .Where(list => usual.List.Count == 0 || list.Key != (usual.List[0].Site, usual.List[0].Currency))
                .Select(list => OfferingPrice.OfList(model, list, null)),
        ];
    }

    /// <summary>A model's list price at a site in a currency; without them as the vendor bills by default.</summary>
    public OfferingPrice ListPrice(CatalogueModel model, string? site, string? currency)
    {
        var ofSite = model.Prices.Where(record => record.Site is null || site is null || record.Site == site).ToList();
        var usual = catalogue.Find(model.Vendor)?.CurrencyOf(site);
        var wanted = currency ?? (ofSite.Exists(record => record.Currency == usual) ? usual : ofSite.FirstOrDefault()?.Currency);
        var records = ofSite.Where(record => record.Currency == wanted).ToList();

        // Two sites of one currency are two lists: without a word about it, that of the first.
        if (site is null && records.Select(record => record.Site).Distinct().Count() > 1)
            records = [.. records.Where(record => record.Site == records[0].Site)];
        return records.Count > 0
            ? OfferingPrice.OfList(model, records, null)
            : OfferingPrice.Unknown($"the catalogue has no price of {model.QualifiedId}{(currency is null ? "" : $" in {currency}")}{(site is null ? "" : $" at the site {site}")}", model);
    }

    /// <summary>Writes the changes of an import over the catalogue: into a folder, one file per vendor. The files written.</summary>
    public IReadOnlyList<string> Apply(string folder, IReadOnlyList<CatalogueChange> changes)
    {
        Directory.CreateDirectory(folder);
        var written = new List<string>();
        foreach (var vendor in changes.Where(change => change.IsChange).GroupBy(change => change.Model.Vendor, StringComparer.Ordinal))
        {
            var path = Path.Combine(folder, vendor.Key + ".yaml");
            var text = CatalogueOverlay.Write(vendor.Key, catalogue.Find(vendor.Key), catalogue.OwnFile(vendor.Key), [.. vendor.Select(change => change.Model)]);

            // Whole or not at all: a server may be reading it.
            File.WriteAllText(path + ".new", text);
            File.Move(path + ".new", path, overwrite: true);
            written.Add(path);
        }

        return written;
    }
}
