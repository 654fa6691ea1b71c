using System.CommandLine;
using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Audits.Rounds;

namespace Trivet.Server.Cli.Audits;

/// <summary><c>trivet audits standings|list|show</c>: what the running server's audits have found, and what that rests on.</summary>
internal static class AuditsVerb
{
    public static Command Build() => new("audits", "Show what the server's own audits have found, and the evidence") { Standings(), List(), Show(), AuditItemsVerb.Build() };

    private static Command Standings()
    {
        var command = new Command("standings", "Show how every offering stands") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var cases = await new AuditAdmin(database.Audits).CasesAsync(stopping);
                    if (cases.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => AuditsJson.Write(json, cases.Value));
                    if (cases.Value.Count == 0)
                    {
                        context.Output.WriteLine("Nothing has been audited. 'audits: { enabled: true }' in the configuration turns audits on; 'trivet audit UPSTREAM' makes one now.");
                        return Exit.Done;
                    }

                    var table = new TextTable("OFFERING", "STANDS", "SINCE (UTC)", ">AUDITS", ">EVIDENCE", "AGAINST", "NEXT (UTC)", "");
                    foreach (var one in cases.Value)
                    {
                        table.Add(
                            one.Offering, AuditAdmin.Word(one.Standing), Time(one.StandingSinceMs), one.Rounds.ToString(CultureInfo.InvariantCulture), AuditSentences.Odds(one.EValue), one.Reference ?? (one.PastSinceMs is { } since ? $"its past of {Time(since)[..10]}" : "-"), Time(one.NextMs),
                            one.Problem.Length > 0 ? one.Problem : string.Join(' ', one.Accusing));
                    }

                    table.Write(context.Output);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command List()
    {
        var upstream = new Option<string?>("--upstream") { Description = "Of one upstream only", HelpName = "NAME" };
        var problems = new Option<bool>("--problems") { Description = "Only those that found something" };
        var limit = new Option<int>("--limit") { Description = "How many at most", DefaultValueFactory = _ => 50, HelpName = "N" };
        var after = new Option<string?>("--after") { Description = "Older than the audit of this id", HelpName = "ID" };
        var command = new Command("list", "Show audits, the newest first") { upstream, problems, limit, after, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            var query = new AuditQuery { Upstream = result.GetValue(upstream), OnlyProblems = result.GetValue(problems), Limit = result.GetValue(limit), After = result.GetValue(after) };
            return context.WithDatabaseAsync(
                async database =>
                {
                    var audits = await new AuditAdmin(database.Audits).ListAsync(query, stopping);
                    if (audits.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => AuditsJson.Write(json, audits.Value));
                    var table = new TextTable("WHEN (UTC)", "ID", "OFFERING", ">REQUESTS", ">COST", "STOOD", "WHAT");
                    foreach (var audit in audits.Value)
                    {
                        var report = audit.Report;
                        table.Add(
                            Time(report.StartedMs), audit.Id, report.Observed, report.Requests.ToString(CultureInfo.InvariantCulture), MoneyText.Format(report.SpentNano, report.Currency), AuditAdmin.Word(audit.Standing),
                            Short(audit.Sentence));
                    }

                    table.Write(context.Output);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("ID") { Description = "Of an audit, from 'trivet audits list'" }.RefusingOptions();
        var command = new Command("show", "Show what an audit rests on: every test with its statistic, and the answers of both sides") { id, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Task.FromResult(Exit.Wrong);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var page = await new AuditAdmin(database.Audits).PageAsync(result.GetRequiredValue(id), config.Audits, stopping);
                    if (page.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => AuditsJson.Write(json, page.Value));
                    Print(context.Output, page.Value);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static void Print(TextWriter output, EvidencePage page)
    {
        var report = page.Audit.Report;
        output.WriteLine($"{report.Observed}, audited at {Time(report.StartedMs)} UTC {(report.Reference is { } reference ? $"against {reference}" : "without a reference")}: {AuditAdmin.Word(page.Audit.Standing)}");
        output.WriteLine(page.Audit.Sentence);
        output.WriteLine($"{report.Requests} requests, {MoneyText.Format(report.SpentNano, report.Currency)} of {MoneyText.Format(report.BudgetNano, report.Currency)}{(report.IsCutShort ? "; cut short" : "")}. Seed {report.Seed}.");
        if (page.QuarantineFrom is { } from)
            output.WriteLine($"An offering that alone is accused goes into quarantine from {AuditSentences.Odds(from)} on.");
        output.WriteLine();
        var table = new TextTable("TEST", ">ANSWERS", ">THIS AUDIT", ">ALL AUDITS", ">P-VALUE", "FOUND");
        foreach (var (finding, soFar, _) in page.Tests)
        {
            table.Add(
                finding.Test, finding.Answers.ToString(CultureInfo.InvariantCulture), finding.Evidence is { } e ? AuditSentences.Odds(e) : "-", soFar is { } all ? AuditSentences.Odds(all) : "-",
                finding.PValue is { } p ? p.ToString("0.####", CultureInfo.InvariantCulture) : "-", finding.Sentence);
        }

        table.Write(output);
        output.WriteLine();
        output.WriteLine(page.HasExchanges ? "Every question with its answers: --json." : "Its questions and answers are no longer kept: it found nothing.");
    }

    private static string Short(string text) => text.Length <= 100 ? text : text[..99] + "…";

    private static string Time(long ms) => ms == 0 ? "-" : DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
}
