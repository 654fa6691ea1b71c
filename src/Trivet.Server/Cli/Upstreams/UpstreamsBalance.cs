using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Accounts;

namespace Trivet.Server.Cli.Upstreams;

/// <summary><c>trivet upstreams balance</c>: what prepaid accounts hold and what is left of plans, told by the vendor or worked out from our books.</summary>
internal static class UpstreamsBalance
{
    public static Command Build()
    {
        var name = new Argument<string?>("NAME") { Description = "One upstream (default: all that are enabled and can tell)", Arity = ArgumentArity.ZeroOrOne }.RefusingOptions();
        var command = new Command("balance", "Show what prepaid accounts hold and what is left of plans") { name, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config))
                return Exit.Wrong;
            config = await ConsoleMade.MergeAsync(context, config, stopping);
            var wanted = result.GetValue(name);
            var upstreams = config.Upstreams.Where(upstream => wanted is null ? upstream.Enabled && (AccountProbe.CanAsk(upstream) || upstream.Plan is not null) : upstream.Name == wanted).ToList();
            if (upstreams.Count == 0)
            {
                return wanted is null
                    ? context.No("No upstream that is enabled has a balance or a quota to ask for.")
                    : context.Wrong($"There is no upstream {wanted}. There are: {string.Join(", ", config.Upstreams.Select(upstream => upstream.Name))}");
            }

            var probe = new AccountProbe(config.Catalogue, context.Time);
            var states = (await Task.WhenAll(upstreams.Select(upstream => AskAsync(probe, upstream, context, config, stopping)))).SelectMany(state => state).ToList();
            if (context.Json)
                JsonOutput.Write(context.Output, json => WriteJson(json, states));
            else
                Print(context.Output, states);
            return states.TrueForAll(state => state.Problem is null) ? Exit.Done : Exit.No;
        });
        return command;
    }

    private static async Task<IReadOnlyList<AccountState>> AskAsync(AccountProbe probe, UpstreamConfig upstream, VerbContext context, GatewayConfig config, CancellationToken stopping)
    {
        var told = AccountProbe.CanAsk(upstream) ? await probe.AskAsync(upstream, stopping) : [];
        if (upstream.Plan is not { Windows.Count: > 0 } || told.Any(state => state.Quotas.Count > 0))
            return told.Count > 0 ? told : [new AccountState(upstream, null) { Problem = $"{upstream.Profile.DisplayName} has no endpoint that Trivet knows for it, and 'plan:' names no windows to work it out from." }];
        await using var database = await Databases.OpenAsync(config, context.Options.DataPath(config), stopping);
        if (database is null)
            return [new AccountState(upstream, null) { Problem = "The books cannot be opened." }];
        var estimate = await new PlanAdmin(database.Usage, context.Time).EstimateAsync(upstream, stopping);
        return [.. told.Where(state => state.Balances.Count > 0), new AccountState(upstream, null) { Quotas = estimate.IsSuccess ? estimate.Value : [], Problem = estimate.Fault?.Message }];
    }

    private static void Print(TextWriter output, List<AccountState> states)
    {
        foreach (var state in states)
        {
            var who = state.Upstream.Credentials.Count > 1 && state.CredentialId is { } id ? id : state.Upstream.Name;
            if (state.Problem is { } problem)
                output.WriteLine($"{who}  ?  {problem}");
            foreach (var balance in state.Balances)
                output.WriteLine($"{who}  {MoneyText.Format(balance.Nano, balance.Currency)}{(balance.GrantedNano is > 0 and var granted ? $", of that {MoneyText.Format(granted, balance.Currency)} given" : "")}");
            foreach (var quota in state.Quotas)
                output.WriteLine($"{who}  {quota.Window}: {Text(quota)}");
        }
    }

    private static string Text(AccountQuota quota)
    {
        var used = quota.UsedPercent is { } percent ? string.Create(CultureInfo.InvariantCulture, $"{percent:0.#} % used") : "use not told";
        var left = quota is { Remaining: { } remaining, Limit: { } limit } ? string.Create(CultureInfo.InvariantCulture, $", {remaining:#,0} of {limit:#,0} left") : "";
        var resets = quota.ResetsAt is { } at ? string.Create(CultureInfo.InvariantCulture, $", whole again at {at.UtcDateTime:yyyy-MM-dd HH:mm}Z") : "";
        return $"{used}{left}{resets}{(quota.IsEstimate ? " (worked out from our books)" : "")}";
    }

    private static void WriteJson(Utf8JsonWriter json, List<AccountState> states)
    {
        json.WriteStartObject();
        json.WriteStartArray("accounts");
        foreach (var state in states)
        {
            json.WriteStartObject();
            json.WriteString("upstream", state.Upstream.Name);
            json.WriteString("credential_id", state.CredentialId);
            json.WriteString("problem", state.Problem);
            json.WriteStartArray("balances");
            foreach (var balance in state.Balances)
            {
                json.WriteStartObject();
                json.WriteNumber("balance_nano", balance.Nano);
                json.WriteNumberOrNull("granted_nano", balance.GrantedNano);
                json.WriteString("currency", balance.Currency);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            WriteQuotas(json, state.Quotas);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteQuotas(Utf8JsonWriter json, IReadOnlyList<AccountQuota> quotas)
    {
        json.WriteStartArray("quotas");
        foreach (var quota in quotas)
        {
            json.WriteStartObject();
            json.WriteString("window", quota.Window);
            if (quota.UsedPercent is { } percent)
                json.WriteNumber("used_percent", percent);
            else
                json.WriteNull("used_percent");
            json.WriteNumberOrNull("limit", quota.Limit);
            json.WriteNumberOrNull("remaining", quota.Remaining);
            json.WriteNumberOrNull("resets_at_ms", quota.ResetsAt?.ToUnixTimeMilliseconds());
            json.WriteBoolean("estimated", quota.IsEstimate);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
