using System.Globalization;
using System.Text.Json.Nodes;
using Trivet.Core.Yaml;

namespace Trivet.Core.Catalogue;

/// <summary>The keys of a vendor's file.</summary>
internal static class CatalogueShape
{
    private static readonly string[] DayWords = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

    /// <summary>The whole file.</summary>
    public static ObjectShape<VendorFileDraft> File { get; } = FileKeys();

    private static ObjectShape<VendorFileDraft> FileKeys() => new ObjectShape<VendorFileDraft>(() => new VendorFileDraft())
        .Key("vendor", "The vendor, as in its profile.", Shapes.Text, (file, value) => file with { Vendor = value }, required: true)
        .Key("name", "The name for people.", Shapes.Text, (file, value) => file with { Name = value }, required: true)
        .Key("country", "Where the company is at home: an ISO 3166 code.", Shapes.Text, (file, value) => file with { Country = value })
        .Key("makes", "Patterns of the names of models that it makes itself. Default: none.", new ListShape<string>(Shapes.Text), (file, value) => file with { Makes = value })
        .Key("sources", "Where facts were read, and when; the first is the default.", new MapShape<SourceDraft>(SourceKeys()), (file, value) => file with { Sources = value }, required: true)
        .Key("currencies", "In which currency a site bills; default stands for the others.", new MapShape<string>(RateShapes.Currency), (file, value) => file with { Currencies = WithDefault(value) })
        .Key("schedules", "Hours of the week in which a price holds.", new MapShape<ScheduleDraft>(ScheduleKeys()), (file, value) => file with { Schedules = value })
        .Key("models", "By the vendor's name for them.", new MapShape<Placed<ModelDraft>>(new PlacedShape<ModelDraft>(ModelKeys())), (file, value) => file with { Models = value }, required: true);

    private static ObjectShape<SourceDraft> SourceKeys() => new ObjectShape<SourceDraft>(() => new SourceDraft("", default, ""))
        .Key("url", "Its address.", Shapes.Text, (source, value) => source with { Url = value }, required: true)
        .Key("checked", "When it was read.", Shapes.Date, (source, value) => source with { Checked = value }, required: true)
        .Key("note", "What to know about it.", Shapes.Text, (source, value) => source with { Note = value });

    private static ObjectShape<ScheduleDraft> ScheduleKeys() => new ObjectShape<ScheduleDraft>(() => new ScheduleDraft())
        .Key("zone", "Whose clock: +08:00, or a time zone such as Europe/Berlin.", new ScalarShape<TimeZoneInfo>("an offset such as +08:00 or a time zone", text => (TryZone(text, out var zone), zone), () => []), (schedule, value) => schedule with { Zone = value }, required: true)
        .Key("days", "mon-fri, or a list of days.", new EitherShape<int>(new ScalarShape<int>("days such as mon-fri", text => (TryDays(text, out var days), days), () => []), new MappedShape<IReadOnlyList<int>, int>(new ListShape<int>(new ScalarShape<int>("a day such as mon", text => (TryDays(text, out var days), days), () => [])), list => list.Aggregate(0, (a, b) => a | b))), (schedule, value) => schedule with { Days = value }, required: true)
        .Key("hours", "Spans such as 09:00-12:00.", new ListShape<DayHours>(new ScalarShape<DayHours>("a span such as 09:00-12:00", text => (TryHours(text, out var hours), hours), () => [])), (schedule, value) => schedule with { Hours = value }, required: true)
        .Key("without_holidays", "The calendar whose holidays are left out.", new PlacedShape<string>(Shapes.Text), (schedule, value) => schedule with { WithoutHolidays = value })
        .Key("with_make_up_days", "Whether weekends that the calendar makes working days count. Default false.", Shapes.Bool, (schedule, value) => schedule with { WithMakeUpDays = value });

    private static ObjectShape<ModelDraft> ModelKeys()
    {
        var texts = new ListShape<string>(Shapes.Text);
        var tokens = Shapes.Int(1, int.MaxValue);
        return new ObjectShape<ModelDraft>(() => new ModelDraft())
            .Key("name", "The name for people.", Shapes.Text, Set<string>((model, value) => model with { DisplayName = value }))
            .Key("aliases", "Other names that the vendor takes.", texts, Set<IReadOnlyList<string>>((model, value) => model with { Aliases = value }))
            .Key("context", "Prompt and answer together, in tokens.", tokens, Set<int>((model, value) => model with { ContextTokensMax = value }))
            .Key("output", "The longest answer, in tokens.", tokens, Set<int>((model, value) => model with { OutputTokensMax = value }))
            .Key("reads", "text, image, audio, video, pdf.", texts, Set<IReadOnlyList<string>>((model, value) => model with { InputModalities = value }))
            .Key("writes", "text, image, audio, video.", texts, Set<IReadOnlyList<string>>((model, value) => model with { OutputModalities = value }))
            .Key("reasoning", "How thinking is steered: toggle, effort words, a budget; empty where it does not think.", texts, Set<IReadOnlyList<string>>((model, value) => model with { Reasoning = value }))
            .Key("tools", "Whether it calls tools.", Shapes.Bool, Set<bool>((model, value) => model with { Tools = value }))
            .Key("structured_output", "Whether answers can be held to a schema.", Shapes.Bool, Set<bool>((model, value) => model with { StructuredOutput = value }))
            .Key("open_weights", "Whether anybody may run it.", Shapes.Bool, Set<bool>((model, value) => model with { OpenWeights = value }))
            .Key("released", "When it came out.", Shapes.Date, Set<DateOnly>((model, value) => model with { Released = value }))
            .Key("knowledge", "Until when its training data reaches.", Shapes.Text, Set<string>((model, value) => model with { Knowledge = value }))
            .Key("deprecated", "Whether the vendor advises against it.", Shapes.Bool, Set<bool>((model, value) => model with { IsDeprecated = value }))
            .Key("retired", "When it goes or went.", Shapes.Date, Set<DateOnly>((model, value) => model with { RetiredOn = value, IsDeprecated = true }))
            .Key("source", "Which of the file's sources. Default: the first.", new PlacedShape<string>(Shapes.Text), (draft, value) => draft with { Source = value })
            .Key("prices", "What it costs.", new ListShape<Placed<RecordDraft>>(new PlacedShape<RecordDraft>(RecordKeys())), (draft, value) => draft with { Prices = value });
    }

    private static ObjectShape<RecordDraft> RecordKeys()
    {
        var tier = Shapes.Word(Shapes.Words<ServiceTier>().Where(word => word.Value != ServiceTier.Other).ToDictionary());
        var bound = Shapes.Int(1, int.MaxValue);
        var step = new ObjectShape<PriceStep>(() => new PriceStep(null, null, new MeterRates()))
            .Key("input_max", "The longest prompt, in tokens.", bound, (value, max) => value with { InputMax = max })
            .Key("output_max", "The longest answer, in tokens.", bound, (value, max) => value with { OutputMax = max })
            .Key("per_million", "Rates per million tokens.", RateShapes.PerMillion, value => value.Rates, (value, rates) => value with { Rates = rates })
            .Key("per_request", "For each request.", RateShapes.PerCall, (value, pico) => value with { Rates = value.Rates with { PerRequestPico = pico } })
            .Key("per_search", "For each search.", RateShapes.PerCall, (value, pico) => value with { Rates = value.Rates with { SearchCallPico = pico } });
        return new ObjectShape<RecordDraft>(() => new RecordDraft())
            .Key("currency", "USD, CNY.", RateShapes.Currency, (draft, value) => draft with { Currency = value }, required: true)
            .Key("site", "The site it is for. Default: all.", Shapes.Text, (draft, value) => draft with { Site = value })
            .Key("from", "From when.", RateShapes.Instant, (draft, value) => draft with { From = value })
            .Key("to", "Until when, excluded.", RateShapes.Instant, (draft, value) => draft with { To = value })
            .Key("when", "The schedule in whose hours it holds.", new PlacedShape<string>(Shapes.Text), (draft, value) => draft with { When = value })
            .Key("tier", "standard (default), flex, priority, batch.", tier, (draft, value) => draft with { Tier = value })
            .Key("promotion", "Whether it is a discount for a time.", Shapes.Bool, (draft, value) => draft with { IsPromotion = value })
            .Key("source", "Where it was read. Default: the model's.", new PlacedShape<string>(Shapes.Text), (draft, value) => draft with { Source = value })
            .Key("per_million", "Rates per million tokens.", RateShapes.PerMillion, draft => draft.Rates ?? new MeterRates(), (draft, value) => draft with { Rates = value })
            .Key("per_request", "For each request.", RateShapes.PerCall, (draft, value) => draft with { Rates = (draft.Rates ?? new MeterRates()) with { PerRequestPico = value } })
            .Key("per_search", "For each search.", RateShapes.PerCall, (draft, value) => draft with { Rates = (draft.Rates ?? new MeterRates()) with { SearchCallPico = value } })
            .Key("steps", "Rates by length instead, the shortest first.", new ListShape<PriceStep>(step), (draft, value) => draft with { Steps = value });
    }

    private static Func<ModelDraft, T, ModelDraft> Set<T>(Func<CatalogueModel, T, CatalogueModel> set) => (draft, value) => draft with { Model = set(draft.Model, value) };

    private static Dictionary<string, string> WithDefault(IReadOnlyDictionary<string, string> written) =>
        written.ToDictionary(entry => entry.Key == "default" ? "" : entry.Key, entry => entry.Value, StringComparer.Ordinal);

    private static bool TryZone(string text, out TimeZoneInfo zone)
    {
        zone = TimeZoneInfo.Utc;
        if (text.Length == 6 && text[0] is '+' or '-' && TimeSpan.TryParseExact(text[1..], "hh\\:mm", CultureInfo.InvariantCulture, out var offset))
        {
            // A fixed offset needs no time zone data on the machine.
            zone = TimeZoneInfo.CreateCustomTimeZone($"UTC{text}", text[0] == '-' ? -offset : offset, text, text);
            return true;
        }

        return TimeZoneInfo.TryFindSystemTimeZoneById(text, out zone!);
    }

    private static bool TryDays(string text, out int days)
    {
        days = 0;
        var ends = text.Split('-');
        var (from, to) = (Array.IndexOf(DayWords, ends[0]), Array.IndexOf(DayWords, ends[^1]));
        if (from < 0 || to < 0 || ends.Length > 2)
            return false;
        for (var day = from; ; day = (day + 1) % 7)
        {
            days |= 1 << day;
            if (day == to)
                return true;
        }
    }

    private static bool TryHours(string text, out DayHours hours)
    {
        hours = default;
        var ends = text.Split('-');
        if (ends.Length != 2 || !TryMinute(ends[0], out var from) || !TryMinute(ends[1], out var to) || from >= to)
            return false;
        hours = new DayHours(from, to);
        return true;
    }

    private static bool TryMinute(string text, out int minute)
    {
        minute = 24 * 60;
        if (text == "24:00")
            return true;
        var ok = TimeOnly.TryParseExact(text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var time);
        minute = time.Hour * 60 + time.Minute;
        return ok;
    }
}
