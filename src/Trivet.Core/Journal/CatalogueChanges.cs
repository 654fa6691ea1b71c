using System.Text.Json;
using Trivet.Core.Catalogue;
using Trivet.Core.Catalogue.Import;

namespace Trivet.Core.Journal;

/// <summary>
/// Notices what is new in the catalogue: models that were not there, and prices that are not what they were, against what the last look remembered. The first look of all remembers and tells nothing.
/// </summary>
public sealed class CatalogueChanges(IJournalStore store, JournalRecorder recorder, TimeProvider time)
{
    private const string MarkName = "catalogue";

    /// <summary>More changes of one kind at one vendor than this are told in one entry.</summary>
    private const int SinglesMax = 8;

    /// <summary>Looks, tells, remembers. Nothing is told where the database is away: the next start looks again.</summary>
    public async Task LookAsync(ModelCatalogue catalogue, CancellationToken cancellationToken)
    {
        var now = Summary(catalogue);
        var remembered = await store.ReadMarkAsync(MarkName, cancellationToken);
        if (!remembered.IsSuccess)
            return;
        if (remembered.Value is { } text && JsonSerializer.Deserialize<Dictionary<string, string>>(text) is { } before)
        {
            foreach (var entry in Compare(before, now, time.GetUtcNow().ToUnixTimeMilliseconds()))
                recorder.Record(entry);
        }

        await store.SetMarkAsync(MarkName, JsonSerializer.Serialize(now), cancellationToken);
    }

    /// <summary>The entries that tell two states apart. Two nodes that see the same change write the same entries.</summary>
    internal static IEnumerable<JournalEntry> Compare(Dictionary<string, string> before, SortedDictionary<string, string> now, long nowMs)
    {
        var known = before.Keys.Select(VendorOf).ToHashSet(StringComparer.Ordinal);
        var added = now.Where(pair => !before.ContainsKey(pair.Key) && known.Contains(VendorOf(pair.Key)));
        var moved = now.Where(pair => before.TryGetValue(pair.Key, out var price) && price != pair.Value && pair.Value.Length > 0 && price.Length > 0);
        return Entries(JournalKinds.NewModel, added, nowMs, pair => ($"New in the catalogue: {pair.Key}", pair.Value.Length > 0 ? pair.Value : "Its price is not known."))
            .Concat(Entries(JournalKinds.PriceChange, moved, nowMs, pair => ($"The price of {pair.Key} has changed", $"Before: {before[pair.Key]}\n\nNow: {pair.Value}")));
    }

    /// <summary>Every model with the price that holds now, as text.</summary>
    internal SortedDictionary<string, string> Summary(ModelCatalogue catalogue)
    {
        var today = time.GetUtcNow();
        var models = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var vendor in catalogue.VendorNames)
        {
            foreach (var model in catalogue.Find(vendor)?.Models ?? [])
                models[model.QualifiedId] = string.Join("; ", model.Prices.Where(price => price.IsValid(today, ServiceTier.Standard)).Select(CatalogueDiff.Text));
        }

        return models;
    }

    private static IEnumerable<JournalEntry> Entries(string kind, IEnumerable<KeyValuePair<string, string>> changes, long nowMs, Func<KeyValuePair<string, string>, (string Title, string Text)> tell)
    {
        foreach (var group in changes.GroupBy(pair => VendorOf(pair.Key), StringComparer.Ordinal))
        {
            var all = group.ToList();
            if (all.Count > SinglesMax)
            {
                var title = kind == JournalKinds.NewModel ? $"{all.Count} new models of {group.Key} in the catalogue" : $"{all.Count} prices of {group.Key} have changed";
                yield return JournalEntry.Event(kind, group.Key, string.Join('\n', all), nowMs, title) with { Text = string.Join('\n', all.Select(pair => $"- {pair.Key}: {pair.Value}")) };
                continue;
            }

            foreach (var pair in all)
            {
                var (title, text) = tell(pair);
                yield return JournalEntry.Event(kind, pair.Key, pair.Value, nowMs, title) with { Text = text };
            }
        }
    }

    private static string VendorOf(string id) => id[..id.IndexOf('/', StringComparison.Ordinal)];
}
