using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Measure;
using Trivet.Benchmarks.Parties;

namespace Trivet.Benchmarks.Faults;

/// <summary>The scorecard: a line for each case over all pairs, then every cell that fails, with the reason.</summary>
internal static class FaultReport
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Print(FaultProfile profile, IReadOnlyList<FaultFinding> findings, TimeSpan elapsed)
    {
        Console.WriteLine($"{"case",-6}{"",-50}{"cells",6}{"pass",6}{"whole",7}{"error",7}{"tries",8}{"gap s",14}{"answered s",14}");
        foreach (var group in findings.GroupBy(f => f.Cell.Case))
        {
            var views = group.SelectMany(f => f.Evidence.Views).ToList();
            Console.WriteLine(
                $"{group.Key.Id,-6}{group.Key.Title,-50}{group.Count(),6}{group.Count(f => f.Passes),6}{views.Count(v => v.Outcome == Outcome.Whole),7}{views.Count(v => v.Outcome == Outcome.ClearError),7}" +
                $"{Range(group.Select(f => (double)f.Evidence.Tries), "0"),8}{Range(group.SelectMany(f => f.Evidence.GapsS), "0.00"),14}{Range(views.Select(v => v.Reply.TotalMs / 1000), "0.00"),14}");
        }
        foreach (var finding in findings.Where(f => !f.Passes))
            Console.WriteLine($"FAILED  {finding.Cell} ({finding.Cell.Route}): {string.Join("; ", finding.Wrong)}");
        Console.WriteLine($"{findings.Count(f => f.Passes)} of {findings.Count} cells pass, {profile.Name} profile, {elapsed.TotalSeconds:0} s");
    }

    public static string Json(FaultProfile profile, IReadOnlyList<FaultFinding> findings) => JsonSerializer.Serialize(
        new
        {
            Profile = profile.Name,
            Cells = findings.Select(f => new
            {
                Case = f.Cell.Case.Id,
                f.Cell.Client,
                f.Cell.Upstream,
                f.Cell.Stream,
                f.Passes,
                f.Wrong,
                Requests = f.Evidence.Views.Select(v => new { v.Reply.RequestId, Outcome = v.Outcome.ToString(), v.Why, v.Reply.Status, FirstContentMs = Math.Round(v.Reply.FirstContentMs), TotalMs = Math.Round(v.Reply.TotalMs), v.Heard?.Model, Body = f.Passes ? null : v.Reply.Text }),
                Primary = f.Evidence.Primary.Select(Try),
                Fallback = f.Evidence.Fallback.Select(Try),
                Gaps = f.Evidence.GapsS,
                f.Evidence.PrimaryBooks,
                f.Evidence.FallbackBooks,
            }),
        },
        Indented);

    private static object Try(Served served) => new { served.Time, served.Model, served.Status, served.IsComplete, served.TokensSent, served.Error, served.HungUp };

    private static string Range(IEnumerable<double> values, string format) => Spread.Of(values) is not { } spread ? ""
        : spread.Min.ToString(format, CultureInfo.InvariantCulture) is var min && spread.Max.ToString(format, CultureInfo.InvariantCulture) is var max && min == max ? min : $"{min}–{max}";
}
