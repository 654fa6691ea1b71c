using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Trivet.Core.Ledger;

namespace Trivet.Core.Admin.Books;

/// <summary>One day and model of a supplier's bill. Money is nano-units.</summary>
/// <param name="Day">As <c>2026-11-30</c>.</param>
/// <param name="Model">As the supplier calls it.</param>
/// <param name="Currency">Three letters; empty where the bill does not say.</param>
/// <param name="AmountNano">What it asks for.</param>
public sealed record BillLine(string Day, string Model, string Currency, long AmountNano);

/// <summary>A bill's line beside our books.</summary>
/// <param name="Day">As <c>2026-11-30</c>.</param>
/// <param name="Model">The upstream's model.</param>
/// <param name="Currency">Of both.</param>
/// <param name="BilledNano">What the bill says; null: it says nothing of this day and model.</param>
/// <param name="Booked">What the books say; null: nothing.</param>
public sealed record BillDifference(string Day, string Model, string Currency, long? BilledNano, DailyCost? Booked)
{
    /// <summary>How much the bill is above our books.</summary>
    public long DifferenceNano => (BilledNano ?? 0) - (Booked?.CostNano ?? 0);
}

/// <summary>A supplier's bill as CSV: a heading with columns for day, model and amount under any of their usual names, and one line per day and model or finer.</summary>
public static class SupplierBill
{
    private static readonly string[] DayNames = ["date", "day", "time", "start_time", "usage_date", "usage_start"];
    private static readonly string[] ModelNames = ["model", "model_name", "model_id", "sku"];
    private static readonly string[] AmountNames = ["amount", "cost", "total", "total_cost", "charge", "price"];
    private static readonly string[] CurrencyNames = ["currency", "currency_code"];

    /// <summary>Reads one; lines of the same day and model are added up. False with what is wrong and where.</summary>
    public static bool TryRead(string csv, [NotNullWhen(true)] out IReadOnlyList<BillLine>? lines, [NotNullWhen(false)] out string? mistake)
    {
        (lines, mistake) = (null, null);
        var rows = csv.Split('\n').Select((text, index) => (Text: text.TrimEnd('\r'), Number: index + 1)).Where(row => row.Text.Trim().Length > 0).ToList();
        var heading = rows.Count == 0 ? [] : Cells(rows[0].Text.TrimStart('\uFEFF')).Select(cell => cell.Trim().ToLowerInvariant().Replace(' ', '_')).ToList();
        var (day, model, amount, currency) = (Find(DayNames), Find(ModelNames), Find(AmountNames), Find(CurrencyNames));
        if (day < 0 || model < 0 || amount < 0)
        {
            mistake = "The first line must name the columns: a day (date), a model (model) and an amount (amount or cost); a currency where there is more than one.";
            return false;
        }

        var sums = new SortedDictionary<(string, string, string), long>();
        foreach (var (text, number) in rows.Skip(1))
        {
            var cells = Cells(text);
            if (cells.Count <= Math.Max(day, Math.Max(model, amount)) || !TryDay(cells[day], out var date) || !TryAmount(cells[amount], out var nano))
            {
                mistake = $"Line {number} cannot be read: {text}";
                return false;
            }

            var key = (date, cells[model].Trim(), currency >= 0 && cells.Count > currency ? cells[currency].Trim().ToUpperInvariant() : "");
            sums[key] = sums.GetValueOrDefault(key) + nano;
        }

        lines = [.. sums.Select(sum => new BillLine(sum.Key.Item1, sum.Key.Item2, sum.Key.Item3, sum.Value))];
        return true;

        int Find(string[] names) => heading.FindIndex(name => names.Contains(name, StringComparer.Ordinal));
    }

    /// <summary>Puts a bill beside our books, by day and model.</summary>
    public static IReadOnlyList<BillDifference> Compare(IReadOnlyList<BillLine> bill, IReadOnlyList<DailyCost> books)
    {
        var result = new List<BillDifference>();
        var open = books.ToList();
        foreach (var line in bill)
        {
            var booked = open.Find(book => book.Day == line.Day && book.Model == line.Model && (line.Currency.Length == 0 || book.Currency.Length == 0 || book.Currency == line.Currency));
            if (booked is not null)
                open.Remove(booked);
            result.Add(new BillDifference(line.Day, line.Model, line.Currency.Length > 0 ? line.Currency : booked?.Currency ?? "", line.AmountNano, booked));
        }

        result.AddRange(open.Where(book => book.CostNano != 0 || book.Unpriced > 0).Select(book => new BillDifference(book.Day, book.Model, book.Currency, null, book)));
        return [.. result.OrderBy(line => line.Day, StringComparer.Ordinal).ThenBy(line => line.Model, StringComparer.Ordinal)];
    }

    /// <summary>The days that a bill is about, whole: from the first to the end of the last.</summary>
    internal static (DateTimeOffset From, DateTimeOffset To) Days(IReadOnlyList<BillLine> lines)
    {
        return (Day(lines.Min(line => line.Day)!), Day(lines.Max(line => line.Day)!).AddDays(1));

        static DateTimeOffset Day(string day) => DateTimeOffset.ParseExact(day, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);
    }

    private static bool TryDay(string text, out string day)
    {
        day = "";
        if (!DateTimeOffset.TryParse(text.Trim(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return false;
        day = time.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        return true;
    }

    // Bills are decimal texts, with a sign of currency in front at times; more than nine places are rounded to even.
    private static bool TryAmount(string text, out long nano)
    {
        nano = 0;
        var plain = text.Trim().TrimStart('$', '¥', '￥', '€').Replace("_", "", StringComparison.Ordinal);
        if (!decimal.TryParse(plain, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowThousands | NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out var amount) || Math.Abs(amount) > 1_000_000_000m)
            return false;
        nano = (long)decimal.Round(amount * 1_000_000_000m, MidpointRounding.ToEven);
        return true;
    }

    private static List<string> Cells(string line)
    {
        var cells = new List<string>();
        var cell = new System.Text.StringBuilder();
        var isQuoted = false;
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && isQuoted && i + 1 < line.Length && line[i + 1] == '"')
                cell.Append(line[i++]);
            else if (line[i] == '"')
                isQuoted = !isQuoted;
            else if (line[i] == ',' && !isQuoted)
            {
                cells.Add(cell.ToString());
                cell.Clear();
            }
            else
                cell.Append(line[i]);
        }

        cells.Add(cell.ToString());
        return cells;
    }
}
