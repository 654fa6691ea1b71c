using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Audits;

namespace Trivet.Server.Cli.Audits;

/// <summary>An audit's report for people: what a buyer can send to a seller.</summary>
internal static class AuditText
{
    public static void Write(TextWriter output, AuditReport report, string kept)
    {
        var seconds = (report.FinishedMs - report.StartedMs) / 1000.0;
        output.WriteLine($"Audit of {report.Observed}{(report.Reference is { } reference ? $" against {reference}" : report.PastSinceMs is { } since ? $" against its own past of {Date(since)}" : "")}");
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{DateTimeOffset.FromUnixTimeMilliseconds(report.StartedMs):yyyy-MM-dd HH:mm} UTC, {report.Requests} requests in {seconds:0.0} s ({report.Failures} without an answer), {MoneyText.Amount(report.SpentNano)} of {MoneyText.Format(report.BudgetNano, report.Currency)} spent, seed {report.Seed}"));
        if (report.IsPriceAssumed)
            output.WriteLine("No price is known: the budget was kept by assumed prices, high on purpose.");
        output.WriteLine();
        foreach (var finding in report.Findings.OrderByDescending(finding => finding.Verdict is AuditVerdict.Problem or AuditVerdict.Changed))
        {
            output.WriteLine($"{Mark(finding.Verdict),-8} {finding.Test,-24} {Numbers(finding)}".TrimEnd());
            output.WriteLine($"         {finding.Sentence}");
        }

        output.WriteLine();
        var problems = report.Findings.Where(finding => finding.Verdict == AuditVerdict.Problem).Select(finding => finding.Test).ToList();
        if (report is { HasChange: true, PastSinceMs: { } past })
            output.WriteLine($"It has changed since {Date(past)}. A new version, another template and another model look alike here: --against the vendor itself tells them apart. To hold it against what it is now: --enrol.");
        output.WriteLine(problems.Count == 0
            ? $"{(report.HasChange ? "Nothing else" : "Nothing")} was found. What these tests cannot see: docs/audits.md."
            : $"Evidence of {problems.Count} {(problems.Count == 1 ? "problem" : "problems")}: {string.Join(", ", problems)}.");
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"False alarms: an honest upstream gets a report with any problem in it at most {report.FalseAlarmRate:0.###%} of the time."));
        output.WriteLine($"All requests and answers: {kept}");
    }

    private static string Mark(AuditVerdict verdict) => verdict == AuditVerdict.Problem ? "PROBLEM" : verdict == AuditVerdict.Changed ? "CHANGED" : AuditJson.Word(verdict).Replace('_', ' ');

    private static string Date(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

    private static string Numbers(AuditFinding finding)
    {
        var parts = new List<string>();
        if (finding.Answers > 0)
            parts.Add($"n = {finding.Answers}");
        if (finding.Value is { } value)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"{finding.Statistic} = {value:0.####}"));
        if (finding.PValue is { } p)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"p = {p:0.#####}{Needs(finding, "≤", 1)}"));
        if (finding.EValue is { } e)
            parts.Add(string.Create(CultureInfo.InvariantCulture, $"e = {e:0.#}{Needs(finding, "≥", -1)}"));
        return string.Join(", ", parts);
    }

    private static string Needs(AuditFinding finding, string sign, int power) =>
        finding.Threshold is { } threshold ? string.Create(CultureInfo.InvariantCulture, $" (convicts at {sign} {Math.Pow(threshold, power):0.#####})") : "";
}
