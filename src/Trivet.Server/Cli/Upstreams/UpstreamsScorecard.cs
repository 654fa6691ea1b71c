using System.CommandLine;
using Trivet.Core.Admin.Upstreams;

namespace Trivet.Server.Cli.Upstreams;

/// <summary><c>trivet upstreams scorecard</c>: what has been measured of each offering and credential, from the books that a running server keeps.</summary>
internal static class UpstreamsScorecard
{
    public static Command Build()
    {
        var name = new Argument<string?>("NAME") { Description = "One upstream, in detail (default: all)", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();
        var command = new Command("scorecard", "Show what traffic has shown of quality, stability and cost, and how sure that is") { name, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var wanted = result.GetValue(name);
            return await context.WithDatabaseAsync(
                async database =>
                {
                    var reports = await new ScorecardAdmin(database.Scorecards, context.Time).ReadAsync(wanted, stopping);
                    if (reports.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => ScorecardJson.Write(json, reports.Value));
                    if (reports.Value.Count == 0)
                        return context.No(wanted is null ? "Nothing has been measured yet: a server writes its scorecards a quarter of a minute after the first request." : $"Nothing has been measured of {wanted} in the last 30 days.");
                    ScorecardText.Write(context.Output, reports.Value, isDetailed: wanted is not null);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }
}
