using Trivet.Core.Limits;

namespace Trivet.Tests.Limits;

public sealed class BudgetTests
{
    [Theory]
    [InlineData("1.00USD/day", 1_000_000_000, "USD", BudgetWindow.Day)]
    [InlineData("20CNY/month", 20_000_000_000, "CNY", BudgetWindow.Month)]
    [InlineData("0.000000001usd", 1, "USD", BudgetWindow.Total)]
    [InlineData(" 5.5 EUR/week ", 5_500_000_000, "EUR", BudgetWindow.Week)]
    [InlineData("0USD", 0, "USD", BudgetWindow.Total)]
    public void An_amount_reads_exactly_and_its_text_reads_back(string text, long nano, string currency, BudgetWindow window)
    {
        Assert.True(Budget.TryParse(text, out var budget));

        Assert.Equal(new Budget(nano, currency, window), budget);
        Assert.True(Budget.TryParse(budget.ToString(), out var again));
        Assert.Equal(budget, again);
    }

    [Theory]
    [InlineData("")]
    [InlineData("USD")]
    [InlineData("1.00")]
    [InlineData("-1USD")]
    [InlineData("1,5USD")]
    [InlineData("1.USD")]
    [InlineData(".5USD")]
    [InlineData("1e3USD")]
    [InlineData("1.0000000001USD")]
    [InlineData("9223372037USD")]
    [InlineData("1USD/hour")]
    [InlineData("1USD/")]
    [InlineData("1US$")]
    public void What_is_not_exactly_an_amount_is_refused(string text) => Assert.False(Budget.TryParse(text, out _));

    [Fact]
    public void The_canonical_text_has_two_decimals_or_as_many_as_it_needs()
    {
        Assert.Equal("1.00USD/day", new Budget(1_000_000_000, "USD", BudgetWindow.Day).ToString());
        Assert.Equal("0.000000001USD", new Budget(1, "USD", BudgetWindow.Total).ToString());
    }
}
