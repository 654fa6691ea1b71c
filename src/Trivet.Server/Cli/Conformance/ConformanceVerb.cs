using System.CommandLine;
using Trivet.Core.Limits;
using Trivet.Server.Conformance;
using Trivet.Server.Conformance.Features;
using Trivet.Server.Conformance.Oracle;

namespace Trivet.Server.Cli.Conformance;

/// <summary><c>trivet conformance</c>: every feature in every client protocol over every upstream protocol, judged by what both ends saw.</summary>
internal static class ConformanceVerb
{
    private static readonly Option<string?> Upstream = new("--upstream") { Description = "Try a real upstream of the configuration instead of the sandbox; wants --model and --budget", HelpName = "NAME" };
    private static readonly Option<string?> Model = new("--model") { Description = "The model to ask there", HelpName = "M" };
    private static readonly Option<string?> BudgetOption = new("--budget") { Description = "The most that it may cost, such as 0.50USD", HelpName = "MONEY" };
    private static readonly Option<string?> Only = new("--only") { Description = "Only the features whose group or name holds this", HelpName = "TEXT" };
    private static readonly Option<string?> Out = new("--out") { Description = "Write the tables to this file as well", HelpName = "FILE" };

    public static Command Build()
    {
        var command = new Command("conformance", "Try every feature in every client protocol over every upstream protocol") { Upstream, Model, BudgetOption, Only, Out, CommonOptions.Json };
        command.SetAction((result, stopping) => result.GetValue(Upstream) is { } name ? LiveAsync(new VerbContext(result), result, name, stopping) : SandboxAsync(new VerbContext(result), result, stopping));
        return command;
    }

    private static async Task<int> SandboxAsync(VerbContext context, ParseResult result, CancellationToken stopping)
    {
        if (result.GetValue(Model) is not null || result.GetValue(BudgetOption) is not null)
            return context.Wrong("--model and --budget are for a real upstream, by --upstream NAME. The sandbox costs nothing.");
        if (Chosen(AllFeatures.WithGateways, result) is not { Count: > 0 } features)
            return context.Wrong($"No feature has '{result.GetValue(Only)}' in its name.");
        await using var lab = await ConformanceLab.StartAsync(stopping);
        using var run = new ConformanceRun(lab.Ends, lab.Sandbox!);
        return await TellAsync(context, result, await run.RunAsync(ConformanceRun.Plan(features, ConformanceLab.Protocols, ConformanceLab.Protocols), stopping), stopping);
    }

    private static async Task<int> LiveAsync(VerbContext context, ParseResult result, string name, CancellationToken stopping)
    {
        if (result.GetValue(Model) is not { } model || !Budget.TryParse(result.GetValue(BudgetOption), out var budget) || budget.Window != BudgetWindow.Total)
            return context.Wrong("--upstream wants --model M and --budget such as 0.50USD: what is tried there costs money.");
        if (Chosen(LiveFeatures.All, result) is not { Count: > 0 } features)
            return context.Wrong($"No feature has '{result.GetValue(Only)}' in its name.");
        if (!context.TryReadConfig(out var config))
            return Exit.Wrong;
        if (config.Upstreams.FirstOrDefault(upstream => upstream.Name == name) is not { } upstream)
            return context.Wrong($"There is no upstream '{name}'; there are {string.Join(", ", config.Upstreams.Select(u => u.Name))}.");
        if (upstream.PriceFor(model)?.Currency is { } currency && currency != budget.Currency)
            return context.Wrong($"The upstream's prices are in {currency}: a budget in {budget.Currency} cannot be kept.");

        await using var lab = await ConformanceLab.StartAsync(upstream, model, stopping);
        using var run = new LiveRun(lab.Ends, model, (decimal)budget.AmountNano / Budget.NanoPerUnit);
        var spoken = ConformanceLab.Protocols.Where(client => upstream.Endpoints.Any(endpoint => ConformanceLab.Is(client, endpoint))).ToList();
        var code = await TellAsync(context, result, await run.RunAsync(ConformanceRun.Plan(features, ConformanceLab.Protocols, spoken), stopping), stopping);
        await context.Error.WriteLineAsync(string.Create(System.Globalization.CultureInfo.InvariantCulture, $"It cost about {run.Spent:0.######} {budget.Currency}."));
        return run.Ended is { } why ? context.No(why) : code;
    }

    private static List<Feature> Chosen(IReadOnlyList<Feature> all, ParseResult result) =>
        [.. all.Where(feature => $"{feature.Group} / {feature.Name}".Contains(result.GetValue(Only) ?? "", StringComparison.OrdinalIgnoreCase))];

    private static async Task<int> TellAsync(VerbContext context, ParseResult result, IReadOnlyList<CellResult> results, CancellationToken stopping)
    {
        if (result.GetValue(Out) is { } path)
            await File.WriteAllTextAsync(path, ConformanceReport.Markdown(results), stopping);
        if (context.Json)
            Print(context.Output, results);
        else
            await context.Output.WriteAsync(ConformanceReport.Markdown(results));
        return results.Any(r => r.Finding.Verdict == Verdict.Wrong) ? Exit.No : Exit.Done;
    }

    private static void Print(TextWriter output, IReadOnlyList<CellResult> results) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartObject("counts");
        foreach (var (verdict, count) in ConformanceReport.Counts(results))
            json.WriteNumber(ConformanceReport.Name(verdict).Replace(' ', '_'), count);
        json.WriteEndObject();
        json.WriteStartArray("cells");
        foreach (var (cell, finding) in results.Where(r => r.Finding.Verdict != Verdict.Unsayable))
        {
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
