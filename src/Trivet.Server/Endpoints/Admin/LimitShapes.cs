using Trivet.Core.Limits;

namespace Trivet.Server.Endpoints.Admin;

/// <summary>An amount that may be spent per window.</summary>
/// <param name="AmountNano">Nano-units: 1.00 is 1,000,000,000.</param>
/// <param name="Currency">Three letters.</param>
/// <param name="Window">After which it starts again.</param>
internal sealed record BudgetShape(long AmountNano, string Currency, BudgetWindow Window);

/// <summary>Limits, between the API's shapes and the program's.</summary>
internal static class LimitShapes
{
    public static IReadOnlyList<BudgetShape> Of(IEnumerable<Budget> budgets) => [.. budgets.Select(budget => new BudgetShape(budget.AmountNano, budget.Currency, budget.Window))];

    public static IReadOnlyList<Budget>? Read(IReadOnlyList<BudgetShape>? shapes) => shapes is null ? null : [.. shapes.Select(shape => new Budget(shape.AmountNano, shape.Currency.ToUpperInvariant(), shape.Window))];

    /// <summary>What is wrong with limits; null when nothing is.</summary>
    public static string? Problem(IReadOnlyList<BudgetShape>? budgets, int? requests, int? tokens, int? concurrent, bool zeroIsNone)
    {
        foreach (var budget in budgets ?? [])
        {
            if (budget.AmountNano < 0)
                return "A budget's amount_nano is below zero.";
            if (budget.Currency is not { Length: 3 } currency || !currency.All(char.IsAsciiLetter))
                return "A budget's currency is three letters.";
        }

        if (budgets is not null && budgets.DistinctBy(budget => (budget.Window, budget.Currency.ToUpperInvariant())).Count() != budgets.Count)
            return "Two budgets have the same window and currency.";
        foreach (var (name, value) in ((string, int?)[])[("requests_per_minute", requests), ("tokens_per_minute", tokens), ("concurrent_max", concurrent)])
        {
            if (value < 0 || (value == 0 && !zeroIsNone))
                return zeroIsNone ? $"{name} is a number above 0, or 0 for no limit." : $"{name} is a number above 0; leave it out for no limit.";
        }

        return null;
    }
}

/// <summary>Times of the books in the API's form.</summary>
internal static class Times
{
    public static DateTimeOffset At(long ms) => DateTimeOffset.FromUnixTimeMilliseconds(ms);

    public static DateTimeOffset? At(long? ms) => ms is { } known ? At(known) : null;
}
