using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue;

/// <summary>Reads a vendor's file of the catalogue. Bad data is a problem with its line, never an exception.</summary>
internal static class CatalogueReader
{
    /// <summary>Reads a file; null, with problems, where anything in it is wrong.</summary>
    /// <param name="yaml">Its text.</param>
    /// <param name="calendars">Looks up a holiday calendar by its name.</param>
    /// <param name="problems">Where problems go.</param>
    public static CatalogueVendor? Read(string yaml, Func<string, HolidayCalendar?> calendars, List<ConfigProblem> problems)
    {
        var context = new ReadContext(_ => null);
        CatalogueVendor? vendor = null;
        if (YamlText.TryParse(yaml, context, out var root) && CatalogueShape.File.TryRead(context, new Place(root, ""), out var draft))
            vendor = Build(draft, calendars, context);
        problems.AddRange(context.Problems);
        return context.Problems.Count == 0 ? vendor : null;
    }

    private static CatalogueVendor Build(VendorFileDraft draft, Func<string, HolidayCalendar?> calendars, ReadContext context)
    {
        var sources = draft.Sources.ToDictionary(entry => entry.Key, entry => new PriceSource(entry.Key, entry.Value.Url, entry.Value.Checked), StringComparer.Ordinal);
        var schedules = new Dictionary<string, PriceSchedule>(StringComparer.Ordinal);
        foreach (var (name, written) in draft.Schedules)
        {
            HolidayCalendar? calendar = null;
            if (written.WithoutHolidays is { } wanted && (calendar = calendars(wanted.Value)) is null)
                context.Problem(wanted.Place, $"there is no calendar '{wanted.Value}'");
            schedules[name] = new PriceSchedule
            {
                Name = name,
                Zone = written.Zone,
                Days = written.Days,
                Hours = written.Hours,
                WithoutHolidays = calendar,
                WithMakeUpDays = written.WithMakeUpDays,
            };
        }

        var models = new List<CatalogueModel>();
        foreach (var (id, written) in draft.Models)
        {
            var source = Source(written.Value.Source, written.Place, sources, context);
            models.Add(written.Value.Model with
            {
                Vendor = draft.Vendor,
                Id = id,
                Source = source,
                Prices = [.. written.Value.Prices.Select(price => Record(price, source, sources, schedules, context)).OfType<PriceRecord>()],
            });
        }

        return new CatalogueVendor(draft.Vendor, draft.Name, draft.Makes, [.. sources.Values], draft.Currencies, models) { Country = draft.Country };
    }

    private static PriceRecord? Record(
        Placed<RecordDraft> placed, PriceSource modelSource, Dictionary<string, PriceSource> sources, Dictionary<string, PriceSchedule> schedules, ReadContext context)
    {
        var (draft, place) = placed;
        PriceSchedule? schedule = null;
        if (draft.When is { } when && !schedules.TryGetValue(when.Value, out schedule))
            context.Problem(when.Place, $"there is no schedule '{when.Value}'{Nearest.Hint(when.Value, schedules.Keys)}");
        if (draft.From >= draft.To)
            context.Problem(place, $"{place} ends before it begins");
        var steps = (draft.Rates, draft.Steps) switch
        {
            ({ } rates, null) => [new PriceStep(null, null, rates)],
            (null, { Count: > 0 } written) => written,
            _ => null,
        };
        if (steps is null)
        {
            context.Problem(place, $"{place} has either per_million or steps");
            return null;
        }

        if (steps[^1] is not { InputMax: null, OutputMax: null })
        {
            context.Problem(place, $"the last of {place}.steps has no bound, or some lengths have no price");
            return null;
        }

        return new PriceRecord(draft.Currency, steps)
        {
            Site = draft.Site,
            ValidFrom = draft.From,
            ValidTo = draft.To,
            Schedule = schedule,
            Tier = draft.Tier,
            IsPromotion = draft.IsPromotion,
            Source = draft.Source is null ? modelSource : Source(draft.Source, place, sources, context),
        };
    }

    private static PriceSource Source(Placed<string>? written, Place place, Dictionary<string, PriceSource> sources, ReadContext context)
    {
        if (written is null && sources.Count > 0)
            return sources.Values.First(); // the file's first is what most of it is from
        if (written is { } name && sources.TryGetValue(name.Value, out var source))
            return source;
        context.Problem(written?.Place ?? place, written is { } unknown ? $"there is no source '{unknown.Value}'{Nearest.Hint(unknown.Value, sources.Keys)}" : $"{place} has no source");
        return new PriceSource("", "", default);
    }
}
