using System.Globalization;
using System.Text.Json;
using Trivet.Core.Admin;
using Trivet.Core.Admin.Books;
using Trivet.Core.Ledger;

namespace Trivet.Server.Cli.Books;

/// <summary>What the ledger's verbs print.</summary>
internal static class LedgerText
{
    public static void Write(TextWriter output, RequestMoney money)
    {
        var attempts = new TextTable("ATTEMPT", "UPSTREAM", "MODEL", ">COST", ">BILLED", ">ABSORBED", "PRICE", "");
        foreach (var attempt in money.Trace.Attempts)
        {
            attempts.Add(
                attempt.Id, attempt.Upstream, attempt.UpstreamModel, attempt.CostNano is { } cost ? MoneyText.Format(cost, attempt.Currency) : "unpriced",
                attempt.ChargedNano is { } charged ? MoneyText.Format(charged, attempt.ChargeCurrency) : "unpriced", attempt.AbsorbedNano == 0 ? "" : MoneyText.Format(attempt.AbsorbedNano, attempt.ChargeCurrency),
                attempt.PriceVersion, (attempt.Estimated ? "estimated " : "") + (attempt.Recovered ? "recovered" : ""));
        }

        attempts.Write(output);
        output.WriteLine();
        if (money.Transfers.Count == 0)
        {
            output.WriteLine("No money moved.");
            return;
        }

        var transfers = new TextTable("TRANSFER", "KIND", "DEBIT", "CREDIT", ">AMOUNT", "");
        foreach (var transfer in money.Transfers)
            transfers.Add(transfer.Id, transfer.Kind, transfer.Debit, transfer.Credit, Exact(transfer.AmountNano, transfer.Currency), About(transfer));
        transfers.Write(output);
    }

    public static void Write(TextWriter output, IReadOnlyList<BillDifference> lines)
    {
        var table = new TextTable("DAY", "MODEL", ">BILL", ">BOOKS", ">DIFFERENCE", ">ATTEMPTS", "");
        foreach (var line in lines)
        {
            var marks = (line.Booked is null ? "not in our books " : "") + (line.BilledNano is null ? "not in the bill " : "") + (line.Booked is { Unpriced: > 0 } ? $"{line.Booked.Unpriced} unpriced " : "")
                + (line.Booked is { Estimated: > 0 } ? $"{line.Booked.Estimated} estimated" : "");
            table.Add(
                line.Day, line.Model, line.BilledNano is { } billed ? Exact(billed, line.Currency) : "", line.Booked is { } booked ? Exact(booked.CostNano, line.Currency) : "",
                line.DifferenceNano == 0 ? "" : (line.DifferenceNano > 0 ? "+" : "") + Exact(line.DifferenceNano, line.Currency), (line.Booked?.Attempts ?? 0).ToString("#,0", CultureInfo.InvariantCulture), marks.TrimEnd());
        }

        table.Write(output);
        output.WriteLine(lines.All(line => line.DifferenceNano == 0) ? "The bill and our books agree." : "+ the bill asks for more than we booked, - for less.");
    }

    public static void WriteJson(Utf8JsonWriter json, RequestMoney money)
    {
        json.WriteStartObject();
        json.WriteString("request", money.Trace.Request?.Id ?? money.Trace.Attempts[0].RequestId);
        json.WriteStartArray("attempts");
        foreach (var attempt in money.Trace.Attempts)
        {
            json.WriteStartObject();
            json.WriteString("id", attempt.Id);
            json.WriteString("upstream", attempt.Upstream);
            json.WriteString("model", attempt.UpstreamModel);
            json.WriteNumberOrNull("cost_nano", attempt.CostNano);
            json.WriteString("currency", attempt.Currency);
            json.WriteNumberOrNull("charged_nano", attempt.ChargedNano);
            json.WriteString("charge_currency", attempt.ChargeCurrency);
            json.WriteNumber("absorbed_nano", attempt.AbsorbedNano);
            json.WriteString("price_version", attempt.PriceVersion);
            json.WriteBoolean("estimated", attempt.Estimated);
            json.WriteBoolean("recovered", attempt.Recovered);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("transfers");
        foreach (var transfer in money.Transfers)
        {
            json.WriteStartObject();
            json.WriteString("id", transfer.Id);
            json.WriteNumber("at_ms", transfer.AtMs);
            json.WriteString("kind", transfer.Kind);
            json.WriteString("debit", transfer.Debit);
            json.WriteString("credit", transfer.Credit);
            json.WriteNumber("amount_nano", transfer.AmountNano);
            json.WriteString("currency", transfer.Currency);
            json.WriteString("linked", transfer.LinkedId);
            json.WriteString("price_version", transfer.PriceVersion);
            json.WriteNumberOrNull("rate_nano", transfer.RateNano);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteJson(Utf8JsonWriter json, IReadOnlyList<AccountBalance> balances)
    {
        json.WriteStartObject();
        json.WriteStartArray("accounts");
        foreach (var balance in balances)
        {
            json.WriteStartObject();
            json.WriteString("id", balance.Id);
            json.WriteNumber("debits_nano", balance.DebitsNano);
            json.WriteNumber("credits_nano", balance.CreditsNano);
            json.WriteNumber("balance_nano", balance.BalanceNano);
            json.WriteString("currency", balance.Currency);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public static void WriteJson(Utf8JsonWriter json, IReadOnlyList<BillDifference> lines)
    {
        json.WriteStartObject();
        json.WriteStartArray("lines");
        foreach (var line in lines)
        {
            json.WriteStartObject();
            json.WriteString("day", line.Day);
            json.WriteString("model", line.Model);
            json.WriteString("currency", line.Currency);
            json.WriteNumberOrNull("billed_nano", line.BilledNano);
            json.WriteNumberOrNull("booked_nano", line.Booked?.CostNano);
            json.WriteNumber("difference_nano", line.DifferenceNano);
            json.WriteNumber("attempts", line.Booked?.Attempts ?? 0);
            json.WriteNumber("unpriced", line.Booked?.Unpriced ?? 0);
            json.WriteNumber("estimated", line.Booked?.Estimated ?? 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>All nine decimals: to the last nano-unit.</summary>
    private static string Exact(long nano, string currency)
    {
        var magnitude = nano < 0 ? (ulong)-(nano + 1) + 1 : (ulong)nano;
        return string.Create(CultureInfo.InvariantCulture, $"{(nano < 0 ? "-" : "")}{magnitude / 1_000_000_000}.{magnitude % 1_000_000_000:D9} {currency}").TrimEnd();
    }

    private static string About(Transfer transfer) =>
        string.Join(", ", ((string[])[
            transfer.LinkedId.Length > 0 ? "to " + transfer.LinkedId : "", transfer.PriceVersion.Length > 0 ? "price " + transfer.PriceVersion : "",
            transfer.RateNano is { } rate ? "rate " + Exact(rate, "") : "", transfer.Note,
        ]).Where(part => part.Length > 0));
}
