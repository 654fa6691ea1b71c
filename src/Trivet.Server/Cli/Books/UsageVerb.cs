using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Relay.Metering;

namespace Trivet.Server.Cli.Books;

/// <summary><c>trivet usage</c>: attempts, tokens by kind and money (what it cost, what was billed), from the books.</summary>
internal static class UsageVerb
{
    public static Command Build()
    {
        var since = new Option<string?>("--since") { Description = "From when on: 24h, 7d, 2026-11-01 or an RFC 3339 time (default: all)", HelpName = "TIME" };
        var by = new Option<string>("--by") { Description = "What is added up", DefaultValueFactory = _ => "model" };
        by.AcceptOnlyFromAmong("key", "model", "upstream", "day", "hour", "organisation", "team", "route");
        var organisation = new Option<string?>("--org") { Description = "One organisation only", HelpName = "O" };
        var command = new Command("usage", "Show attempts, tokens by kind and money") { since, by, organisation, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var from = DateTimeOffset.UnixEpoch;
            if (result.GetValue(since) is { } text && !TimeText.TryParseSince(text, context.Time.GetUtcNow(), out from))
                return context.Wrong($"--since {text}: write {TimeText.Forms}.");
            var query = new UsageQuery { SinceMs = from.ToUnixTimeMilliseconds(), By = Enum.Parse<UsageGroup>(result.GetRequiredValue(by), ignoreCase: true), Organisation = result.GetValue(organisation) };
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Exit.Wrong;
            var plans = PlanFee.Of(config.Upstreams, result.GetValue(since) is null ? null : from, context.Time.GetUtcNow());
            return await context.WithDatabaseAsync(
                async database =>
                {
                    var report = await new UsageAdmin(database.Usage, database.Keys).ReportAsync(query, stopping);
                    if (report.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => WriteJson(json, report.Value, plans));
                    Print(context.Output, report.Value);
                    PrintPlans(context.Output, plans);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    internal static void Print(TextWriter output, UsageReport report)
    {
        if (report.Lines.Count == 0)
        {
            output.WriteLine("Nothing is booked in that time.");
            return;
        }

        var table = new TextTable(report.Query.By.ToString().ToUpperInvariant(), ">ATTEMPTS", ">FAILED", ">INPUT", ">CACHE READ", ">CACHE WRITE", ">OUTPUT", ">REASONING", ">COST", ">BILLED", ">MARGIN");
        foreach (var line in report.Lines)
            AddRow(table, line, report.NameOf(line));
        if (report.Lines.Count > 1)
        {
            foreach (var total in report.Totals)
                AddRow(table, total, "total");
        }

        table.Write(output);
        if (report.Lines.Sum(line => line.Estimated) is > 0 and var estimated)
            output.WriteLine($"~ holds estimates: the upstream did not report the tokens of {Count(estimated)} attempts.");
        if (report.Lines.Sum(line => line.Unpriced) is > 0 and var unpriced)
            output.WriteLine($"? holds attempts without a known price, which is not free: {Count(unpriced)} of them. Give the upstream a 'price:' to have them counted.");
    }

    // A plan's requests cost nothing by themselves; what its fee comes to stands beside the sums, not in them.
    private static void PrintPlans(TextWriter output, IReadOnlyList<PlanFee> plans)
    {
        foreach (var plan in plans)
        {
            var share = plan.ShareNano is { } nano ? $", {MoneyText.Format(nano, plan.Currency)} for this time" : "";
            output.WriteLine($"{plan.Upstream} is paid by a plan: {MoneyText.Format(plan.FeeNano, plan.Currency)} a month{share}.");
        }
    }

    private static void AddRow(TextTable table, UsageLine line, string name)
    {
        var mark = line.Estimated > 0 ? "~" : "";
        var cost = line.Unpriced == line.Attempts ? "?" : MoneyText.Format(line.CostNano, line.Currency) + (line.Unpriced > 0 ? " + ?" : "");
        table.Add(
            name, Count(line.Attempts), Count(line.Failed), mark + Count(line.InputUncachedTokens), Count(line.InputCacheReadTokens),
            Count(line.InputCacheWrite5mTokens + line.InputCacheWrite1hTokens), mark + Count(line.OutputTextTokens), Count(line.OutputReasoningTokens), cost,
            MoneyText.Format(line.ChargedNano, line.Currency), MoneyText.Format(line.MarginNano, line.Currency) + (line.Unpriced > 0 ? " + ?" : ""));
    }

    private static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture);

    private static void WriteJson(Utf8JsonWriter json, UsageReport report, IReadOnlyList<PlanFee> plans)
    {
        json.WriteStartObject();
        json.WriteNumber("since_ms", report.Query.SinceMs);
        json.WriteString("by", report.Query.By.ToString().ToLowerInvariant());
        json.WriteStartArray("lines");
        foreach (var line in report.Lines)
            WriteLine(json, line, line.Group, report.KeyNames.GetValueOrDefault(line.Group));
        json.WriteEndArray();
        json.WriteStartArray("totals");
        foreach (var total in report.Totals)
            WriteLine(json, total, null, null);
        json.WriteEndArray();
        json.WriteStartArray("plans");
        foreach (var plan in plans)
        {
            json.WriteStartObject();
            json.WriteString("upstream", plan.Upstream);
            json.WriteString("currency", plan.Currency);
            json.WriteNumber("fee_nano", plan.FeeNano);
            json.WriteNumberOrNull("share_nano", plan.ShareNano);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteLine(Utf8JsonWriter json, UsageLine line, string? group, string? keyName)
    {
        json.WriteStartObject();
        if (group is not null)
            json.WriteString("group", group);
        if (keyName is not null)
            json.WriteString("key_name", keyName);
        json.WriteNumber("attempts", line.Attempts);
        json.WriteNumber("failed", line.Failed);
        json.WriteNumber("estimated", line.Estimated);
        json.WriteNumber("unpriced", line.Unpriced);
        json.WriteNumber("input_uncached_tokens", line.InputUncachedTokens);
        json.WriteNumber("input_cache_read_tokens", line.InputCacheReadTokens);
        json.WriteNumber("input_cache_write_5m_tokens", line.InputCacheWrite5mTokens);
        json.WriteNumber("input_cache_write_1h_tokens", line.InputCacheWrite1hTokens);
        json.WriteNumber("output_text_tokens", line.OutputTextTokens);
        json.WriteNumber("output_reasoning_tokens", line.OutputReasoningTokens);
        json.WriteNumber("cost_nano", line.CostNano);
        json.WriteNumber("charged_nano", line.ChargedNano);
        json.WriteNumber("margin_nano", line.MarginNano);
        json.WriteString("currency", line.Currency);
        json.WriteNumber("listed", line.Listed);
        json.WriteNumber("list_nano", line.ListNano);
        json.WriteEndObject();
    }
}
