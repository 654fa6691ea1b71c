using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Relay.Metering;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>Usage: attempts, tokens and money, by whom, for what and over time.</summary>
internal static class UsageEndpoints
{
    private const string Tag = "Usage";

    private static readonly (string Name, string Meaning)[] Filters =
    [
        ("since", "From when on: " + TimeText.Forms + "."), ("until", "Before when."), ("by", "What is added up by: key, model, upstream, organisation, team, route, day, hour."), ("step", "hour or day: each group over time."), ("org", "Organisation."),
        ("team", "Team; - for none."), ("key", "A key's id."), ("route", "A route's model name."), ("model", "An upstream's model."), ("upstream", "An upstream."),
        ("maker", "Who makes the model, wherever it is hosted, as the catalogue names vendors: anthropic, alibaba, zhipu."),
    ];

    public static void MapUsage(this RouteGroupBuilder api)
    {
        api.MapGet("/usage", ReportAsync).Tells<UsageAnswer>(AdminAccess.Read, Tag, "getUsage", "Sums over attempts, exact to the attempt; one line per group, step and currency.", Filters);
        api.MapGet("/usage.csv", ExportAsync).Tells<string>(AdminAccess.Read, Tag, "exportUsage", "The same as CSV.", Filters);
    }

    private static async Task<IResult> ReportAsync(HttpContext context, UsageAdmin usage)
    {
        var (report, problem) = await AskAsync(context, usage);
        return report is null ? problem! : TypedResults.Ok(UsageAnswer.Of(report));
    }

    private static async Task<IResult> ExportAsync(HttpContext context, UsageAdmin usage)
    {
        var (report, problem) = await AskAsync(context, usage);
        if (report is null)
            return problem!;
        return CsvFile.Of("usage.csv", async stream =>
        {
            await new CsvExport(stream).WriteAsync(report, context.RequestAborted);
            return null;
        });
    }

    private static async Task<(UsageReport? Report, IResult? Problem)> AskAsync(HttpContext context, UsageAdmin usage)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return (null, AdminProblems.Bad(unknown));
        if (!AdminApi.Question(context).TryReadUsage(out var query, out var problem))
            return (null, AdminProblems.Bad(problem));
        var report = await usage.ReportAsync(query, context.RequestAborted);
        return report.Fault is { } fault ? (null, AdminProblems.Of(fault)) : (report.Value, null);
    }
}

/// <summary>An answer of the books.</summary>
internal sealed record UsageAnswer(UsageGroup By, DateTimeOffset Since, DateTimeOffset? Until, IReadOnlyList<UsageLineView> Lines, IReadOnlyList<UsageLineView> Totals)
{
    public static UsageAnswer Of(UsageReport report) => new(
        report.Query.By, Times.At(report.Query.SinceMs), Times.At(report.Query.UntilMs), [.. report.Lines.Select(line => UsageLineView.Of(line, report.KeyNames.GetValueOrDefault(line.Group)))],
        [.. report.Totals.Select(line => UsageLineView.Of(line, null))]);
}

/// <summary>Sums of a group. Money is nano-units of the line's currency; attempts without a known price are counted in <c>unpriced</c> and are in no sum of money.</summary>
internal sealed record UsageLineView(
    string Group, string? KeyName, DateTimeOffset? Start, string Currency, long Attempts, long Failed, long Estimated, long Unpriced, long InputUncachedTokens, long InputCacheReadTokens, long InputCacheWrite5mTokens, long InputCacheWrite1hTokens,
    long OutputTextTokens, long OutputReasoningTokens, long CostNano, long BilledNano, long MarginNano, long Listed, long ListNano)
{
    public static UsageLineView Of(UsageLine line, string? keyName) => new(
        line.Group, keyName, Times.At(line.StartMs), line.Currency, line.Attempts, line.Failed, line.Estimated, line.Unpriced, line.InputUncachedTokens, line.InputCacheReadTokens, line.InputCacheWrite5mTokens, line.InputCacheWrite1hTokens,
        line.OutputTextTokens, line.OutputReasoningTokens, line.CostNano, line.ChargedNano, line.MarginNano, line.Listed, line.ListNano);
}
