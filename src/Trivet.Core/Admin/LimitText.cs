using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using Trivet.Core.Keys;
using Trivet.Core.Limits;

namespace Trivet.Core.Admin;

/// <summary>Names and limits as people type them, read in one place for the CLI, the console and the admin API.</summary>
public static class LimitText
{
    /// <summary>How budgets are written, for messages.</summary>
    public const string BudgetForms = "an amount and a currency, with an optional window, one per window: 1.00USD, 1.00USD/day, 20CNY/week, 5EUR/month";

    private const int NameCharsMax = 100;
    private const decimal PercentMin = -100;
    private const decimal PercentMax = 100_000;

    /// <summary>Budgets between commas. <c>none</c> and the empty text are none.</summary>
    public static bool TryReadBudgets(string text, out IReadOnlyList<Budget> budgets)
    {
        budgets = [];
        return text.Trim() == "none" || Budget.TryParseList(text, out budgets);
    }

    /// <summary>Model patterns between commas. <c>all</c> allows every model, the empty text none.</summary>
    public static IReadOnlyList<string> ReadModels(string text) =>
        text.Trim() == "all" ? LimitChange.AllModels : text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>A percentage such as <c>20%</c> or <c>-5</c> in millionths.</summary>
    public static bool TryReadMargin(string text, out long millionths)
    {
        millionths = 0;
        if (!decimal.TryParse(text.Trim().TrimEnd('%').Trim(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent) || percent is < PercentMin or > PercentMax)
            return false;
        millionths = (long)(percent * (OwnerRecord.Million / 100));
        return true;
    }

    /// <summary>A currency; the empty text and <c>none</c> are none.</summary>
    public static bool TryReadCurrency(string text, out string currency)
    {
        currency = text.Trim().ToUpperInvariant();
        if (currency is "" or "NONE")
            currency = "";
        else if (currency.Length != 3 || !currency.All(char.IsAsciiLetter))
            return false;
        return true;
    }

    /// <summary>What is wrong with a name for a key, a team or an organisation; null when nothing is.</summary>
    public static string? NameProblem(string what, string name)
    {
        if (name.Trim().Length == 0)
            return $"{what} needs a name.";
        if (name.Length > NameCharsMax)
            return $"{what}'s name has more than {NameCharsMax} characters.";
        return name.Any(char.IsControl) ? $"{what}'s name has characters that cannot be shown." : null;
    }

    /// <summary>A number of a limit: empty leaves it, 0 takes it away.</summary>
    public static bool TryReadLimit(string text, [NotNullWhen(true)] out int? limit)
    {
        limit = int.TryParse(text.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : text.Trim().Length == 0 ? 0 : null;
        return limit is not null;
    }
}
