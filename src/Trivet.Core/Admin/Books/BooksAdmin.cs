using Trivet.Core.Failures;
using Trivet.Core.Ledger;

namespace Trivet.Core.Admin.Books;

/// <summary>An account and a page of what moved to and from it.</summary>
/// <param name="Account">Its balance.</param>
/// <param name="Page">The newest transfers first.</param>
public sealed record AccountStory(AccountBalance Account, TransferPage Page);

/// <summary>A transfer and what belongs to it.</summary>
/// <param name="Transfer">It.</param>
/// <param name="OfRequest">All that its request moved, itself among them; itself alone where a person made it.</param>
public sealed record TransferStory(Transfer Transfer, IReadOnlyList<Transfer> OfRequest);

/// <summary>One day, model and currency at an upstream whose bill was compared, and what came of all of them.</summary>
/// <param name="Lines">Each line of the bill beside the books.</param>
public sealed record Reconciliation(IReadOnlyList<BillDifference> Lines)
{
    /// <summary>Lines that differ.</summary>
    public int Differing => Lines.Count(line => line.DifferenceNano != 0);
}

/// <summary>Why a bill was not compared: it cannot be read, or the books could not.</summary>
/// <param name="Mistake">What is wrong with the bill; null where it is not the bill's.</param>
/// <param name="Fault">What is wrong with the books.</param>
public readonly record struct BillProblem(string? Mistake, StoreFault? Fault);

/// <summary>The ledger for people who look: accounts, transfers, bills.</summary>
public sealed class BooksAdmin(ILedgerBrowser browser, ILedgerStore ledger)
{
    /// <summary>Accounts whose name begins with a text.</summary>
    public ValueTask<StoreOutcome<AccountPage>> AccountsAsync(string prefix, string after, int countMax, CancellationToken cancellationToken) =>
        browser.AccountsAsync(prefix, after, Math.Clamp(countMax, 1, RequestAdmin.CountMax), cancellationToken);

    /// <summary>One account with its newest transfers.</summary>
    public async ValueTask<StoreOutcome<AccountStory>> AccountAsync(string id, TransferQuery query, CancellationToken cancellationToken)
    {
        var account = await browser.AccountAsync(id, cancellationToken);
        if (account.Fault is { } fault)
            return fault;
        var page = await browser.TransfersAsync(query with { Account = id }, cancellationToken);
        return page.Fault is { } pageFault ? pageFault : new AccountStory(account.Value, page.Value);
    }

    /// <summary>A page of transfers.</summary>
    public ValueTask<StoreOutcome<TransferPage>> TransfersAsync(TransferQuery query, CancellationToken cancellationToken) => browser.TransfersAsync(query, cancellationToken);

    /// <summary>One transfer, with the others of its request.</summary>
    public async ValueTask<StoreOutcome<TransferStory>> TransferAsync(string organisation, long atMs, string id, CancellationToken cancellationToken)
    {
        var found = await browser.TransferAsync(organisation, atMs, id, cancellationToken);
        if (found.Fault is { } fault)
            return fault;
        if (found.Value.RequestId.Length == 0)
            return new TransferStory(found.Value, [found.Value]);
        var all = await ledger.OfRequestAsync(found.Value.RequestId, cancellationToken);
        return all.Fault is { } allFault ? allFault : new TransferStory(found.Value, all.Value);
    }

    /// <summary>Compares an upstream's bill (CSV) with the books, over the days that the bill is about.</summary>
    public async ValueTask<(Reconciliation? Result, BillProblem Problem)> ReconcileAsync(string upstream, string csv, CancellationToken cancellationToken)
    {
        if (!SupplierBill.TryRead(csv, out var lines, out var mistake))
            return (null, new BillProblem(mistake, null));
        if (lines.Count == 0)
            return (null, new BillProblem("The bill has no lines.", null));
        var (from, to) = SupplierBill.Days(lines);
        var books = await ledger.DailyCostsAsync(upstream, from.ToUnixTimeMilliseconds(), to.ToUnixTimeMilliseconds(), cancellationToken);
        return books.Fault is { } fault ? (null, new BillProblem(null, fault)) : (new Reconciliation(SupplierBill.Compare(lines, books.Value)), default);
    }
}
