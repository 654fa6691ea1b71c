using Trivet.Core.Ledger;

namespace Trivet.Tests.Ledger;

public sealed class AccountTests
{
    [Fact]
    public void An_account_is_named_by_its_parts_with_the_currency_last()
    {
        Assert.Equal("customer/acme/USD", AccountNames.Customer("acme", "", "", "USD"));
        Assert.Equal("customer/acme/search/USD", AccountNames.Customer("acme", "search", "", "USD"));
        Assert.Equal("customer/acme/search/key_1/USD", AccountNames.Customer("acme", "search", "key_1", "USD"));
        Assert.Equal("customer/acme/-/key_1/USD", AccountNames.Customer("acme", "", "key_1", "USD"));
        Assert.Equal("budget/acme/-/-/day-2026-11-30/USD", AccountNames.Budget("acme", "", "", "day-2026-11-30", "USD"));
        Assert.Equal("budget/acme/search/key_1/total/USD", AccountNames.Budget("acme", "search", "key_1", "total", "USD"));
        Assert.Equal(["fx/CNY", "bank/CNY", "adjustments/CNY"], [AccountNames.Exchange("CNY"), AccountNames.Bank("CNY"), AccountNames.Adjustments("CNY")]);
        Assert.Equal(
            ["revenue/a/USD", "payable/u/USD", "prepaid/u/USD", "cost/u/USD", "failed/u/USD", "absorbed/a/USD"],
            [AccountNames.Revenue("a", "USD"), AccountNames.Payable("u", "USD"), AccountNames.Prepaid("u", "USD"), AccountNames.Cost("u", "USD"), AccountNames.Failed("u", "USD"), AccountNames.Absorbed("a", "USD")]);
    }

    [Fact]
    public void What_separates_parts_is_escaped_within_them()
    {
        Assert.Equal("payable/a%2Fb%20c%3Dd%25/USD", AccountNames.Payable("a/b c=d%", "USD"));
        Assert.Equal(("payable", "USD"), (AccountNames.KindOf("payable/a%2Fb/USD"), AccountNames.CurrencyOf("payable/a%2Fb/USD")));
        Assert.Equal("bank", AccountNames.KindOf("bank"));
        Assert.Equal("", AccountNames.KindOf("/USD"));
    }

    [Theory]
    [InlineData("customer/acme/USD", 3)]
    [InlineData("prepaid/lab/USD", 3)]
    [InlineData("cost/lab/USD", 3)]
    [InlineData("failed/lab/USD", 3)]
    [InlineData("absorbed/acme/USD", 3)]
    [InlineData("bank/USD", 3)]
    [InlineData("revenue/acme/USD", -3)]
    [InlineData("payable/lab/USD", -3)]
    [InlineData("fx/USD", -3)]
    [InlineData("adjustments/USD", -3)]
    public void A_balance_is_read_as_more_of_what_the_account_is_about(string account, long balance)
    {
        Assert.Equal(balance, new AccountBalance(account, 5, 2).BalanceNano);
        Assert.Equal("USD", new AccountBalance(account, 5, 2).Currency);
    }

    [Fact]
    public void Sums_that_no_number_holds_are_an_error_and_no_wrong_balance()
    {
        var much = new Transfer { Id = "a", AtMs = 1, Organisation = "", Kind = "adjust", Debit = "bank/USD", Credit = "fx/USD", AmountNano = long.MaxValue };

        Assert.Throws<OverflowException>(() => AccountBalance.Of([much, much with { Id = "b", Credit = "adjustments/USD" }]));
        Assert.Throws<OverflowException>(() => AccountBalance.Of([much, much with { Id = "b", Debit = "adjustments/USD" }]));
    }

    [Fact]
    public void A_transfer_that_makes_no_sense_says_why()
    {
        var transfer = new Transfer { Id = "a", AtMs = 1, Organisation = "", Kind = "adjust", Debit = "bank/USD", Credit = "fx/USD", AmountNano = 1 };

        Assert.Null(transfer.Problem());
        Assert.Contains("above zero", (transfer with { AmountNano = 0 }).Problem(), StringComparison.Ordinal);
        Assert.Contains("itself", (transfer with { Credit = "bank/USD" }).Problem(), StringComparison.Ordinal);
        Assert.Contains("currencies", (transfer with { Credit = "fx/CNY" }).Problem(), StringComparison.Ordinal);
    }
}
