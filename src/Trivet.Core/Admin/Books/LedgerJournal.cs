using System.Globalization;
using System.Text;
using Trivet.Core.Ledger;

namespace Trivet.Core.Admin.Books;

/// <summary>What the ledger is written out as.</summary>
public enum JournalFormat
{
    /// <summary>One line per transfer, comma-separated.</summary>
    Csv,

    /// <summary>The plain-text journal of hledger (and of ledger).</summary>
    HLedger,

    /// <summary>The plain-text journal of beancount.</summary>
    Beancount,
}

/// <summary>Writes transfers as a journal that other programs read. Amounts have nine decimals: nothing is rounded.</summary>
public sealed class LedgerJournal(TextWriter output, JournalFormat format)
{
    private readonly HashSet<string> _opened = new(StringComparer.Ordinal);

    /// <summary>What stands before the first transfer.</summary>
    public void Begin()
    {
        switch (format)
        {
            case JournalFormat.Csv:
                output.Write("time,id,organisation,request,kind,debit,credit,amount,currency,linked,price_version,rate,note\n");
                break;
            case JournalFormat.HLedger:
                output.Write("; Made by trivet ledger export. Amounts are exact to a nano-unit.\ndecimal-mark .\n\n");
                break;
            default:
                output.Write("; Made by trivet ledger export. Amounts are exact to a nano-unit.\noption \"name_assets\" \"Assets\"\n\n");
                break;
        }
    }

    /// <summary>One transfer.</summary>
    public void Write(Transfer transfer)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(transfer.AtMs);
        var amount = Amount(transfer.AmountNano);
        switch (format)
        {
            case JournalFormat.Csv:
                output.Write(string.Join(',', ((string[])
                [
                    time.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture), transfer.Id, transfer.Organisation, transfer.RequestId, transfer.Kind, transfer.Debit, transfer.Credit, amount,
                    transfer.Currency, transfer.LinkedId, transfer.PriceVersion, transfer.RateNano is { } rate ? Amount(rate) : "", transfer.Note,
                ]).Select(Csv)) + "\n");
                break;
            case JournalFormat.HLedger:
                output.Write($"{time:yyyy-MM-dd} ({transfer.Id}) {transfer.Kind}{About(transfer)}\n    {Plain(transfer.Debit)}  {amount} {transfer.Currency}\n    {Plain(transfer.Credit)}  -{amount} {transfer.Currency}\n\n");
                break;
            default:
                WriteBeancount(transfer, time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), amount);
                break;
        }
    }

    private void WriteBeancount(Transfer transfer, string day, string amount)
    {
        foreach (var account in (string[])[Bean(transfer.Debit), Bean(transfer.Credit)])
        {
            if (_opened.Add(account))
                output.Write($"{day} open {account}\n");
        }

        output.Write($"{day} * \"{transfer.Kind}\" \"{Quoted(transfer.Id)}\"\n");
        if (transfer.RequestId.Length > 0)
            output.Write($"  request: \"{Quoted(transfer.RequestId)}\"\n");
        if (transfer.Note.Length > 0)
            output.Write($"  note: \"{Quoted(transfer.Note)}\"\n");
        output.Write($"  {Bean(transfer.Debit)}  {amount} {transfer.Currency}\n  {Bean(transfer.Credit)}  -{amount} {transfer.Currency}\n\n");
    }

    private static string Amount(long nano) => string.Create(CultureInfo.InvariantCulture, $"{nano / 1_000_000_000}.{nano % 1_000_000_000:D9}");

    private static string About(Transfer transfer)
    {
        var about = transfer.RequestId + (transfer.Note.Length > 0 ? " " + transfer.Note : "");
        return about.Length == 0 ? "" : " | " + about.Trim().Replace('\n', ' ').Replace(';', ',');
    }

    private static string Plain(string account) => account.Replace('/', ':');

    // Five roots, and parts that begin with a capital letter or a digit and hold no sign but a dash.
    private static string Bean(string account)
    {
        var root = AccountNames.KindOf(account) switch
        {
            AccountNames.CustomerKind or AccountNames.PrepaidKind or AccountNames.BankKind => "Assets",
            AccountNames.PayableKind => "Liabilities",
            AccountNames.RevenueKind => "Income",
            AccountNames.CostKind or AccountNames.FailedKind or AccountNames.AbsorbedKind => "Expenses",
            _ => "Equity",
        };
        var name = new StringBuilder(root);
        foreach (var part in account.Split('/'))
        {
            name.Append(':');
            var start = name.Length;
            foreach (var letter in part)
                name.Append(char.IsAsciiLetterOrDigit(letter) ? letter : '-');
            if (name.Length == start || name[start] == '-')
                name.Insert(start, 'X');
            name[start] = char.ToUpperInvariant(name[start]);
        }

        return name.ToString();
    }

    private static string Quoted(string text) => text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal);

    private static string Csv(string field) =>
        field.AsSpan().ContainsAny(",\"\n\r") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
}
