using System.Globalization;
using Trivet.Core.Catalogue;

namespace Trivet.Server.Cli.Catalogue;

/// <summary>A model of the catalogue for people.</summary>
internal static class CatalogueText
{
    public static void Write(TextWriter output, CatalogueModel model)
    {
        output.WriteLine($"{model.QualifiedId}{(model.DisplayName.Length > 0 ? $"   {model.DisplayName}" : "")}");
        Line("aliases", string.Join(", ", model.Aliases));
        Line("limits", $"context {CatalogueVerb.Count(model.ContextTokensMax)}, output {CatalogueVerb.Count(model.OutputTokensMax)} tokens");
        Line("reads", string.Join(", ", model.InputModalities));
        Line("writes", string.Join(", ", model.OutputModalities));
        Line("reasoning", model.Reasoning is null ? "?" : model.Reasoning.Count == 0 ? "no" : string.Join(", ", model.Reasoning));
        Line("tools", Flag(model.Tools));
        Line("schema", Flag(model.StructuredOutput));
        Line("weights", model.OpenWeights switch { true => "open", false => "closed", null => "?" });
        Line("released", Date(model.Released) + (model.Knowledge is { } knowledge ? $", knows until {knowledge}" : ""));
        if (model.IsDeprecated)
            Line("deprecated", model.RetiredOn is { } retired ? $"goes or went on {Date(retired)}" : "yes");
        Line("source", Text(model.Source));
        if (model.Prices.Count == 0)
            Line("price", "not known, which is not free");
        foreach (var record in model.Prices)
            Write(output, record);
        output.WriteLine();

        void Line(string name, string text)
        {
            if (text.Length > 0)
                output.WriteLine($"  {name,-10} {text}");
        }
    }

    /// <summary>What a record holds for: <c>USD flex, from 2026-08-17 00:00 +08:00, in peak hours</c>.</summary>
    public static string Conditions(PriceRecord record)
    {
        var parts = new List<string> { record.Currency + (record.Tier == ServiceTier.Standard ? "" : $" {record.Tier.ToString().ToLowerInvariant()}") };
        if (record.Site is { } site)
            parts.Add($"site {site}");
        if (record.IsPromotion)
            parts.Add("promotion");
        if (record.ValidFrom is { } from)
            parts.Add($"from {Time(from)}");
        if (record.ValidTo is { } to)
            parts.Add($"until {Time(to)}");
        if (record.Schedule is { } schedule)
            parts.Add($"in {schedule.Name} hours ({Hours(schedule)})");
        return string.Join(", ", parts);
    }

    /// <summary>A step's lengths: <c>prompt to 200,000</c>.</summary>
    public static string Lengths(PriceRecord record, int step)
    {
        var (input, output) = (record.Steps[step].InputMax, record.Steps[step].OutputMax);
        var parts = new List<string>();
        if (input is not null)
            parts.Add($"prompt to {CatalogueVerb.Count(input)}");
        if (output is not null)
            parts.Add($"answer to {CatalogueVerb.Count(output)}");
        return parts.Count > 0 ? string.Join(", ", parts) : record.Steps.Count > 1 ? "longer" : "";
    }

    public static string Text(PriceSource source) => $"{source.Url}, checked {Date(source.Checked)}";

    private static void Write(TextWriter output, PriceRecord record)
    {
        output.WriteLine($"  {"price",-10} {Conditions(record)}   {record.Version}");
        for (var i = 0; i < record.Steps.Count; i++)
        {
            var lengths = Lengths(record, i);
            var rates = record.Steps[i].Rates;
            var words = Meters.All.Where(meter => rates.Written(meter) is not null)
                .Select(meter => $"{Meters.NameOf(meter)} {RateText.Of(meter, rates.Written(meter)!.Value)}{(Meters.IsPerCall(meter) ? " each" : "")}");
            output.WriteLine($"             {(lengths.Length > 0 ? lengths + ": " : "")}{string.Join(", ", words)}");
        }

        output.WriteLine($"             {Text(record.Source)}");
    }

    private static string Hours(PriceSchedule schedule)
    {
        var days = Enumerable.Range(0, 7).Where(day => (schedule.Days & (1 << day)) != 0).Select(day => ((DayOfWeek)day).ToString()[..3]);
        var spans = schedule.Hours.Select(span => string.Create(CultureInfo.InvariantCulture, $"{span.FromMinute / 60:00}:{span.FromMinute % 60:00}-{span.ToMinute / 60:00}:{span.ToMinute % 60:00}"));
        return $"{string.Join(' ', days)} {string.Join(' ', spans)} {schedule.Zone.Id}{(schedule.WithoutHolidays is { } calendar ? $", not on holidays of {calendar.Name}" : "")}";
    }

    private static string Time(DateTimeOffset time) => time.ToString("yyyy-MM-dd HH:mm zzz", CultureInfo.InvariantCulture);

    private static string Date(DateOnly? date) => date?.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) ?? "?";

    private static string Flag(bool? value) => value switch { true => "yes", false => "no", null => "?" };
}
