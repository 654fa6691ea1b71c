using System.Text;
using Trivet.Server.Conformance.Oracle;

namespace Trivet.Server.Conformance;

/// <summary>The matrix as people read it: one table per group of features, a column for each pair of protocols, and what was lost or refused below.</summary>
internal static class ConformanceReport
{
    public static string Markdown(IReadOnlyList<CellResult> results)
    {
        var text = new StringBuilder();
        Summary(text, [.. results.Where(r => !r.Cell.Feature.IsGateways)]);
        foreach (var group in results.GroupBy(r => r.Cell.Feature.Group))
        {
            text.Append('\n').Append("## ").Append(group.Key).Append("\n\n");
            Table(text, [.. group]);
            Notes(text, [.. group]);
        }

        return text.ToString();
    }

    /// <summary>How often each verdict fell, best first; what cannot be said is left out.</summary>
    public static IEnumerable<(Verdict Verdict, int Count)> Counts(IEnumerable<CellResult> results) =>
        results.Where(r => r.Finding.Verdict != Verdict.Unsayable).GroupBy(r => r.Finding.Verdict).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));

    public static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Exact => "exact",
        Verdict.Equivalent => "equivalent",
        Verdict.LossReported => "loss reported",
        Verdict.Refused => "refused",
        Verdict.Told => "told",
        Verdict.Unsayable => "unsayable",
        _ => "wrong",
    };

    private static string Sign(Verdict verdict) => verdict switch
    {
        Verdict.Exact => "=",
        Verdict.Equivalent => "≈",
        Verdict.LossReported => "−",
        Verdict.Refused => "×",
        Verdict.Told => "✓",
        Verdict.Unsayable => " ",
        _ => "**!**",
    };

    private static void Summary(StringBuilder text, IReadOnlyList<CellResult> results)
    {
        text.Append("| client → upstream |");
        foreach (var verdict in Shown)
            text.Append($" {Name(verdict)} |");
        text.Append("\n| --- |").Insert(text.Length, " ---: |", Shown.Length).Append('\n');
        foreach (var pair in results.GroupBy(r => (r.Cell.Client, r.Cell.Upstream)))
        {
            text.Append($"| {pair.Key.Client.Letter}→{pair.Key.Upstream.Letter} {pair.Key.Client.Name} → {pair.Key.Upstream.Name} |");
            foreach (var verdict in Shown)
                text.Append($" {pair.Count(r => r.Finding.Verdict == verdict)} |");
            text.Append('\n');
        }
    }

    private static readonly Verdict[] Shown = [Verdict.Exact, Verdict.Equivalent, Verdict.LossReported, Verdict.Refused, Verdict.Wrong];

    private static void Table(StringBuilder text, List<CellResult> results)
    {
        var pairs = results.Select(r => (r.Cell.Client, r.Cell.Upstream)).Distinct().ToList();
        text.Append("| |").AppendJoin('|', pairs.Select(p => $" {p.Client.Letter}→{p.Upstream.Letter} ")).Append("|\n| --- |").Insert(text.Length, " :-: |", pairs.Count).Append('\n');
        foreach (var feature in results.GroupBy(r => r.Cell.Feature.Name))
        {
            text.Append("| ").Append(feature.Key).Append(" |");
            foreach (var (client, upstream) in pairs)
                text.Append($" {Square([.. feature.Where(r => r.Cell.Client == client && r.Cell.Upstream == upstream)])} |");
            text.Append('\n');
        }
    }

    // Whole and streamed in one sign where they agree.
    private static string Square(List<CellResult> results) => string.Join('/', results.OrderBy(r => r.Cell.Stream).Select(r => Sign(r.Finding.Verdict)).Distinct()).Trim();

    private static void Notes(StringBuilder text, List<CellResult> results)
    {
        var notes = results.Where(r => r.Finding.Note.Length > 0 && r.Finding.Verdict is Verdict.LossReported or Verdict.Refused or Verdict.Wrong)
            .GroupBy(r => (r.Cell.Feature.Name, r.Finding.Verdict, Note: Plain(r)))
            .Select(g => $"| {g.Key.Name} | {string.Join(' ', g.Select(r => $"{r.Cell.Client.Letter}→{r.Cell.Upstream.Letter}").Distinct())} | {Name(g.Key.Verdict)} | {g.Key.Note} |").ToList();
        if (notes.Count > 0)
            text.Append("\n| what | where | verdict | `x-trivet-lost`, or the error |\n| --- | --- | --- | --- |\n").AppendJoin('\n', notes).Append('\n');
    }

    // Names and ids that differ from run to run say nothing.
    private static string Plain(CellResult result)
    {
        var note = result.Finding.Note.Replace("Send 'x-trivet-loss: allow' to go without it.", "", StringComparison.Ordinal).Replace($"-c{result.Cell.Number}", "", StringComparison.Ordinal).Replace('\n', ' ').Replace("|", "\\|", StringComparison.Ordinal).Trim();
        return result.Finding.Verdict == Verdict.LossReported ? $"`{note}`" : note;
    }
}
