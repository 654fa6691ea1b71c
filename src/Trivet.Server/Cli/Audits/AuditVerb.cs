using System.CommandLine;
using System.Security.Cryptography;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Enrolment;
using Trivet.Core.Audits.Items;
using Trivet.Core.Limits;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Sandbox;
using Trivet.Storage;

namespace Trivet.Server.Cli.Audits;

/// <summary><c>trivet audit UPSTREAM</c>: is it what it sells? One audit from the shell, with a report that can be sent to the seller.</summary>
internal static class AuditVerb
{
    private const string DefaultBudget = "0.10USD";

    public static Command Build()
    {
        var name = new Argument<string>("UPSTREAM") { Description = "The upstream to look at" }.RefusingOptions();
        var model = new Option<string?>("--model") { Description = "Its model (default: the upstream's first)", HelpName = "M" };
        var against = new Option<string?>("--against") { Description = "The upstream to hold it against, as UPSTREAM or UPSTREAM/MODEL: the vendor itself, say", HelpName = "UPSTREAM" };
        var budget = new Option<string>("--budget") { Description = "What the audit may cost, the reference's requests included", HelpName = "M", DefaultValueFactory = _ => DefaultBudget };
        var seed = new Option<int?>("--seed") { Description = "Ask the questions of an earlier audit again (default: new ones)", HelpName = "N" };
        var enrol = new Option<bool>("--enrol") { Description = "Forget what it answered earlier, and enrol what it answers now" };
        var command = new Command("audit", "Test whether an upstream is what it sells: identity, capability, billing, integrity") { name, model, against, budget, seed, enrol, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!Budget.TryParse(result.GetValue(budget), out var money) || money.Window != BudgetWindow.Total || money.AmountNano == 0)
                return context.Wrong($"'--budget' takes an amount with its currency such as {DefaultBudget}, not '{result.GetValue(budget)}'.");
            if (!context.TryReadConfig(out var config))
                return Exit.Wrong;
            config = await ConsoleMade.MergeAsync(context, config, stopping);
            await using var sandbox = BuiltInSandbox.IsWanted(config) ? await SandboxServer.StartAsync(new SandboxOptions(), stopping) : null;
            if (sandbox is not null)
                config = BuiltInSandbox.Place(config, sandbox.Address);
            var snapshot = GatewaySnapshot.Compile(config);
            var (observed, problem) = await FindAsync(context, snapshot, result.GetValue(name)!, result.GetValue(model), stopping);
            Offering? reference = null;
            if (problem is null && result.GetValue(against) is { } other)
                (reference, problem) = await FindReferenceAsync(context, snapshot, other, observed!.Model, stopping);
            if (problem is not null)
                return context.Wrong(problem);

            await using var database = await OpenBooksAsync(context, config);
            var plan = new AuditPlan(observed!, reference, money, result.GetValue(seed) ?? RandomNumberGenerator.GetInt32(1_000_000))
            {
                Items = await ItemsAsync(context, database, observed!, stopping),
                Past = database is null || result.GetValue(enrol) ? null : await PastAsync(context, database, observed!, stopping),
                KeepsPast = database is not null,
            };
            var probes = new List<AttemptRecord>();
            var audit = new UpstreamAudit(context.Time, snapshot.Prices) { Book = probes.Add };
            if (audit.Refusal(plan) is { } refusal)
                return context.Wrong(refusal);
            var report = await RunAsync(context, audit, plan, database, probes, stopping);
            if (report.Past is { } past && (await database!.AuditPasts.SaveAsync(past, CancellationToken.None)).Fault is { } lost)
                await context.Error.WriteLineAsync($"What it answers could not be kept for later audits: {lost.Message}");
            var kept = Keep(context.Options.DataPath(config), report);
            if (context.Json)
                JsonOutput.Write(context.Output, json => AuditJson.Write(json, report));
            else
                AuditText.Write(context.Output, report, kept);
            return report.Requests > 0 && report.Requests == report.Failures ? context.No($"{report.Observed} answered nothing: nothing was tested.") : report.HasProblem || report.HasChange ? Exit.No : Exit.Done;
        });
        return command;
    }

    // Null where there are no books yet: then there are no items, and nothing to book what is spent in.
    private static async Task<Database?> OpenBooksAsync(VerbContext context, GatewayConfig config)
    {
        var dataPath = context.Options.DataPath(config);
        return config.Database.Kind != DatabaseKind.Sqlite || File.Exists(Path.Combine(dataPath, DatabaseOptions.SqliteFileName)) ? await Databases.OpenAsync(config, dataPath, CancellationToken.None) : null;
    }

    private static async Task<IReadOnlyList<OwnItem>> ItemsAsync(VerbContext context, Database? database, Offering observed, CancellationToken stopping)
    {
        if (database is null)
            return [];
        var items = await database.AuditItems.ListAsync(stopping);
        if (items.Fault is { } fault)
            await context.Error.WriteLineAsync($"Your own items could not be read: {fault.Message}");
        return items.IsSuccess ? [.. items.Value.Where(item => OwnItems.IsFor(item, observed.Model))] : [];
    }

    private static async Task<EnrolledPast?> PastAsync(VerbContext context, Database database, Offering observed, CancellationToken stopping)
    {
        var past = await database.AuditPasts.FindAsync(observed.Id, stopping);
        if (past.Fault is { } fault)
            await context.Error.WriteLineAsync($"What it answered earlier could not be read: {fault.Message}");
        return past.IsSuccess ? past.Value : null;
    }

    // What was spent is booked also where the audit is broken off.
    private static async Task<AuditReport> RunAsync(VerbContext context, UpstreamAudit audit, AuditPlan plan, Database? database, List<AttemptRecord> probes, CancellationToken stopping)
    {
        try
        {
            return await audit.RunAsync(plan, stopping);
        }
        finally
        {
            if (database is not null && await ProbeBooking.CommitAsync(database.SpoolSink, probes, CancellationToken.None) is { } fault)
                await context.Error.WriteLineAsync($"What the audit cost could not be booked: {fault.Message}");
        }
    }

    private static Task<(Offering? Offering, string? Problem)> FindReferenceAsync(VerbContext context, GatewaySnapshot snapshot, string text, string model, CancellationToken stopping)
    {
        // A model's name may hold slashes, an upstream's may not.
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        return slash < 0 ? FindAsync(context, snapshot, text, model, stopping) : FindAsync(context, snapshot, text[..slash], text[(slash + 1)..], stopping);
    }

    private static async Task<(Offering? Offering, string? Problem)> FindAsync(VerbContext context, GatewaySnapshot snapshot, string name, string? model, CancellationToken stopping)
    {
        if (!snapshot.TryGetUpstream(name, out var upstream))
            return (null, $"There is no upstream {name}. There are: {string.Join(", ", snapshot.Config.Upstreams.Select(one => one.Name))}");
        model ??= await DefaultModelAsync(context, upstream, stopping);
        if (model is null)
            return (null, $"{name}: the configuration names no model, and the upstream lists none. Name one with --model.");
        return (snapshot.TryResolve($"{name}/{model}", out var route) ? route.Candidates[0] : new Offering(upstream, model), null);
    }

    private static async Task<string?> DefaultModelAsync(VerbContext context, UpstreamConfig upstream, CancellationToken stopping) =>
        upstream.Models.FirstOrDefault(one => !one.Contains('*', StringComparison.Ordinal))
        ?? (upstream.Endpoints.Count == 0 ? null : await new UpstreamProbe(context.Time).FirstModelAsync(upstream, upstream.Endpoints[0], upstream.Credentials.Count > 0 ? upstream.Credentials[0] : null, stopping));

    // The raw pairs are the evidence: kept whole, readable by the owner alone, for they hold what upstreams answered.
    private static string Keep(string dataPath, AuditReport report)
    {
        var directory = Directory.CreateDirectory(Path.Combine(dataPath, "audits"));
        var when = DateTimeOffset.FromUnixTimeMilliseconds(report.StartedMs).ToString("yyyyMMdd'T'HHmmss'Z'");
        var who = string.Concat(report.Observed.Select(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.' ? c : '_'));
        var path = Path.Combine(directory.FullName, $"{when}-{who}-{report.Seed}.json");
        File.WriteAllText(path, JsonOutput.Text(json => AuditJson.Write(json, report)));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }
}
