using System.Globalization;

namespace Trivet.Core.Catalogue.Import;

/// <summary>Says what an imported model changes in the catalogue. A price that knows less never replaces one that knows more.</summary>
internal static class CatalogueDiff
{
    public static CatalogueChange Compare(CatalogueModel imported, CatalogueModel? known)
    {
        if (known is null)
            return new CatalogueChange(imported, null, [$"new{(imported.Prices.Count == 0 ? ", without a price" : $": {string.Join("; ", imported.Prices.Select(Text))}")}"], []);

        var changes = new List<string>();
        var kept = new List<string>();
        var filled = CatalogueMerge.Fill(imported with { Prices = [] }, known with { Prices = [] });
        Facts(filled, known, changes);
        var prices = Prices(imported, known, changes, kept);
        return new CatalogueChange(filled with { Prices = prices }, known, changes, kept);
    }

    private static void Facts(CatalogueModel model, CatalogueModel known, List<string> changes)
    {
        Compare("name", known.DisplayName, model.DisplayName);
        Compare("context", known.ContextTokensMax, model.ContextTokensMax);
        Compare("output", known.OutputTokensMax, model.OutputTokensMax);
        Compare("reads", string.Join(' ', known.InputModalities), string.Join(' ', model.InputModalities));
        Compare("writes", string.Join(' ', known.OutputModalities), string.Join(' ', model.OutputModalities));
        Compare("reasoning", known.Reasoning is null ? null : string.Join(' ', known.Reasoning), model.Reasoning is null ? null : string.Join(' ', model.Reasoning));
        Compare("tools", known.Tools, model.Tools);
        Compare("structured output", known.StructuredOutput, model.StructuredOutput);
        Compare("open weights", known.OpenWeights, model.OpenWeights);
        Compare("released", known.Released, model.Released);
        Compare("deprecated", known.IsDeprecated, model.IsDeprecated);
        Compare("retired", known.RetiredOn, model.RetiredOn);
        if (model.Aliases.Except(known.Aliases, StringComparer.OrdinalIgnoreCase).ToList() is { Count: > 0 } names)
            changes.Add($"also called {string.Join(", ", names)}");

        void Compare<T>(string fact, T before, T after)
        {
            if (!EqualityComparer<T>.Default.Equals(before, after))
                changes.Add(string.Create(CultureInfo.InvariantCulture, $"{fact}: {(before is null || before.Equals("") ? "?" : before)} → {after}"));
        }
    }

    // Per currency, site and tier at once: records that follow each other in time belong together, and one that stays must not go with another that is replaced.
    private static List<PriceRecord> Prices(CatalogueModel imported, CatalogueModel known, List<string> changes, List<string> kept)
    {
        var merged = known.Prices.ToList();
        foreach (var group in imported.Prices.GroupBy(record => (record.Currency, record.Site, record.Tier)))
        {
            var peers = known.Prices.Where(other => other.Currency == group.Key.Currency && (other.Site is null || group.Key.Site is null || other.Site == group.Key.Site) && other.Tier == group.Key.Tier).ToList();
            var records = group.Select(record => WithMetersOf(peers, record)).ToList();
            if (records.TrueForAll(record => peers.Exists(other => other.Version == record.Version) || (peers.Count == 1 && SameRates(peers[0], record))))
                continue;
            if (Reason(peers, records, known) is { } reason)
            {
                kept.AddRange(records.Select(record => $"{Text(record)} not taken: {reason}"));
                continue;
            }

            merged.RemoveAll(peers.Contains);
            merged.AddRange(records);
            changes.AddRange(records.Select(record => peers.Count == 0 ? $"price {Text(record)}" : $"price {Text(peers[0])} → {Text(record)}"));
        }

        return merged;
    }

    private static bool SameRates(PriceRecord one, PriceRecord other) => one.Steps.SequenceEqual(other.Steps) && one.ValidFrom == other.ValidFrom && one.ValidTo == other.ValidTo;

    // These files leave out meters (an hour's cache, searches, thoughts): what they do not say stays as it is where prompt and answer cost the same.
    private static PriceRecord WithMetersOf(List<PriceRecord> peers, PriceRecord record)
    {
        var alike = peers.Find(other => SameDates(other, record) && CatalogueMerge.AgreesInTokens(other, record)) ?? peers.Find(other => CatalogueMerge.AgreesInTokens(other, record));
        return alike is null ? record : CatalogueMerge.FillMeters(record, alike);
    }

    private static bool SameDates(PriceRecord one, PriceRecord other) => one.ValidFrom == other.ValidFrom && one.ValidTo == other.ValidTo;

    private static string? Reason(List<PriceRecord> peers, List<PriceRecord> records, CatalogueModel known)
    {
        var steps = records.Max(record => record.Steps.Count);
        if (peers.Exists(other => other.Schedule is not null))
            return "the catalogue has prices by the hour, the file has none";
        if (peers.Exists(other => other.Steps.Count > steps || other.Steps.Any(step => step.OutputMax is not null)))
            return "the catalogue has prices by length that the file has not";
        if (records is [{ ValidFrom: null, ValidTo: null } undated] && peers.Exists(other => (other.ValidFrom ?? other.ValidTo) is not null) && peers.Exists(other => CatalogueMerge.AgreesInTokens(other, undated)))
            return "the catalogue has this price with the dates at which it begins or ends, the file has none";
        if (peers.Exists(other => other.Source.Checked > records[0].Source.Checked))
            return $"the catalogue's was checked later ({peers.Max(other => other.Source.Checked):yyyy-MM-dd})";
        return peers.Count == 0 && records[0].Tier == ServiceTier.Standard && known.Prices.Any(other => other.Site == records[0].Site && other.Currency != records[0].Currency && other.Tier == ServiceTier.Standard)
            ? "the catalogue has the price in the currency in which the vendor bills"
            : null;
    }

    /// <summary>A record in a few words: <c>USD flex input 1.25, output 10 (to 200000: …)</c>.</summary>
    internal static string Text(PriceRecord record)
    {
        var head = $"{record.Currency}{(record.Site is null ? "" : $" {record.Site}")}{(record.Tier == ServiceTier.Standard ? "" : $" {record.Tier.ToString().ToLowerInvariant()}")}";
        return $"{head} {string.Join(" | ", record.Steps.Select(step => $"{(step.InputMax is { } max ? $"to {max}: " : record.Steps.Count > 1 ? "above: " : "")}{Text(step.Rates)}"))}";
    }

    private static string Text(MeterRates rates) =>
        string.Join(", ", Meters.All.Where(meter => rates.Written(meter) is not null).Select(meter => $"{Meters.NameOf(meter)} {RateText.Of(meter, rates.Written(meter)!.Value)}"));
}
