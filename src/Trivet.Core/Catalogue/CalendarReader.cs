using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue;

/// <summary>Reads a holiday calendar: per year the days off and the days of weekends that are worked, each with its source.</summary>
internal static class CalendarReader
{
    private static readonly ObjectShape<CalendarDraft> Shape = new ObjectShape<CalendarDraft>(() => new CalendarDraft())
        .Key("name", "The name for people.", Shapes.Text, (draft, _) => draft, required: true)
        .Key("years", "Years that were announced.", new MapShape<YearDraft>(new ObjectShape<YearDraft>(() => new YearDraft())
            .Key("source", "Who announced it.", Shapes.Text, (year, _) => year, required: true)
            .Key("checked", "When it was read.", Shapes.Date, (year, _) => year, required: true)
            .Key("holidays", "Days off: dates, and spans such as 2026-10-01..2026-10-07.", new ListShape<IReadOnlyList<DateOnly>>(Span()), (year, value) => year with { Holidays = [.. value.SelectMany(days => days)] }, required: true)
            .Key("make_up_days", "Days of weekends that are worked.", new ListShape<DateOnly>(Shapes.Date), (year, value) => year with { MakeUpDays = value })), (draft, value) => draft with { Years = value }, required: true);

    /// <summary>Reads an embedded file.</summary>
    /// <exception cref="InvalidOperationException">It is wrong: a defect of the build, caught by a test.</exception>
    public static HolidayCalendar Read(string name, string yaml)
    {
        var context = new ReadContext(_ => null);
        if (!YamlText.TryParse(yaml, context, out var root) || !Shape.TryRead(context, new Place(root, ""), out var draft))
            throw new InvalidOperationException($"Calendar '{name}': {string.Join("; ", context.Problems)}");
        return new HolidayCalendar(
            name,
            draft.Years.Keys.Select(year => int.Parse(year, System.Globalization.CultureInfo.InvariantCulture)),
            draft.Years.Values.SelectMany(year => year.Holidays),
            draft.Years.Values.SelectMany(year => year.MakeUpDays));
    }

    private static ScalarShape<IReadOnlyList<DateOnly>> Span() => new(
        "a date, or a span such as 2026-10-01..2026-10-07",
        text =>
        {
            var ends = text.Split("..");
            if (ends.Length > 2 || !Shapes.TryDate(ends[0], out var from) || !Shapes.TryDate(ends[^1], out var to) || to < from)
                return (false, []);
            return (true, [.. Enumerable.Range(0, to.DayNumber - from.DayNumber + 1).Select(from.AddDays)]);
        },
        () => []);

    private sealed record CalendarDraft
    {
        public IReadOnlyDictionary<string, YearDraft> Years { get; init; } = new Dictionary<string, YearDraft>();
    }

    private sealed record YearDraft
    {
        public IReadOnlyList<DateOnly> Holidays { get; init; } = [];

        public IReadOnlyList<DateOnly> MakeUpDays { get; init; } = [];
    }
}
