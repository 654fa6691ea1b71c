using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Cli.Access;

/// <summary><c>trivet keys create|list|limit|rotate|revoke</c>: who may ask.</summary>
internal static class KeysVerb
{
    private const string NoPolicy = "none";

    private const string Recorded = "What is said with it is recorded, word for word, for as long as payload_logging keeps payloads; tell whoever uses it.";

    public static Command Build() => new("keys", "Create, list, change and revoke the keys that clients present") { Create(), List(), Limit(), Rotate(), Revoke() };

    private static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "A name for people; unique among the organisation's keys" }.RefusingOptions();
        var organisation = new Option<string>("--org") { Description = "Organisation", HelpName = "O", DefaultValueFactory = _ => KeyRecord.DefaultOrganisation };
        var team = new Option<string?>("--team") { Description = "Team", HelpName = "T" };
        var models = new Option<string?>("--models") { Description = "Models it may ask for, such as 'deepseek-*,glm-5.3' (default: all)", HelpName = "A,B" };
        var budget = new Option<string[]>("--budget") { Description = "What it may spend, such as 1.00USD/day, 20CNY/month or 5USD; several for several windows", HelpName = "MONEY" };
        var requests = new Option<int?>("--rpm") { Description = "Requests per minute", HelpName = "N" };
        var tokens = new Option<int?>("--tpm") { Description = "Tokens per minute", HelpName = "N" };
        var concurrent = new Option<int?>("--concurrent") { Description = "Requests at a time", HelpName = "N" };
        var policy = new Option<string?>("--policy") { Description = "The policy that decides its requests, whatever their routes say: best, balanced, cheap, fast or one of the file's", HelpName = "NAME" };
        var expires = new Option<string?>("--expires") { Description = "When it ends: 30d, 2026-12-31 or an RFC 3339 time (default: never)", HelpName = "TIME" };
        var recorded = new Option<bool>("--log-payloads") { Description = "Record what is said with it, word for word, for operators to read (default: no)" };
        var command = new Command("create", "Make a key and show it once") { name, organisation, team, models, budget, requests, tokens, concurrent, policy, expires, recorded, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var budgetText = string.Join(',', result.GetValue(budget) ?? []);
            if (!Budget.TryParseList(budgetText, out var budgets))
                return context.Wrong($"--budget {budgetText}: write {LimitText.BudgetForms}.");

            long? expiresAtMs = null;
            if (result.GetValue(expires) is { } expiry)
            {
                if (!TimeText.TryParseUntil(expiry, context.Time.GetUtcNow(), out var until))
                    return context.Wrong($"--expires {expiry}: write {TimeText.Forms}.");
                if (until <= context.Time.GetUtcNow())
                    return context.Wrong($"--expires {expiry}: that is in the past.");
                expiresAtMs = until.ToUnixTimeMilliseconds();
            }

            if (result.GetValue(requests) is <= 0 || result.GetValue(tokens) is <= 0 || result.GetValue(concurrent) is <= 0)
                return context.Wrong("--rpm, --tpm and --concurrent want a number above 0; leave them out for no limit.");
            var request = new KeyRequest
            {
                Name = result.GetRequiredValue(name).Trim(),
                Organisation = result.GetRequiredValue(organisation),
                Team = result.GetValue(team) ?? "",
                AllowedModels = result.GetValue(models)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries),
                Budgets = budgets,
                RequestsPerMinute = result.GetValue(requests),
                TokensPerMinute = result.GetValue(tokens),
                ConcurrentMax = result.GetValue(concurrent),
                Policy = result.GetValue(policy) ?? "",
                ExpiresAtMs = expiresAtMs,
                LogsPayloads = result.GetValue(recorded),
                By = Environment.UserName,
            };
            if (request.Name.Length == 0)
                return context.Wrong("A key needs a name.");
            if (request.Policy.Length > 0 && !await KnowsPolicyAsync(context, request.Policy, stopping))
                return Exit.Wrong;
            return await context.WithDatabaseAsync(async database => Created(context, request, await new KeyAdmin(database.Keys, database.Journal, context.Time).CreateAsync(request, stopping)), mayCreate: true, stopping);
        });
        return command;
    }

    // Of the file, or made in the console of the server on this data directory.
    private static async Task<bool> KnowsPolicyAsync(VerbContext context, string policy, CancellationToken stopping)
    {
        if (!context.TryReadConfig(out var config, needsSecrets: false))
            return false;
        if (GatewaySnapshot.Compile(await ConsoleMade.MergeAsync(context, config, stopping)).PolicyProblem(policy) is not { } problem)
            return true;
        context.Wrong($"--policy: {problem}");
        return false;
    }

    private static int Created(VerbContext context, KeyRequest request, StoreOutcome<CreatedKey> outcome)
    {
        if (outcome.Fault is { } fault)
        {
            return context.No(fault.Kind == StoreFaultKind.Conflict
                ? $"Organisation {request.Organisation} has a key named {request.Name} already. Choose another name, or revoke that one first: trivet keys revoke {request.Name}"
                : fault.Message);
        }

        return Show(context, outcome.Value);
    }

    private static int Show(VerbContext context, CreatedKey created)
    {
        var (record, secret) = created;
        if (context.Json)
        {
            return JsonOutput.Write(context.Output, json =>
            {
                json.WriteStartObject();
                json.WriteString("id", record.Id);
                json.WriteString("key", secret);
                json.WriteEndObject();
            });
        }

        context.Output.WriteLine($"{secret}");
        context.Error.WriteLine($"Key {record.Name} ({record.Id}). It is shown this once and stored only as a hash. A running server takes it within a second.");
        if (record.LogsPayloads)
            context.Error.WriteLine(Recorded);
        return Exit.Done;
    }

    private static Command List()
    {
        var command = new Command("list", "List keys, revoked ones too") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var listed = await new KeyAdmin(database.Keys, database.Journal, context.Time).ListAsync(stopping);
                    if (listed.Fault is { } fault)
                        return context.No(fault);
                    var nowMs = context.Time.GetUtcNow().ToUnixTimeMilliseconds();
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => WriteJson(json, listed.Value, nowMs));
                    var table = new TextTable("ID", "NAME", "ORGANISATION", "TEAM", "KEY", "MODELS", "BUDGET", ">RPM", ">TPM", ">AT A TIME", "POLICY", "STATE");
                    foreach (var key in listed.Value)
                    {
                        table.Add(
                            key.Id, key.Name, key.Organisation, key.Team, key.Hint.Length > 0 ? "…" + key.Hint : "", key.AllowedModels is null ? "all" : string.Join(',', key.AllowedModels),
                            Budget.Join(key.Budgets), key.RequestsPerMinute?.ToString() ?? "", key.TokensPerMinute?.ToString() ?? "", key.ConcurrentMax?.ToString() ?? "", key.Policy, State(key, nowMs) + Expiry(key) + (key is { RevokedAtMs: null, LogsPayloads: true } ? ", recorded" : ""));
                    }

                    table.Write(context.Output);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Limit()
    {
        var which = new Argument<string>("KEY") { Description = "Its id or its name" }.RefusingOptions();
        var organisation = Organisation();
        var options = new LimitOptionSet();
        var policy = new Option<string?>("--policy") { Description = "The policy that decides its requests, whatever their routes say; 'none' for none", HelpName = "NAME" };
        var recorded = new Option<bool?>("--log-payloads") { Description = "Whether what is said with it is recorded, word for word, for operators to read", HelpName = "true|false" };
        var command = new Command("limit", "Change what a key may do; what is not named stays") { which, organisation, policy, recorded, CommonOptions.Json };
        options.AddTo(command);
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var change = new KeyChange { LogsPayloads = result.GetValue(recorded), By = Environment.UserName };
            if (!options.TryRead(context, result, ref change))
                return Exit.Wrong;
            if (result.GetValue(policy) is { } name)
            {
                if (name != NoPolicy && !await KnowsPolicyAsync(context, name, stopping))
                    return Exit.Wrong;
                change = change with { Policy = name == NoPolicy ? "" : name };
            }

            return await ChangedAsync(context, result.GetRequiredValue(which), result.GetRequiredValue(organisation), (keys, key, owner) => keys.ChangeAsync(key, owner, change, stopping), key =>
            {
                if (context.Json)
                    return JsonOutput.Write(context.Output, json => WriteKey(json, key, context.Time.GetUtcNow().ToUnixTimeMilliseconds()));
                context.Output.WriteLine($"Changed {key.Name} ({key.Id}). A running server takes it within a second.");
                if (change.LogsPayloads == true)
                    context.Error.WriteLine(Recorded);
                return Exit.Done;
            }, stopping);
        });
        return command;
    }

    private static Command Rotate()
    {
        var which = new Argument<string>("KEY") { Description = "Its id or its name" }.RefusingOptions();
        var organisation = Organisation();
        var keep = new Option<string?>("--keep-old") { Description = "How long the old secret works too: 24h, 7d or a time (default: it is refused within a second)", HelpName = "TIME" };
        var command = new Command("rotate", "Give a key a new secret and show it once; limits and books stay") { which, organisation, keep, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!KeyGrace.TryRead(result.GetValue(keep), context.Time.GetUtcNow(), out var oldUntilMs, out var problem))
                return Task.FromResult(context.Wrong($"--keep-old {result.GetValue(keep)}: {problem}."));
            return ChangedAsync(
                context, result.GetRequiredValue(which), result.GetRequiredValue(organisation), (keys, key, owner) => keys.RotateAsync(key, owner, oldUntilMs, Environment.UserName, stopping),
                created => Show(context, created), stopping);
        });
        return command;
    }

    private static Option<string> Organisation() =>
        new("--org") { Description = "Organisation, where a name is given", HelpName = "O", DefaultValueFactory = _ => KeyRecord.DefaultOrganisation };

    private static Task<int> ChangedAsync<T>(
        VerbContext context, string name, string owner, Func<KeyAdmin, string, string, ValueTask<StoreOutcome<T>>> change, Func<T, int> tell, CancellationToken stopping) =>
        context.WithDatabaseAsync(
            async database =>
            {
                var changed = await change(new KeyAdmin(database.Keys, database.Journal, context.Time), name, owner);
                if (changed.Fault is { } fault)
                    return context.No(fault.Kind == StoreFaultKind.NotFound ? $"Organisation {owner} has no key {name} that is not revoked. 'trivet keys list' shows all of them." : fault.Message);
                return tell(changed.Value);
            },
            mayCreate: false, stopping);

    private static Command Revoke()
    {
        var which = new Argument<string>("KEY") { Description = "Its id or its name" }.RefusingOptions();
        var organisation = Organisation();
        var command = new Command("revoke", "Refuse a key from now on, on every node within a second") { which, organisation, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var (name, owner) = (result.GetRequiredValue(which), result.GetRequiredValue(organisation));
                    var revoked = await new KeyAdmin(database.Keys, database.Journal, context.Time).RevokeAsync(name, owner, Environment.UserName, stopping);
                    if (revoked.Fault is { } fault)
                        return context.No(fault.Kind == StoreFaultKind.NotFound ? $"Organisation {owner} has no key {name}. 'trivet keys list' shows all of them." : fault.Message);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => WriteKey(json, revoked.Value, context.Time.GetUtcNow().ToUnixTimeMilliseconds()));
                    context.Output.WriteLine($"Revoked {revoked.Value.Name} ({revoked.Value.Id}).");
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static string State(KeyRecord key, long nowMs) => key.RevokedAtMs is not null ? "revoked" : key.ExpiresAtMs <= nowMs ? "expired" : "active";

    private static string Expiry(KeyRecord key) => key is { RevokedAtMs: null, ExpiresAtMs: { } ms }
        ? $" until {DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd HH:mm'Z'", CultureInfo.InvariantCulture)}"
        : "";

    private static void WriteJson(Utf8JsonWriter json, IReadOnlyList<KeyRecord> keys, long nowMs)
    {
        json.WriteStartObject();
        json.WriteStartArray("keys");
        foreach (var key in keys)
            WriteKey(json, key, nowMs);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteKey(Utf8JsonWriter json, KeyRecord key, long nowMs)
    {
        json.WriteStartObject();
        json.WriteString("id", key.Id);
        json.WriteString("name", key.Name);
        json.WriteString("organisation", key.Organisation);
        json.WriteString("team", key.Team);
        json.WriteString("hint", key.Hint);
        json.WriteString("state", State(key, nowMs));
        if (key.AllowedModels is null)
            json.WriteNull("models");
        else
            json.WriteStrings("models", key.AllowedModels);
        json.WriteString("budget", key.Budgets.Count == 0 ? null : Budget.Join(key.Budgets));
        json.WriteNumberOrNull("requests_per_minute", key.RequestsPerMinute);
        json.WriteNumberOrNull("tokens_per_minute", key.TokensPerMinute);
        json.WriteNumberOrNull("concurrent_max", key.ConcurrentMax);
        json.WriteString("policy", key.Policy.Length == 0 ? null : key.Policy);
        json.WriteBoolean("logs_payloads", key.LogsPayloads);
        json.WriteNumber("created_at_ms", key.CreatedAtMs);
        json.WriteNumberOrNull("expires_at_ms", key.ExpiresAtMs);
        json.WriteNumberOrNull("revoked_at_ms", key.RevokedAtMs);
        json.WriteNumberOrNull("old_secret_until_ms", key.OldUntilMs);
        json.WriteBoolean("admin", key.IsAdmin);
        json.WriteEndObject();
    }
}
