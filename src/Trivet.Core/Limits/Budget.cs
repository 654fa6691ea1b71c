using System.Globalization;

namespace Trivet.Core.Limits;

/// <summary>The time after which a budget starts again.</summary>
public enum BudgetWindow
{
    /// <summary>Never: the budget is for the whole life of its owner.</summary>
    Total,
    Day,
    Week,
    Month,
}

/// <summary>
/// An amount that may be spent per window, as an operator types it: <c>1.00USD</c>, <c>1.00USD/day</c>, <c>20CNY/month</c>.
/// Money is integer nano-units of <paramref name="Currency"/> (1.00 USD = 1,000,000,000); more than nine decimals is refused, never rounded.
/// </summary>
public readonly record struct Budget(long AmountNano, string Currency, BudgetWindow Window)
{
    /// <summary>Nano-units in one unit of currency.</summary>
    public const long NanoPerUnit = 1_000_000_000;

    private const int DecimalsMax = 9;

    /// <summary>Reads an operator's text. False when it is not a non-negative amount, a three-letter currency and a known window.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out Budget budget)
    {
        budget = default;
        text = text.Trim();
        var window = BudgetWindow.Total;
        var slash = text.IndexOf('/');
        if (slash >= 0)
        {
            if (!TryParseWindow(text[(slash + 1)..], out window))
                return false;
            text = text[..slash].TrimEnd();
        }

        if (text.Length < 4)
            return false;
        var currency = text[^3..];
        foreach (var letter in currency)
        {
            if (!char.IsAsciiLetter(letter))
                return false;
        }

        if (!TryParseNano(text[..^3].TrimEnd(), out var nano))
            return false;
        budget = new Budget(nano, currency.ToString().ToUpperInvariant(), window);
        return true;
    }

    /// <summary>Reads several between commas, at most one per window and currency; none for an empty text.</summary>
    public static bool TryParseList(string text, out IReadOnlyList<Budget> budgets)
    {
        var list = new List<Budget>();
        budgets = list;
        foreach (var part in text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (!TryParse(part, out var budget) || list.Exists(other => other.Window == budget.Window && other.Currency == budget.Currency))
                return false;
            list.Add(budget);
        }

        return true;
    }

    /// <summary>The text that <see cref="TryParseList"/> reads.</summary>
    public static string Join(IEnumerable<Budget> budgets) => string.Join(',', budgets);

    /// <summary>The canonical text, which <see cref="TryParse"/> reads back to the same value.</summary>
    public override string ToString()
    {
        var whole = AmountNano / NanoPerUnit;
        var fraction = (AmountNano % NanoPerUnit).ToString("D9", CultureInfo.InvariantCulture).TrimEnd('0').PadRight(2, '0');
        var suffix = Window switch
        {
            BudgetWindow.Day => "/day",
            BudgetWindow.Week => "/week",
            BudgetWindow.Month => "/month",
            _ => "",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{whole}.{fraction}{Currency}{suffix}");
    }

    private static bool TryParseWindow(ReadOnlySpan<char> text, out BudgetWindow window)
    {
        (var known, window) = text switch
        {
            "day" => (true, BudgetWindow.Day),
            "week" => (true, BudgetWindow.Week),
            "month" => (true, BudgetWindow.Month),
            "total" => (true, BudgetWindow.Total),
            _ => (false, BudgetWindow.Total),
        };
        return known;
    }

    /// <summary>Reads a non-negative decimal number of at most nine places as nano-units.</summary>
    public static bool TryParseNano(ReadOnlySpan<char> text, out long nano)
    {
        nano = 0;
        var dot = text.IndexOf('.');
        var whole = dot < 0 ? text : text[..dot];
        var fraction = dot < 0 ? default : text[(dot + 1)..];
        if (whole.IsEmpty || fraction.Length > DecimalsMax || (dot >= 0 && fraction.IsEmpty))
            return false;
        if (!long.TryParse(whole, NumberStyles.None, CultureInfo.InvariantCulture, out var units) || units > long.MaxValue / NanoPerUnit - 1)
            return false;
        var fractionNano = 0L;
        if (!fraction.IsEmpty && !long.TryParse(fraction, NumberStyles.None, CultureInfo.InvariantCulture, out fractionNano))
            return false;
        for (var i = fraction.Length; i < DecimalsMax; i++)
            fractionNano *= 10;
        nano = units * NanoPerUnit + fractionNano;
        return true;
    }
}
