using System.Text;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Failures;
using Trivet.Core.Ledger;
using Trivet.Core.Snapshots;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>The ledger: accounts, transfers, what people book, bills.</summary>
internal static class LedgerEndpoints
{
    private const string Tag = "Ledger";
    private const int BillBytesMax = 16 << 20;
    private const int NoteCharsMax = 1000;

    private static readonly (string Name, string Meaning)[] Filters =
    [
        ("account", "Debited or credited."), ("org", "Whose; - for what is of no organisation."), ("kind", "cost, charge, overrun, absorb, fx, topup, payment, adjust."), ("since", "From when on: " + TimeText.Forms + "."), ("until", "Before when."),
    ];

    public static void MapLedger(this RouteGroupBuilder api)
    {
        api.MapGet("/ledger/accounts", AccountsAsync).Tells<AccountList>(
            AdminAccess.Read, Tag, "listAccounts", "Accounts with what their transfers come to, by name.", ("prefix", "What names begin with, such as customer/acme/."), ("after", "What a page gave as next."), ("limit", "How many, 500 at most."));
        api.MapGet("/ledger/transfers", TransfersAsync).Tells<TransferList>(AdminAccess.Read, Tag, "listTransfers", "Transfers, the newest first.", [.. Filters, ("after", "What a page gave as next."), ("limit", "How many, 500 at most.")]);
        api.MapGet("/ledger/transfers.csv", ExportAsync).Tells<string>(AdminAccess.Read, Tag, "exportTransfers", "The same as CSV, whole, streamed.", Filters);
        api.MapGet("/ledger/verification", VerifyAsync).Tells<Verification>(AdminAccess.Account, Tag, "verifyLedger", "Recomputes every balance from its transfers. Takes as long as it takes.");
        api.MapPost("/ledger/topups", TopUpAsync).Tells<Booked>(AdminAccess.Account, Tag, "bookTopUp", "Books what an organisation or a team of it paid.").Accepts<TopUpOrder>("application/json");
        api.MapPost("/ledger/payments", PayAsync).Tells<Booked>(AdminAccess.Account, Tag, "bookPayment", "Books what we paid an upstream.").Accepts<PaymentOrder>("application/json");
        api.MapPost("/ledger/adjustments", AdjustAsync).Tells<Booked>(AdminAccess.Account, Tag, "bookAdjustment", "Books a correction between two accounts of one currency.").Accepts<AdjustmentOrder>("application/json");
        api.MapPost("/ledger/reconciliations/{upstream}", ReconcileAsync).Tells<ReconciliationView>(AdminAccess.Account, Tag, "reconcile", "Compares an upstream's bill, as CSV, with the books by day and model. Nothing is booked.").Accepts<string>("text/csv");
    }

    private static async Task<IResult> AccountsAsync(HttpContext context, BooksAdmin books)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        if (!AdminApi.Question(context).TryReadLimit(100, RequestAdmin.CountMax, out var limit, out var problem))
            return AdminProblems.Bad(problem);
        var query = context.Request.Query;
        var page = await books.AccountsAsync(query["prefix"].ToString(), query["after"].ToString(), limit, context.RequestAborted);
        return page.Fault is { } fault
            ? AdminProblems.Of(fault)
            : TypedResults.Ok(new AccountList([.. page.Value.Accounts.Select(account => new AccountView(account.Id, account.DebitsNano, account.CreditsNano, account.BalanceNano, account.Currency))], page.Value.Next));
    }

    private static async Task<IResult> TransfersAsync(HttpContext context, BooksAdmin books)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return AdminProblems.Bad(unknown);
        if (!AdminApi.Question(context).TryReadTransfers(out var query, out var problem))
            return AdminProblems.Bad(problem);
        var page = await books.TransfersAsync(query, context.RequestAborted);
        return page.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(new TransferList([.. page.Value.Transfers.Select(TransferView.Of)], page.Value.Next, Times.At(page.Value.LookedBackToMs)));
    }

    private static Task<IResult> ExportAsync(HttpContext context, BooksAdmin books)
    {
        if (AdminApi.UnknownParameter(context) is { } unknown)
            return Task.FromResult(AdminProblems.Bad(unknown));
        if (!AdminApi.Question(context).TryReadTransfers(out var query, out var problem))
            return Task.FromResult(AdminProblems.Bad(problem));
        return Task.FromResult(CsvFile.Of("transfers.csv", stream => new CsvExport(stream).WriteAsync(query, books, context.RequestAborted)));
    }

    private static async Task<IResult> VerifyAsync(HttpContext context, ILedgerStore ledger)
    {
        var verified = await ledger.VerifyAsync(context.RequestAborted);
        return verified.Fault is { } fault ? AdminProblems.Of(fault) : TypedResults.Ok(new Verification(verified.Value.Difference is null, verified.Value.Accounts, verified.Value.Transfers, verified.Value.Difference));
    }

    private static async Task<IResult> TopUpAsync(HttpContext context, LedgerAdmin ledger)
    {
        var (order, problem) = await AdminBody.ReadAsync<TopUpOrder>(context);
        if (order is null)
            return problem!;
        if ((LimitText.NameProblem("An organisation", order.Organisation ?? "") ?? Wrong(order.AmountNano, order.Currency, order.Note, order.Id)) is { } wrong)
            return AdminProblems.Bad(wrong);
        return Told(await ledger.TopUpAsync(order.Organisation!, order.Team ?? "", order.AmountNano, order.Currency!.ToUpperInvariant(), order.Note ?? "", order.Id, context.RequestAborted));
    }

    private static async Task<IResult> PayAsync(HttpContext context, LedgerAdmin ledger, SnapshotHolder snapshots)
    {
        var (order, problem) = await AdminBody.ReadAsync<PaymentOrder>(context);
        if (order is null)
            return problem!;
        if (Wrong(order.AmountNano, order.Currency, order.Note, order.Id) is { } wrong)
            return AdminProblems.Bad(wrong);
        if (snapshots.Current.Config.Upstreams.FirstOrDefault(upstream => upstream.Name == order.Upstream) is not { } known)
            return AdminProblems.Bad($"There is no upstream {order.Upstream}.");
        return Told(await ledger.PayAsync(known.Name, known.IsPrepaid, order.AmountNano, order.Currency!.ToUpperInvariant(), order.Note ?? "", order.Id, context.RequestAborted));
    }

    private static async Task<IResult> AdjustAsync(HttpContext context, LedgerAdmin ledger)
    {
        var (order, problem) = await AdminBody.ReadAsync<AdjustmentOrder>(context);
        if (order is null)
            return problem!;
        if (order.Debit is not { Length: > 0 } debit || order.Credit is not { Length: > 0 } credit)
            return AdminProblems.Bad("debit and credit are names of accounts, such as adjustments/USD and customer/acme/USD.");
        if (Wrong(order.AmountNano, AccountNames.CurrencyOf(debit), order.Note, order.Id) is { } wrong)
            return AdminProblems.Bad(wrong);
        if (AccountNames.CurrencyOf(debit) != AccountNames.CurrencyOf(credit) || debit == credit)
            return AdminProblems.Bad("A transfer is between two accounts of one currency, which ends both names.");
        if (order.Note is not { Length: > 0 } note)
            return AdminProblems.Bad("An adjustment wants a note: why is it booked?");
        return Told(await ledger.AdjustAsync(debit, credit, order.AmountNano, note, order.Id, context.RequestAborted));
    }

    private static async Task<IResult> ReconcileAsync(HttpContext context, string upstream, BooksAdmin books)
    {
        var (bytes, problem) = await AdminBody.ReadBytesAsync(context, BillBytesMax);
        if (problem is not null)
            return problem;
        var (result, wrong) = await books.ReconcileAsync(upstream, Encoding.UTF8.GetString(bytes), context.RequestAborted);
        if (wrong.Mistake is { } mistake)
            return AdminProblems.Bad(mistake);
        if (wrong.Fault is { } fault)
            return AdminProblems.Of(fault);
        return TypedResults.Ok(new ReconciliationView(
            result!.Differing,
            [.. result.Lines.Select(line => new ReconciliationLine(line.Day, line.Model, line.Currency, line.BilledNano, line.Booked?.CostNano, line.DifferenceNano, line.Booked?.Attempts, line.Booked?.Unpriced, line.Booked?.Estimated))]));
    }

    private static string? Wrong(long amountNano, string? currency, string? note, string? id) =>
        amountNano <= 0 ? "amount_nano is a number above 0."
        : currency is not { Length: 3 } || !currency.All(char.IsAsciiLetter) ? "currency is three letters."
        : note?.Length > NoteCharsMax ? $"note has more than {NoteCharsMax} characters."
        : id is not null && (id.Length is 0 or > 100 || id.Any(letter => !char.IsAsciiLetterOrDigit(letter) && letter is not ('-' or '_' or '.'))) ? "id is up to 100 letters, digits, dashes, dots and underscores."
        : null;

    private static IResult Told(StoreOutcome<int> posted) => posted.Fault switch
    {
        null => TypedResults.Ok(new Booked(posted.Value > 0)),
        { Kind: StoreFaultKind.Rejected } fault => AdminProblems.Bad(fault.Message),
        var fault => AdminProblems.Of(fault),
    };
}

/// <summary>A page of accounts.</summary>
internal sealed record AccountList(IReadOnlyList<AccountView> Accounts, string? Next);

/// <summary>An account. The balance is as a person reads it: positive is more of what the account is about.</summary>
internal sealed record AccountView(string Id, long DebitsNano, long CreditsNano, long BalanceNano, string Currency);

/// <summary>A page of transfers. All that fit since <c>looked_back_to</c> are on it or on those before it; <c>next</c> is null at the end.</summary>
internal sealed record TransferList(IReadOnlyList<TransferView> Transfers, string? Next, DateTimeOffset LookedBackTo);

/// <summary>A movement of money from the account that is credited to the one that is debited.</summary>
internal sealed record TransferView(
    string Id, DateTimeOffset At, string Organisation, string RequestId, string Kind, string Debit, string Credit, long AmountNano, string Currency, string LinkedId, string PriceVersion, long? RateNano, string Note)
{
    public static TransferView Of(Transfer transfer) => new(
        transfer.Id, Times.At(transfer.AtMs), transfer.Organisation, transfer.RequestId, transfer.Kind, transfer.Debit, transfer.Credit, transfer.AmountNano, transfer.Currency, transfer.LinkedId, transfer.PriceVersion, transfer.RateNano, transfer.Note);
}

/// <summary>What a check of all books came to.</summary>
internal sealed record Verification(bool Ok, long Accounts, long Transfers, string? Difference);

/// <summary>A customer's payment. With an <c>id</c>, asked twice it is booked once.</summary>
internal sealed record TopUpOrder(string? Organisation, long AmountNano, string? Currency, string? Team = null, string? Note = null, string? Id = null);

/// <summary>A payment to an upstream: in advance where it is configured as prepaid, else of what we owe.</summary>
internal sealed record PaymentOrder(string? Upstream, long AmountNano, string? Currency, string? Note = null, string? Id = null);

/// <summary>A correction. The note is required.</summary>
internal sealed record AdjustmentOrder(string? Debit, string? Credit, long AmountNano, string? Note, string? Id = null);

/// <summary>False: it was booked before.</summary>
internal sealed record Booked(bool New);

/// <summary>A bill beside the books.</summary>
internal sealed record ReconciliationView(int Differing, IReadOnlyList<ReconciliationLine> Lines);

/// <summary>One day and model. Null: one of both says nothing of it.</summary>
internal sealed record ReconciliationLine(string Day, string Model, string Currency, long? BilledNano, long? BookedNano, long DifferenceNano, long? Attempts, long? Unpriced, long? Estimated);
