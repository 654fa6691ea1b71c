using System.CommandLine;
using Trivet.Server.Conformance;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Oracle;

namespace Trivet.Server.Cli;

/// <summary><c>trivet conformance</c>: every feature in every client protocol over every upstream protocol, judged by what both ends saw.</summary>
internal static class ConformanceVerb
{
    public static Command Build()
    {
        var only = new Option<string?>("--only") { Description = "Only the features whose group or name holds this", HelpName = "TEXT" };
        var file = new Option<string?>("--out") { Description = "Write the tables to this file as well", HelpName = "FILE" };
        var command = new Command("conformance", "Try every feature in every client protocol over every upstream protocol, against the sandbox") { only, file, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var wanted = result.GetValue(only) ?? "";
            var features = AllFeatures.All.Where(f => $"{f.Group} / {f.Name}".Contains(wanted, StringComparison.OrdinalIgnoreCase)).ToList();
            if (features.Count == 0)
                return context.Wrong($"No feature has '{wanted}' in its name.");
            await using var lab = await ConformanceLab.StartAsync(stopping);
            using var run = new ConformanceRun(lab.Ends);
            var results = await run.RunAsync(ConformanceRun.Plan(features, ConformanceLab.Protocols), stopping);
            if (result.GetValue(file) is { } path)
                await File.WriteAllTextAsync(path, ConformanceReport.Markdown(results), stopping);
            if (context.Json)
                Print(context.Output, results);
            else
                await context.Output.WriteAsync(ConformanceReport.Markdown(results));
            return results.Any(r => r.Finding.Verdict == Verdict.Wrong) ? Exit.No : Exit.Done;
        });
        return command;
    }

    private static void Print(TextWriter output, IReadOnlyList<CellResult> results) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("counts");
        foreach (var (verdict, count) in ConformanceReport.Counts(results))
            json.WriteNumber(ConformanceReport.Name(verdict).Replace(' ', '_'), count);
        json.WriteEndObject();
        json.WriteStartArray("cells");
        foreach (var (cell, finding) in results)
        {
            if (finding.Verdict == Verdict.Unsayable)
                continue;
            json.WriteStartObject();
            json.WriteString("group", cell.Feature.Group);
            json.WriteString("feature", cell.Feature.Name);
            json.WriteString("client", cell.Client.Name);
            json.WriteString("upstream", cell.Upstream.Name);
            json.WriteBoolean("stream", cell.Stream);
            json.WriteString("verdict", ConformanceReport.Name(finding.Verdict).Replace(' ', '_'));
            json.WriteString("note", finding.Note);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });
}
