using System.CommandLine;
using System.Globalization;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Failures;
using Trivet.Core.Limits;

namespace Trivet.Server.Cli.Books;

/// <summary><c>trivet ledger verify|show|balances|export|reconcile|pay|adjust</c>: where the money is.</summary>
internal static class LedgerVerb
{
    public static Command Build() => new("ledger", "Check, follow and export the money: accounts, transfers, bills") { Verify(), Show(), Balances(), Export(), Reconcile(), Pay(), Adjust() };

    private static Command Verify()
    {
        var command = new Command("verify", "Recompute every balance from its transfers; exit code 1 and the first that differs when one does") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var checkedBooks = await database.Ledger.VerifyAsync(stopping);
                    if (checkedBooks.Fault is { } fault)
                        return context.No(fault);
                    var (accounts, transfers, difference) = checkedBooks.Value;
                    if (context.Json)
                    {
                        JsonOutput.Write(context.Output, json =>
                        {
                            json.WriteStartObject();
                            json.WriteBoolean("ok", difference is null);
                            json.WriteNumber("accounts", accounts);
                            json.WriteNumber("transfers", transfers);
                            json.WriteString("difference", difference);
                            json.WriteEndObject();
                        });
                        return difference is null ? Exit.Done : Exit.No;
                    }

                    if (difference is not null)
                        return context.No($"The books do not balance: {difference}");
                    context.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"Every balance is right: {accounts:#,0} accounts, {transfers:#,0} transfers."));
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Show()
    {
        var id = new Argument<string>("REQUEST") { Description = "The id from the x-trivet-request-id header, or from the answer itself" }.RefusingOptions();
        var command = new Command("show", "Follow one request's money, to the last nano-unit") { id, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var money = await new LedgerAdmin(database.Ledger, database.Traces, context.Time).ShowAsync(result.GetRequiredValue(id), stopping);
                    if (money.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => LedgerText.WriteJson(json, money.Value));
                    LedgerText.Write(context.Output, money.Value);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Balances()
    {
        var command = new Command("balances", "List accounts with what they come to") { CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return context.WithDatabaseAsync(
                async database =>
                {
                    var balances = await database.Ledger.BalancesAsync(stopping);
                    if (balances.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        return JsonOutput.Write(context.Output, json => LedgerText.WriteJson(json, balances.Value));
                    var table = new TextTable("ACCOUNT", ">DEBITS", ">CREDITS", ">BALANCE");
                    foreach (var balance in balances.Value)
                        table.Add(balance.Id, MoneyText.Amount(balance.DebitsNano), MoneyText.Amount(balance.CreditsNano), MoneyText.Format(balance.BalanceNano, balance.Currency));
                    table.Write(context.Output);
                    return Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Export()
    {
        var format = new Option<string>("--format") { Description = "csv, or a plain-text journal", DefaultValueFactory = _ => "csv" };
        format.AcceptOnlyFromAmong("csv", "hledger", "beancount");
        var since = new Option<string?>("--since") { Description = "From when on: 24h, 7d, 2026-11-01 or an RFC 3339 time (default: all)", HelpName = "TIME" };
        var command = new Command("export", "Write every transfer, oldest first, as CSV or as a double-entry journal") { format, since };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var from = DateTimeOffset.UnixEpoch;
            if (result.GetValue(since) is { } text && !TimeText.TryParseSince(text, context.Time.GetUtcNow(), out from))
                return context.Wrong($"--since {text}: write {TimeText.Forms}.");
            return await context.WithDatabaseAsync(
                async database =>
                {
                    var journal = new LedgerJournal(context.Output, Enum.Parse<JournalFormat>(result.GetRequiredValue(format), ignoreCase: true));
                    journal.Begin();
                    var exported = await database.Ledger.ExportAsync(from.ToUnixTimeMilliseconds(), journal.Write, stopping);
                    return exported.Fault is { } fault ? context.No(fault) : Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Reconcile()
    {
        var bill = new Argument<string>("BILL.csv") { Description = "The upstream's bill: columns for day, model, amount, and currency where there is more than one" }.RefusingOptions();
        var upstream = new Option<string>("--upstream") { Description = "Whose bill it is", HelpName = "NAME", Required = true };
        var command = new Command("reconcile", "Compare an upstream's bill with the books, by day and model; exit code 1 when they differ") { bill, upstream, CommonOptions.Json };
        command.SetAction(async (result, stopping) =>
        {
            var context = new VerbContext(result);
            var path = result.GetRequiredValue(bill);
            if (!File.Exists(path))
                return context.Wrong($"There is no file {path}.");
            var csv = await File.ReadAllTextAsync(path, stopping);
            return await context.WithDatabaseAsync(
                async database =>
                {
                    var (compared, problem) = await new BooksAdmin(database.LedgerBrowser, database.Ledger).ReconcileAsync(result.GetRequiredValue(upstream), csv, stopping);
                    if (problem.Mistake is { } mistake)
                        return context.Wrong($"{path}: {mistake}");
                    if (problem.Fault is { } fault)
                        return context.No(fault);
                    if (context.Json)
                        JsonOutput.Write(context.Output, json => LedgerText.WriteJson(json, compared!.Lines));
                    else
                        LedgerText.Write(context.Output, compared!.Lines);
                    return compared!.Differing > 0 ? Exit.No : Exit.Done;
                },
                mayCreate: false, stopping);
        });
        return command;
    }

    private static Command Pay()
    {
        var upstream = new Argument<string>("UPSTREAM") { Description = "Whom" }.RefusingOptions();
        var amount = new Argument<string>("MONEY") { Description = "Such as 50USD" };
        var (note, id) = (NoteOption(), IdOption());
        var command = new Command("pay", "Book a payment to an upstream: in advance where it is configured as prepaid, else of what we owe") { upstream, amount, note, id, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            if (!context.TryReadConfig(out var config, needsSecrets: false))
                return Task.FromResult(Exit.Wrong);
            var name = result.GetRequiredValue(upstream);
            var isPrepaid = config.Upstreams.Any(known => known.Name == name && known.IsPrepaid);
            return PostAsync(context, result.GetRequiredValue(amount), (admin, money) => admin.PayAsync(name, isPrepaid, money.AmountNano, money.Currency, result.GetValue(note) ?? "", result.GetValue(id), stopping), stopping);
        });
        return command;
    }

    private static Command Adjust()
    {
        var debit = new Argument<string>("DEBIT") { Description = "The account that is debited, without its currency: absorbed/acme" }.RefusingOptions();
        var credit = new Argument<string>("CREDIT") { Description = "The account that is credited, such as adjustments or customer/acme" }.RefusingOptions();
        var amount = new Argument<string>("MONEY") { Description = "Such as 0.25USD" };
        var (note, id) = (NoteOption(), IdOption());
        note.Required = true;
        var command = new Command("adjust", "Book a correction between two accounts") { debit, credit, amount, note, id, CommonOptions.Json };
        command.SetAction((result, stopping) =>
        {
            var context = new VerbContext(result);
            return PostAsync(
                context, result.GetRequiredValue(amount),
                (admin, money) => admin.AdjustAsync($"{result.GetRequiredValue(debit)}/{money.Currency}", $"{result.GetRequiredValue(credit)}/{money.Currency}", money.AmountNano, result.GetValue(note)!, result.GetValue(id), stopping),
                stopping);
        });
        return command;
    }

    internal static Option<string?> NoteOption() => new("--note") { Description = "What to remember it by", HelpName = "TEXT" };

    internal static Option<string?> IdOption() => new("--id") { Description = "A name for this transfer: asked twice, it is booked once", HelpName = "ID" };

    /// <summary>Books a transfer of an amount as typed.</summary>
    internal static async Task<int> PostAsync(VerbContext context, string amount, Func<LedgerAdmin, Budget, ValueTask<StoreOutcome<int>>> post, CancellationToken stopping)
    {
        if (!Budget.TryParse(amount, out var money) || money.Window != BudgetWindow.Total || money.AmountNano == 0)
            return context.Wrong($"{amount}: write an amount and a currency, such as 50USD.");
        return await context.WithDatabaseAsync(
            async database =>
            {
                var posted = await post(new LedgerAdmin(database.Ledger, database.Traces, context.Time), money);
                if (posted.Fault is { } fault)
                    return context.No(fault);
                if (context.Json)
                {
                    return JsonOutput.Write(context.Output, json =>
                    {
                        json.WriteStartObject();
                        json.WriteBoolean("new", posted.Value > 0);
                        json.WriteNumber("amount_nano", money.AmountNano);
                        json.WriteString("currency", money.Currency);
                        json.WriteEndObject();
                    });
                }

                context.Output.WriteLine(posted.Value > 0 ? $"Booked {MoneyText.Format(money.AmountNano, money.Currency)}." : "That was booked already.");
                return Exit.Done;
            },
            mayCreate: false, stopping);
    }
}
