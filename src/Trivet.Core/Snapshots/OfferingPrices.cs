using Trivet.Core.Catalogue;
using Trivet.Core.Upstreams;

namespace Trivet.Core.Snapshots;

/// <summary>Finds what offerings cost: the operator's own price first, then the list of the vendor.</summary>
internal sealed class OfferingPrices(ModelCatalogue catalogue)
{
    /// <summary>
    /// By what the operator says. Absolute rates hold as they are; a factor is taken of the list; without either the vendor's list is the price. An
    /// upstream of no vendor (a relay, a local server) has no list of its own: that of the models' makers is then there to be compared with, and to take a factor of.
    /// </summary>
    public OfferingPrice For(UpstreamConfig upstream, string model)
    {
        var own = upstream.PriceFor(model);
        var found = Find(upstream, model, own);
        if (upstream.Plan is not null || (own is null && upstream.Site is { } site && upstream.Profile.PlanSites.Contains(site)))
        {
            var list = found is null ? [] : Records(found, upstream, null);
            return OfferingPrice.OfPlan(upstream.Plan is { Currency.Length: > 0 } plan ? plan.Currency : list.Count > 0 ? list[0].Currency : catalogue.Find(upstream.Vendor)?.CurrencyOf(upstream.Site) ?? "", found, list);
        }

        if (own is { Rates: { } rates, Currency: { } currency })
            return OfferingPrice.OfRates(rates, currency, found, found is null ? null : Records(found, upstream, currency));
        if (found is null)
            return OfferingPrice.Unknown($"the catalogue does not know {model} of {own?.ListOf ?? upstream.Vendor}; give {upstream.Name} a 'price:'");

        var records = Records(found, upstream, null);
        if (records.Count == 0 && found.Prices.Count > 0)
            return OfferingPrice.Unknown($"the catalogue has no price of {found.QualifiedId} in {upstream.Currency ?? "the currency of this site"}", found);
        return OfferingPrice.OfList(found, records, own?.FactorMillionths, isListOnly: own is null && found.Vendor != upstream.Vendor);
    }

    private CatalogueModel? Find(UpstreamConfig upstream, string model, PriceConfig? own)
    {
        if (own?.ListOf is { } named)
        {
            var slash = named.IndexOf('/', StringComparison.Ordinal);
            return slash < 0 ? catalogue.Find(named, model) : catalogue.Find(named[..slash], named[(slash + 1)..]);
        }

        return catalogue.Find(upstream.Vendor) is { } vendor ? vendor.Find(model) : own?.FactorMillionths is null ? null : catalogue.FindByMaker(model);
    }

    /// <summary>The records of the upstream's site in one currency: the operator's, else that of the site, else the only one that there is.</summary>
    private List<PriceRecord> Records(CatalogueModel model, UpstreamConfig upstream, string? preferred)
    {
        var vendor = catalogue.Find(model.Vendor);
        var ofSite = model.Prices.Where(record => record.Site is null || record.Site == upstream.Site).ToList();
        var wanted = preferred ?? upstream.Currency ?? vendor?.CurrencyOf(upstream.Site);
        var inCurrency = ofSite.Where(record => record.Currency == wanted).ToList();
        if (inCurrency.Count > 0 || ofSite.Count == 0 || (preferred is null && upstream.Currency is not null))
            return inCurrency;
        return [.. ofSite.Where(record => record.Currency == ofSite[0].Currency)];
    }
}
