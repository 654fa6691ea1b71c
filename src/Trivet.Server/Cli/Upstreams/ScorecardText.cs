using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Upstreams;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;

namespace Trivet.Server.Cli.Upstreams;

/// <summary>Scorecards for people: one line each, and under it what needs a look. An interval stands behind its figure, nothing measured is a dash.</summary>
internal static class ScorecardText
{
    private const double FewMs = 1_000;

    public static void Write(TextWriter output, IReadOnlyList<ScorecardReport> reports, bool isDetailed)
    {
        var offerings = reports.Where(static report => report.Subject.Kind == ScoreSubjectKind.Offering).ToList();
        if (offerings.Count > 0)
            WriteOfferings(output, offerings);
        var credentials = reports.Where(static report => report.Subject.Kind == ScoreSubjectKind.Credential).ToList();
        if (credentials.Count > 0)
            WriteCredentials(output, credentials);
        foreach (var report in reports)
        {
            if (report.Card.Warning is { } warning)
                output.WriteLine($"{report.Subject.Id}: {warning}");
        }

        if (!isDetailed)
            return;
        foreach (var report in offerings)
            WriteDetails(output, report.Card);
    }

    private static void WriteOfferings(TextWriter output, List<ScorecardReport> reports)
    {
        var table = new TextTable("OFFERING", ">STABILITY %", ">QUALITY %", ">COST % OF LIST", ">FIRST CONTENT s", ">TOKENS/s", ">CACHED %", ">BURN 1h", ">ATTEMPTS", "LAST", "STANDING");
        foreach (var (card, id) in reports.Select(static report => (report.Card, report.Subject.Id)))
        {
            table.Add(
                id, Interval(card.StabilityPercent, 1), Interval(card.QualityPercent, 1), Interval(card.CostPercent, 1), FirstContent(card), Number(card.OutputTokensPerSecond.Value, 0),
                Number(card.CacheShare.Value * 100, 1), Number(Burn(card, BurnWindow.Hour), 1), Number(card.StabilityPercent.Weight, 0), Age(card, Math.Max(card.StabilityPercent.LastMs, card.Availability.LastMs)), Standing(card));
        }

        table.Write(output);
    }

    private static void WriteCredentials(TextWriter output, List<ScorecardReport> reports)
    {
        output.WriteLine();
        var table = new TextTable("CREDENTIAL", ">ANSWERED %", ">LIMITED (429) %", ">REFUSED (401-403) %", ">ATTEMPTS", "LAST");
        foreach (var (card, id) in reports.Select(static report => (report.Card, report.Subject.Id)))
        {
            table.Add(
                id, Percent(card.Availability), Percent(card.LimitedShare), Percent(card.RefusedShare), Number(card.StabilityPercent.Weight, 0), Age(card, card.StabilityPercent.LastMs));
        }

        table.Write(output);
    }

    private static void WriteDetails(TextWriter output, ScorecardSnapshot card)
    {
        output.WriteLine();
        output.WriteLine(card.Subject);
        var table = new TextTable("figure", "value");
        Add("answered", Percent(card.Availability), "% of attempts that it could answer");
        Add("broken off", Percent(card.AbortShare), "% of answers that had begun");
        Add("limited (429)", Percent(card.LimitedShare), "% of attempts");
        Add("refused (401-403)", Percent(card.RefusedShare), "% of attempts");
        Add("late", Percent(card.SlowShare), "% far slower than usual, or overdue");
        foreach (var line in card.FirstContent)
            Add($"first content, {(line.IsStream ? "stream" : "whole")}, {Lengths(line)}", $"{Seconds(line.MedianMs)} s, 95 %: {Seconds(line.P95Ms)} s", $"of {Number(line.MedianMs.Weight, 0)}");
        Add("speed", Interval(card.OutputTokensPerSecond, 1), "tokens/s");
        Add("pace", Interval(card.Pace, 2), card.HasOtherPace ? "of usual: another pace" : "of usual");
        foreach (var line in card.Burn)
            Add($"burn {Window(line.Window)}", Number(line.Rate, 2), $"times the budget of errors ({(1 - Scorecard.TargetAvailability) * 100:0.#} %), of {Number(line.Weight, 0)} attempts");
        if (card.NanoPerMillionTokens.IsKnown)
            Add("price on this traffic", $"{MoneyText.Format((long)card.NanoPerMillionTokens.Value, card.Currency)}", "per million tokens, input and output together");
        Add("price", Interval(card.CostPercent, 1), "% of the list, for what was served");
        Add("cached input", Percent(card.CacheShare), "% of input tokens");
        Add("spent on failures", Percent(card.WastedShare), "% of the money");
        Add("answers checked", $"{Number(card.Checked.Free, 0)}", $"of them {Number(card.Checked.Whole, 0)} by all checks");
        foreach (var line in card.Checks)
            Add($"found: {CheckKinds.Word(line.Kind).Replace('_', ' ')}", Number(line.Answers, 1), CheckKinds.IsFault(line.Kind) ? "answers" : "answers (noted only)");
        table.WriteRows(output, "  ");

        void Add(string figure, string value, string unit) => table.Add(figure, value == "-" ? value : $"{value} {unit}");
    }

    private static string FirstContent(ScorecardSnapshot card)
    {
        var most = card.FirstContent.OrderByDescending(static line => line.IsStream).ThenByDescending(static line => line.MedianMs.Weight).FirstOrDefault();
        return most is null ? "-" : $"{Short(most.MedianMs.Value)} / {Short(most.P95Ms.Value)}";
    }

    private static double Burn(ScorecardSnapshot card, BurnWindow window) => card.Burn.First(line => line.Window == window).Rate;

    private static string Standing(ScorecardSnapshot card) => card.Warning is not null ? "warned" : card.Standing switch
    {
        AuditStanding.Noted => "noted",
        AuditStanding.DownWeighted => "down-weighted",
        AuditStanding.Quarantined => "quarantined",
        _ => "",
    };

    private static string Lengths(FirstContentLine line) => line.PromptTokensTo is { } to ? $"{line.PromptTokensFrom:#,0}-{to:#,0} tokens" : $"from {line.PromptTokensFrom:#,0} tokens";

    private static string Window(BurnWindow window) => window switch { BurnWindow.FiveMinutes => "5m", BurnWindow.HalfHour => "30m", BurnWindow.Hour => "1h", _ => "6h" };

    private static string Percent(in Estimate share) => Interval(share.IsKnown ? new Estimate(share.Value * 100, share.Low * 100, share.High * 100, share.Weight, share.LastMs) : share, 1);

    private static string Seconds(in Estimate ms) => $"{Short(ms.Value)} ({Short(ms.Low)}-{Short(ms.High)})";

    private static string Short(double ms) => double.IsPositiveInfinity(ms) ? "?" : Number(ms / FewMs, ms < 10 * FewMs ? 2 : 0);

    private static string Interval(in Estimate estimate, int decimals) => !estimate.IsKnown ? "-"
        : $"{Number(estimate.Value, decimals)} ({Number(estimate.Low, decimals)}-{(double.IsPositiveInfinity(estimate.High) ? "?" : Number(estimate.High, decimals))})";

    private static string Number(double value, int decimals) => double.IsNaN(value) ? "-" : value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    private static string Age(ScorecardSnapshot card, long lastMs)
    {
        if (lastMs == 0)
            return "-";
        var age = TimeSpan.FromMilliseconds(Math.Max(card.AtMs - lastMs, 0));
        return age.TotalMinutes < 2 ? $"{age.TotalSeconds:0} s ago" : age.TotalHours < 2 ? $"{age.TotalMinutes:0} min ago" : age.TotalDays < 2 ? $"{age.TotalHours:0} h ago" : $"{age.TotalDays:0} d ago";
    }
}
