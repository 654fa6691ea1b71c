using System.Globalization;
using System.Text;

namespace Trivet.Core.Catalogue.Import;

/// <summary>Writes a vendor's file in the form that <see cref="CatalogueReader"/> reads: one line per fact and per price, so that two versions of it can be compared.</summary>
internal static class CatalogueWriter
{
    /// <summary>The whole file.</summary>
    public static string Write(CatalogueVendor vendor)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"vendor: {vendor.Name}\nname: {Scalar(vendor.DisplayName)}\n");
        if (List(vendor.Makes) is { } makes)
            text.Append(CultureInfo.InvariantCulture, $"makes: {makes}\n");
        text.Append("sources:\n");
        var used = vendor.Models.SelectMany(model => model.Prices.Select(price => price.Source).Append(model.Source)).Select(source => source.Name).ToHashSet(StringComparer.Ordinal);
        var sources = vendor.Sources.Where(source => used.Contains(source.Name)).DistinctBy(source => source.Name).ToList();
        foreach (var source in sources)
            text.Append(CultureInfo.InvariantCulture, $"  {source.Name}: {{ url: {Quoted(source.Url)}, checked: {source.Checked:yyyy-MM-dd} }}\n");
        if (vendor.Currencies.Count > 0)
            text.Append(CultureInfo.InvariantCulture, $"currencies: {{ {string.Join(", ", vendor.Currencies.Select(entry => $"{(entry.Key.Length == 0 ? "default" : entry.Key)}: {entry.Value}"))} }}\n");
        WriteSchedules(text, vendor);
        text.Append("models:\n");
        foreach (var model in vendor.Models)
            Write(text, model, sources[0]);
        return text.ToString();
    }

    private static void WriteSchedules(StringBuilder text, CatalogueVendor vendor)
    {
        var schedules = vendor.Models.SelectMany(model => model.Prices).Select(price => price.Schedule).OfType<PriceSchedule>().DistinctBy(schedule => schedule.Name).ToList();
        if (schedules.Count == 0)
            return;
        text.Append("schedules:\n");
        foreach (var schedule in schedules)
        {
            var zone = schedule.Zone.Id.StartsWith("UTC", StringComparison.Ordinal) && schedule.Zone.Id.Length == 9 ? schedule.Zone.Id[3..] : schedule.Zone.Id;
            var days = Enumerable.Range(0, 7).Where(day => (schedule.Days & (1 << day)) != 0).Select(day => ((DayOfWeek)day).ToString()[..3].ToLowerInvariant());
            var hours = schedule.Hours.Select(span => string.Create(CultureInfo.InvariantCulture, $"\"{span.FromMinute / 60:00}:{span.FromMinute % 60:00}-{span.ToMinute / 60:00}:{span.ToMinute % 60:00}\""));
            text.Append(CultureInfo.InvariantCulture, $"  {schedule.Name}: {{ zone: \"{zone}\", days: [{string.Join(", ", days)}], hours: [{string.Join(", ", hours)}]");
            if (schedule.WithoutHolidays is { } calendar)
                text.Append(CultureInfo.InvariantCulture, $", without_holidays: {calendar.Name}{(schedule.WithMakeUpDays ? ", with_make_up_days: true" : "")}");
            text.Append(" }\n");
        }
    }

    private static void Write(StringBuilder text, CatalogueModel model, PriceSource usual)
    {
        text.Append(CultureInfo.InvariantCulture, $"  {Scalar(model.Id)}:\n");
        Line("name", model.DisplayName.Length > 0 ? Scalar(model.DisplayName) : null);
        Line("aliases", List(model.Aliases));
        Line("context", model.ContextTokensMax);
        Line("output", model.OutputTokensMax);
        Line("reads", List(model.InputModalities));
        Line("writes", List(model.OutputModalities));
        Line("reasoning", model.Reasoning is null ? null : model.Reasoning.Count == 0 ? "[]" : List(model.Reasoning));
        Line("tools", Flag(model.Tools));
        Line("structured_output", Flag(model.StructuredOutput));
        Line("open_weights", Flag(model.OpenWeights));
        Line("released", model.Released?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Line("knowledge", model.Knowledge is { } knowledge ? Quoted(knowledge) : null);
        Line("deprecated", model.IsDeprecated && model.RetiredOn is null ? "true" : null);
        Line("retired", model.RetiredOn?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        Line("source", model.Source.Name == usual.Name ? null : model.Source.Name);
        if (model.Prices.Count == 0)
            return;
        text.Append("    prices:\n");
        foreach (var price in model.Prices)
            Write(text, price, model.Source);

        void Line(string name, object? value)
        {
            if (value is not null)
                text.Append(CultureInfo.InvariantCulture, $"    {name}: {value}\n");
        }
    }

    private static void Write(StringBuilder text, PriceRecord price, PriceSource usual)
    {
        text.Append(CultureInfo.InvariantCulture, $"      - {{ currency: {price.Currency}");
        if (price.Site is { } site)
            text.Append(CultureInfo.InvariantCulture, $", site: {site}");
        if (price.ValidFrom is { } from)
            text.Append(CultureInfo.InvariantCulture, $", from: {Instant(from)}");
        if (price.ValidTo is { } to)
            text.Append(CultureInfo.InvariantCulture, $", to: {Instant(to)}");
        if (price.Schedule is { } schedule)
            text.Append(CultureInfo.InvariantCulture, $", when: {schedule.Name}");
        if (price.Tier != ServiceTier.Standard)
            text.Append(CultureInfo.InvariantCulture, $", tier: {price.Tier.ToString().ToLowerInvariant()}");
        if (price.IsPromotion)
            text.Append(", promotion: true");
        if (price.Source.Name != usual.Name)
            text.Append(CultureInfo.InvariantCulture, $", source: {price.Source.Name}");
        if (price.Steps.Count == 1)
        {
            text.Append(CultureInfo.InvariantCulture, $", {Rates(price.Steps[0].Rates)} }}\n");
            return;
        }

        text.Append(", steps: [\n");
        foreach (var step in price.Steps)
        {
            var bounds = $"{(step.InputMax is { } input ? $"input_max: {input}, " : "")}{(step.OutputMax is { } output ? $"output_max: {output}, " : "")}";
            text.Append(CultureInfo.InvariantCulture, $"          {{ {bounds}{Rates(step.Rates)} }},\n");
        }

        text.Append("        ] }\n");
    }

    private static string Rates(MeterRates rates)
    {
        var tokens = Meters.All.Where(meter => !Meters.IsPerCall(meter) && rates.Written(meter) is not null).Select(meter => $"{Meters.NameOf(meter)}: {RateText.Of(meter, rates.Written(meter)!.Value)}");
        var text = $"per_million: {{ {string.Join(", ", tokens)} }}";
        if (rates.PerRequestPico is { } request)
            text += $", per_request: {RateText.Of(Meter.PerRequest, request)}";
        if (rates.SearchCallPico is { } search)
            text += $", per_search: {RateText.Of(Meter.SearchCall, search)}";
        return text;
    }

    private static string Instant(DateTimeOffset time) => time.Offset == TimeSpan.Zero && time.TimeOfDay == TimeSpan.Zero
        ? time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)
        : time.ToString("yyyy-MM-dd'T'HH:mmzzz", CultureInfo.InvariantCulture);

    private static string? Flag(bool? value) => value switch { true => "true", false => "false", null => null };

    private static string? List(IReadOnlyList<string> items) => items.Count == 0 ? null : $"[{string.Join(", ", items.Select(Scalar))}]";

    // Plain where YAML takes it for nothing but text.
    private static string Scalar(string text)
    {
        var isPlain = text.Length > 0 && char.IsAsciiLetter(text[0]) && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' or '_' or '/' or '+' or ' ' or '(' or ')' or '*') && !text.EndsWith(' ');
        return isPlain && text is not ("true" or "false" or "null" or "yes" or "no" or "on" or "off") ? text : Quoted(text);
    }

    private static string Quoted(string text) => $"\"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal)}\"";
}
