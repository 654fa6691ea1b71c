using System.Globalization;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;

namespace Trivet.Core.Admin.Books;

/// <summary>Writes answers of the books as CSV (RFC 4180, UTF-8), a page at a time: what is long never stands in memory whole. Amounts are exact decimals.</summary>
public sealed class CsvExport(Stream output)
{
    /// <summary>The most rows of requests or transfers in one file.</summary>
    public const int RowsMax = 1_000_000;

    private readonly StringBuilder _text = new();

    /// <summary>The lines of a report.</summary>
    public async ValueTask WriteAsync(UsageReport report, CancellationToken cancellationToken)
    {
        Row("start", report.Query.By.ToString().ToLowerInvariant(), "name", "currency", "attempts", "failed", "estimated", "unpriced", "input_uncached_tokens", "input_cache_read_tokens",
            "input_cache_write_tokens", "output_text_tokens", "output_reasoning_tokens", "cost", "billed", "margin", "list");
        foreach (var line in report.Lines)
        {
            Row(line.StartMs is { } ms ? Time(ms) : "", Text(line.Group), Text(report.KeyNames.GetValueOrDefault(line.Group, "")), line.Currency, Number(line.Attempts), Number(line.Failed), Number(line.Estimated), Number(line.Unpriced),
                Number(line.InputUncachedTokens), Number(line.InputCacheReadTokens), Number(line.InputCacheWrite5mTokens + line.InputCacheWrite1hTokens), Number(line.OutputTextTokens), Number(line.OutputReasoningTokens),
                MoneyText.Amount(line.CostNano), MoneyText.Amount(line.ChargedNano), MoneyText.Amount(line.MarginNano), MoneyText.Amount(line.ListNano));
        }

        await FlushAsync(cancellationToken);
    }

    /// <summary>Requests, the newest first, all pages from the query's on.</summary>
    public async ValueTask<StoreFault?> WriteAsync(RequestQuery query, RequestAdmin requests, CancellationToken cancellationToken)
    {
        Row("time", "id", "organisation", "team", "key", "endpoint", "protocol", "model", "status", "error", "attempts", "duration_ms", "upstream", "upstream_model", "input_tokens", "output_tokens", "cost", "currency", "billed", "billed_currency", "session", "route_reason", "lost");
        var rows = 0;
        string? next;
        do
        {
            var page = await requests.SearchAsync(query with { CountMax = RequestAdmin.CountMax }, cancellationToken);
            if (page.Fault is { } fault)
                return fault;
            foreach (var trace in page.Value.Requests)
                Add(trace);
            rows += page.Value.Requests.Count;
            await FlushAsync(cancellationToken);
            next = page.Value.Next;
            query = query with { After = next };
        }
        while (next is not null && rows < RowsMax);
        return null;
    }

    /// <summary>Transfers, the newest first, all pages from the query's on.</summary>
    public async ValueTask<StoreFault?> WriteAsync(TransferQuery query, BooksAdmin books, CancellationToken cancellationToken)
    {
        Row("time", "id", "organisation", "request", "kind", "debit", "credit", "amount", "currency", "linked", "price_version", "rate", "note");
        var rows = 0;
        string? next;
        do
        {
            var page = await books.TransfersAsync(query with { CountMax = RequestAdmin.CountMax }, cancellationToken);
            if (page.Fault is { } fault)
                return fault;
            foreach (var transfer in page.Value.Transfers)
            {
                Row(Time(transfer.AtMs), Text(transfer.Id), Text(transfer.Organisation), Text(transfer.RequestId), transfer.Kind, Text(transfer.Debit), Text(transfer.Credit), MoneyText.Amount(transfer.AmountNano), transfer.Currency,
                    Text(transfer.LinkedId), Text(transfer.PriceVersion), transfer.RateNano is { } rate ? MoneyText.Amount(rate) : "", Text(transfer.Note));
            }

            rows += page.Value.Transfers.Count;
            await FlushAsync(cancellationToken);
            next = page.Value.Next;
            query = query with { After = next };
        }
        while (next is not null && rows < RowsMax);
        return null;
    }

    private void Add(RequestTrace trace)
    {
        var (request, last) = (trace.Request!, trace.Attempts.Count > 0 ? trace.Attempts[^1] : null);
        var currencies = trace.Attempts.Where(attempt => attempt.CostNano > 0).Select(attempt => attempt.Currency).Distinct().ToList();
        var billed = trace.Attempts.Where(attempt => attempt.ChargedNano > 0).Select(attempt => attempt.ChargeCurrency).Distinct().ToList();

        // Two currencies are not added; the ledger has both.
        Row(Time(request.StartedMs), Text(request.Id), Text(request.Organisation), Text(request.Team), Text(request.KeyId), Text(request.Endpoint), Text(request.ClientProtocol), Text(request.ModelAsked), Number(request.Status),
            Text(request.ErrorCode), Number(request.Attempts), Number(request.DurationMs), Text(last?.Upstream ?? ""), Text(last?.UpstreamModel ?? ""),
            Number(trace.Attempts.Sum(attempt => attempt.InputUncachedTokens + attempt.InputCacheReadTokens + attempt.InputCacheWrite5mTokens + attempt.InputCacheWrite1hTokens)),
            Number(trace.Attempts.Sum(attempt => attempt.OutputTextTokens + attempt.OutputReasoningTokens)),
            currencies.Count == 1 ? MoneyText.Amount(trace.Attempts.Sum(attempt => attempt.CostNano ?? 0)) : "", currencies.Count == 1 ? currencies[0] : "",
            billed.Count == 1 ? MoneyText.Amount(trace.Attempts.Sum(attempt => attempt.ChargedNano ?? 0)) : "", billed.Count == 1 ? billed[0] : "",
            Text(request.SessionId), Text(request.RouteReason), Text(request.Lost));
    }

    private void Row(params ReadOnlySpan<string> cells)
    {
        for (var i = 0; i < cells.Length; i++)
        {
            if (i > 0)
                _text.Append(',');
            if (cells[i].AsSpan().ContainsAny(",\"\n\r"))
                _text.Append('"').Append(cells[i].Replace("\"", "\"\"", StringComparison.Ordinal)).Append('"');
            else
                _text.Append(cells[i]);
        }

        _text.Append("\r\n");
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        await output.WriteAsync(Encoding.UTF8.GetBytes(_text.ToString()), cancellationToken);
        await output.FlushAsync(cancellationToken);
        _text.Clear();
    }

    // Clients choose some of these texts, and spreadsheets run what begins like a formula.
    private static string Text(string text) => text.Length > 0 && text[0] is ('=' or '+' or '-' or '@' or '\t') ? "'" + text : text;

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Time(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms).ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
