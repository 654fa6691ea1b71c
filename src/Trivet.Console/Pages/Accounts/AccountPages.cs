using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Failures;
using Trivet.Core.Limits;
using Trivet.Core.Snapshots;
using Trivet.WebConsole.Hosting;

namespace Trivet.WebConsole.Pages.Accounts;

/// <summary>Money: what was spent and earned, the ledger behind it, what people book, and upstreams' bills.</summary>
internal static class AccountPages
{
    private const int BillCharsMax = 4 << 20;

    public static void Map(ConsoleRoutes routes, IServiceProvider services)
    {
        var (usage, books, ledger) = (services.GetRequiredService<UsageAdmin>(), services.GetRequiredService<BooksAdmin>(), services.GetRequiredService<LedgerAdmin>());
        var snapshots = services.GetRequiredService<SnapshotHolder>();
        routes.Page<MoneyPage>("/money");
        routes.Page<BudgetsPage>("/money/budgets");
        routes.Page<AccountsPage>("/money/accounts");
        routes.Page<TransfersPage>("/money/account");
        routes.Page<TransfersPage>("/money/transfers");
        routes.Page<TransferPage>("/money/transfer");
        routes.Page<BookPage>("/money/book");
        routes.Form("/money/book/topup", Access.Account, (form, cancellation) => BookAsync(form, "topup", money => ledger.TopUpAsync(form["organisation"], form["team"], money.AmountNano, money.Currency, form["note"], Id(form), cancellation)));
        routes.Form("/money/book/payment", Access.Account, (form, cancellation) => BookAsync(form, "payment", money =>
        {
            var isPrepaid = snapshots.Current.Config.Upstreams.Any(upstream => upstream.Name == form["upstream"] && upstream.IsPrepaid);
            return ledger.PayAsync(form["upstream"], isPrepaid, money.AmountNano, money.Currency, form["note"], Id(form), cancellation);
        }));
        routes.Form("/money/book/adjustment", Access.Account, (form, cancellation) => BookAsync(form, "adjustment", money => ledger.AdjustAsync($"{form["debit"]}/{money.Currency}", $"{form["credit"]}/{money.Currency}", money.AmountNano, form["note"], Id(form), cancellation)));
        routes.Page<BillsPage>("/money/bills");
        routes.Form("/money/bills", Access.Account, (form, cancellation) => CompareAsync(form, books, cancellation));
        routes.File("/money/usage.csv", Access.Read, page => UsageCsvAsync(page, usage));
        routes.File("/money/transfers.csv", Access.Read, page => TransfersCsvAsync(page, books));
    }

    private static async ValueTask<FormOutcome> BookAsync(SentForm form, string which, Func<Budget, ValueTask<StoreOutcome<int>>> book)
    {
        var text = form.Page.Text;
        var isNamed = which switch { "topup" => form["organisation"].Length > 0, "payment" => form["upstream"].Length > 0, _ => form["debit"].Length > 0 && form["credit"].Length > 0 && form["note"].Length > 0 };
        if (!isNamed)
            return Wrong(text["money.book_named"]);
        if (!Budget.TryParse(form["amount"], out var money) || money.Window != BudgetWindow.Total || money.AmountNano == 0)
            return Wrong(text["money.amount_wrong"]);
        var booked = await book(money);
        return booked.Fault is { } fault ? Wrong(fault.Message) : FormOutcome.Done(PageLink.To("money", "transfers"), booked.Value > 0 ? "booked" : "booked_before");

        FormOutcome Wrong(string problem) => FormOutcome.Wrong<BookPage>(new Dictionary<string, object?> { [nameof(BookPage.Which)] = which, [nameof(BookPage.Problem)] = problem, [nameof(BookPage.Typed)] = form.Fields.ToDictionary(field => field.Key, field => field.Value.ToString()) });
    }

    private static string? Id(SentForm form) => form["id"].Length > 0 ? form["id"] : null;

    private static async ValueTask<FormOutcome> CompareAsync(SentForm form, BooksAdmin books, CancellationToken cancellationToken)
    {
        var (upstream, csv) = (form["upstream"], form["bill"]);
        var (result, problem) = csv.Length > BillCharsMax ? (null, new BillProblem(form.Page.Text["money.bill_long"], null)) : await books.ReconcileAsync(upstream, csv, cancellationToken);
        var parameters = new Dictionary<string, object?> { [nameof(BillsPage.Upstream)] = upstream, [nameof(BillsPage.Bill)] = csv, [nameof(BillsPage.Result)] = result, [nameof(BillsPage.Problem)] = problem.Mistake ?? problem.Fault?.Message };
        return result is null ? FormOutcome.Wrong<BillsPage>(parameters) : FormOutcome.ShowOnce<BillsPage>(parameters);
    }

    private static async Task UsageCsvAsync(ConsoleContext page, UsageAdmin usage)
    {
        if (!new QueryText(name => page.Query(name) ?? name switch { "since" => "7d", "by" => "organisation", _ => null }, page.Text.Now).TryReadUsage(out var query, out _))
        {
            page.Http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var report = await usage.ReportAsync(query, page.Aborted);
        if (report.Fault is not null)
        {
            page.Http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        await Download.WriteAsync(page, Download.Csv, "usage.csv", async stream =>
        {
            await new CsvExport(stream).WriteAsync(report.Value, page.Aborted);
            return null;
        });
    }

    private static async Task TransfersCsvAsync(ConsoleContext page, BooksAdmin books)
    {
        if (!new QueryText(page.Query, page.Text.Now).TryReadTransfers(out var query, out _))
        {
            page.Http.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        await Download.WriteAsync(page, Download.Csv, "transfers.csv", stream => new CsvExport(stream).WriteAsync(query with { After = null }, books, page.Aborted));
    }
}
