using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Keys;
using Trivet.Core.Limits;
using Trivet.Server.Cli.Books;

namespace Trivet.Server.Cli.Access;

/// <summary><c>trivet orgs list|set|topup</c>: what organisations may spend and are billed.</summary>
internal static class OrgsVerb
{
    public static Command Build() => new("orgs", "Set what organisations may spend and are billed, and book what they pay") { List(), Set(), TopUp() };

    private static Command List()
    {
        var command = new Command("list", "List organisations and teams that anything is set for") { CommonOptions.Json };
        command.SetAction((result, stopping) => OwnerOptions.ListAsync(new VerbContext(result), stopping));
        return command;
    }

    private static Command Set()
    {
        var name = new Argument<string>("ORG") { Description = "The organisation; keys name it with --org" }.RefusingOptions();
        var options = new OwnerOptions();
        var pricing = new Option<string?>("--pricing") { Description = "What its keys are billed: what upstreams bill us, the list price, or nothing" };
        pricing.AcceptOnlyFromAmong("cost", "list", "free");
        var margin = new Option<string?>("--margin") { Description = "On top of the price, such as 20% or -5%", HelpName = "PERCENT" };
        var command = new Command("set", "Change an organisation; what is not named stays") { name, pricing, margin, CommonOptions.Json };
        options.AddTo(command);
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            long? millionths = null;
            if (result.GetValue(margin) is { } text)
            {
                if (!LimitText.TryReadMargin(text, out var read))
                    return Task.FromResult(context.Wrong($"--margin {text}: write a percentage such as 20%."));
                millionths = read;
            }

            Pricing? priced = result.GetValue(pricing) is { } word ? Enum.Parse<Pricing>(word, ignoreCase: true) : null;
            return options.SetAsync(context, result, result.GetRequiredValue(name), "", new OwnerChange { Pricing = priced, MarginMillionths = millionths }, stopping);
        });
        return command;
    }

    private static Command TopUp()
    {
        var name = new Argument<string>("ORG") { Description = "Who paid" }.RefusingOptions();
        var amount = new Argument<string>("MONEY") { Description = "Such as 50USD" };
        var team = new Option<string?>("--team") { Description = "A team that pays for itself", HelpName = "T" };
        var (note, id) = (LedgerVerb.NoteOption(), LedgerVerb.IdOption());
        var command = new Command("topup", "Book what an organisation or a team of it paid") { name, amount, team, note, id, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return LedgerVerb.PostAsync(
                context, result.GetRequiredValue(amount),
                (admin, money) => admin.TopUpAsync(result.GetRequiredValue(name), result.GetValue(team) ?? "", money.AmountNano, money.Currency, result.GetValue(note) ?? "", result.GetValue(id), stopping), stopping);
        });
        return command;
    }
}

/// <summary><c>trivet teams set</c>: what the keys of a team may spend together.</summary>
internal static class TeamsVerb
{
    public static Command Build()
    {
        var organisation = new Option<string>("--org") { Description = "Its organisation", HelpName = "O", DefaultValueFactory = _ => KeyRecord.DefaultOrganisation };
        var name = new Argument<string>("TEAM") { Description = "The team; keys name it with --team" }.RefusingOptions();
        var options = new OwnerOptions();
        var set = new Command("set", "Change a team; what is not named stays") { name, organisation, CommonOptions.Json };
        options.AddTo(set);
        set.SetAction((result, stopping) => options.SetAsync(new VerbContext(result), result, result.GetRequiredValue(organisation), result.GetRequiredValue(name), new OwnerChange(), stopping));
        return new Command("teams", "Set what teams may spend") { set };
    }
}

/// <summary>The options that organisations and teams share.</summary>
internal sealed class OwnerOptions
{
    private readonly LimitOptionSet _limits = new();
    private readonly Option<string?> _prepaid = new("--prepaid") { Description = "It pays in advance, in this currency, and spends no more than it paid; 'none': on credit", HelpName = "CUR" };

    public void AddTo(Command command)
    {
        _limits.AddTo(command);
        command.Options.Add(_prepaid);
    }

    public async Task<int> SetAsync(VerbContext context, ParseResult result, string organisation, string team, OwnerChange change, CancellationToken stopping)
    {
        if (LimitText.NameProblem("An organisation", organisation) is { } nameless)
            return context.Wrong(nameless);
        if (!_limits.TryRead(context, result, ref change))
            return Exit.Wrong;
        if (result.GetValue(_prepaid) is { } typed)
        {
            if (!LimitText.TryReadCurrency(typed, out var prepaid))
                return context.Wrong($"--prepaid {typed}: write a currency such as USD, or none.");
            change = change with { PrepaidCurrency = prepaid };
        }

        return await context.WithDatabaseAsync(
            async database =>
            {
                var changed = await new OwnerAdmin(database.Owners, database.Keys, context.Time).ChangeAsync(organisation, team, change, stopping);
                if (changed.Fault is { } fault)
                    return context.No(fault);
                if (context.Json)
                    return JsonOutput.Write(context.Output, json => Write(json, changed.Value));
                context.Output.WriteLine("Set. A running server takes it within a second.");
                return Exit.Done;
            },
            mayCreate: true, stopping);
    }

    public static Task<int> ListAsync(VerbContext context, CancellationToken stopping) => context.WithDatabaseAsync(
        async database =>
        {
            var listed = await database.Owners.ListAsync(stopping);
            if (listed.Fault is { } fault)
                return context.No(fault);
            if (context.Json)
            {
                return JsonOutput.Write(context.Output, json =>
                {
                    json.WriteStartObject();
                    json.WriteStartArray("owners");
                    foreach (var owner in listed.Value)
                        Write(json, owner);
                    json.WriteEndArray();
                    json.WriteEndObject();
                });
            }

            var table = new TextTable("ORGANISATION", "TEAM", "PRICING", ">MARGIN", "PREPAID", "BUDGETS", ">RPM", ">TPM", ">AT A TIME", "MODELS");
            foreach (var owner in listed.Value)
            {
                table.Add(
                    owner.Organisation, owner.Team, owner.Team.Length > 0 ? "" : owner.Pricing.ToString().ToLowerInvariant(), owner.Team.Length > 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"{owner.MarginMillionths / 10_000m:0.####}%"),
                    owner.PrepaidCurrency, Budget.Join(owner.Budgets), Number(owner.RequestsPerMinute), Number(owner.TokensPerMinute), Number(owner.ConcurrentMax), owner.AllowedModels is null ? "all" : string.Join(',', owner.AllowedModels));
            }

            table.Write(context.Output);
            return Exit.Done;
        },
        mayCreate: false, stopping);

    private static void Write(Utf8JsonWriter json, OwnerRecord owner)
    {
        json.WriteStartObject();
        json.WriteString("organisation", owner.Organisation);
        json.WriteString("team", owner.Team);
        json.WriteString("pricing", owner.Pricing.ToString().ToLowerInvariant());
        json.WriteNumber("margin_millionths", owner.MarginMillionths);
        json.WriteString("prepaid_currency", owner.PrepaidCurrency);
        json.WriteString("budget", owner.Budgets.Count == 0 ? null : Budget.Join(owner.Budgets));
        json.WriteNumberOrNull("requests_per_minute", owner.RequestsPerMinute);
        json.WriteNumberOrNull("tokens_per_minute", owner.TokensPerMinute);
        json.WriteNumberOrNull("concurrent_max", owner.ConcurrentMax);
        if (owner.AllowedModels is null)
            json.WriteNull("models");
        else
            json.WriteStrings("models", owner.AllowedModels);
        json.WriteEndObject();
    }

    private static string Number(int? value) => value?.ToString(CultureInfo.InvariantCulture) ?? "";
}
