using Trivet.Core.Ledger;
using Trivet.Core.Relay.Metering;

namespace Trivet.Tests.Ledger;

public sealed class AttemptPostingsTests
{
    private static readonly AttemptRecord Served = new()
    {
        Id = "att_1",
        RequestId = "req_1",
        Organisation = "acme",
        KeyId = "key_1",
        StartedMs = 1001,
        AdmittedMs = 1000,
        Upstream = "lab",
        Committed = true,
        CostNano = 100,
        Currency = "USD",
        ChargedNano = 120,
        ChargeCurrency = "USD",
    };

    [Fact]
    public void A_served_attempt_costs_us_and_is_charged()
    {
        Assert.Equal(
            ["att_1.charge customer/acme/USD revenue/acme/USD 120", "att_1.cost cost/lab/USD payable/lab/USD 100"],
            Post(Served));
        Assert.All(Transfers(Served), transfer => Assert.Equal(1000, transfer.AtMs));
    }

    [Fact]
    public void What_gave_the_client_nothing_is_a_cost_of_failure_and_charged_to_nobody() =>
        Assert.Equal(["att_1.cost failed/lab/USD payable/lab/USD 100"], Post(Served with { Committed = false, ChargedNano = 0 }));

    [Theory]
    [InlineData(true, "cost")]
    [InlineData(false, "failed")]
    public void What_an_upstream_that_was_paid_in_advance_costs_is_taken_from_that(bool committed, string kind) =>
        Assert.Equal([$"att_1.cost {kind}/lab/USD prepaid/lab/USD 100"], Post(Served with { UpstreamPrepaid = true, Committed = committed, ChargedNano = 0 }));

    [Fact]
    public void A_cost_belongs_to_no_other_transfer_names_no_rate_and_is_dated_by_its_attempt_where_the_admission_is_not_known()
    {
        var cost = Transfers(Served with { AdmittedMs = 0, Payer = "customer/acme/CNY", PaidNano = 840, RateNano = 7_000_000_000 }).Single(transfer => transfer.Kind == "cost");

        Assert.Equal(("", null, 1001L), (cost.LinkedId, cost.RateNano, cost.AtMs));
    }

    [Fact]
    public void A_charge_that_is_an_overrun_alone_or_nothing_moves_no_more_than_that()
    {
        Assert.Equal(["att_1.cost cost/lab/USD payable/lab/USD 100", "att_1.overrun customer/acme/USD revenue/acme/USD 120"], Post(Served with { OverrunNano = 120 }));
        Assert.Equal(["att_1.cost cost/lab/USD payable/lab/USD 100"], Post(Served with { ChargedNano = 0, Payer = "customer/acme/CNY", PaidNano = 0, RateNano = 7_000_000_000 }));
    }

    [Fact]
    public void An_unpriced_attempt_moves_nothing() => Assert.Empty(Post(Served with { CostNano = null, ChargedNano = null }));

    [Fact]
    public void Overrun_and_what_is_absorbed_are_linked_to_the_charge()
    {
        var transfers = Transfers(Served with { OverrunNano = 20, AbsorbedNano = 5 });

        Assert.Equal(
            ["att_1.absorb absorbed/acme/USD revenue/acme/USD 5", "att_1.charge customer/acme/USD revenue/acme/USD 100", "att_1.cost cost/lab/USD payable/lab/USD 100", "att_1.overrun customer/acme/USD revenue/acme/USD 20"],
            transfers.Select(Text).Order(StringComparer.Ordinal));
        Assert.All(transfers.Where(transfer => transfer.Kind is "overrun" or "absorb"), transfer => Assert.Equal("att_1.charge", transfer.LinkedId));
    }

    [Fact]
    public void Where_two_currencies_meet_both_legs_go_through_the_position_and_name_the_rate()
    {
        var transfers = Transfers(Served with { Payer = "customer/acme/CNY", PaidNano = 840, RateNano = 7_000_000_000 });

        Assert.Equal(
            ["att_1.charge fx/USD revenue/acme/USD 120", "att_1.cost cost/lab/USD payable/lab/USD 100", "att_1.fx customer/acme/CNY fx/CNY 840"],
            transfers.Select(Text).Order(StringComparer.Ordinal));
        Assert.All(transfers.Where(transfer => transfer.Kind != "cost"), transfer => Assert.Equal(7_000_000_000, transfer.RateNano));
        Assert.All(transfers, transfer => Assert.Null(transfer.Problem()));
    }

    [Theory]
    [InlineData("customer/a/USD", "revenue/a/CNY", 1)]
    [InlineData("customer/a/USD", "customer/a/USD", 1)]
    [InlineData("customer/a/USD", "revenue/a/USD", 0)]
    [InlineData("customer/a/USD", "revenue/a/USD", -1)]
    public void A_transfer_of_nothing_to_itself_or_between_currencies_has_a_problem(string debit, string credit, long amount) =>
        Assert.NotNull(new Transfer { Id = "x", AtMs = 1, Organisation = "a", Kind = TransferKinds.Adjust, Debit = debit, Credit = credit, AmountNano = amount }.Problem());

    [Fact]
    public void Names_with_odd_signs_stay_one_part_of_an_account()
    {
        var account = AccountNames.Customer("a/b c=d", "t%", "", "USD");

        Assert.Equal("customer/a%2Fb%20c%3Dd/t%25/USD", account);
        Assert.Equal("USD", AccountNames.CurrencyOf(account));
        Assert.True(AccountNames.IsCustomer(account));
    }

    [Fact]
    public void Balances_of_any_transfers_come_to_nothing_in_each_currency()
    {
        var random = new Random(11);
        var accounts = (string[])["customer/a/USD", "revenue/a/USD", "payable/b/USD", "cost/b/USD", "customer/a/CNY", "fx/CNY"];
        var transfers = Enumerable.Range(0, 1000).Select(i => (Debit: accounts[random.Next(6)], Credit: accounts[random.Next(6)], i))
            .Where(pair => pair.Debit != pair.Credit && AccountNames.CurrencyOf(pair.Debit) == AccountNames.CurrencyOf(pair.Credit))
            .Select(pair => new Transfer { Id = $"{pair.i}", AtMs = 1, Organisation = "a", Kind = TransferKinds.Adjust, Debit = pair.Debit, Credit = pair.Credit, AmountNano = random.NextInt64(1, 1_000_000) });

        var balances = AccountBalance.Of(transfers);

        foreach (var currency in balances.GroupBy(balance => balance.Currency))
            Assert.Equal(currency.Sum(balance => balance.DebitsNano), currency.Sum(balance => balance.CreditsNano));
        Assert.Equal(balances.Select(balance => balance.Id).Order(StringComparer.Ordinal), balances.Select(balance => balance.Id));
    }

    private static List<Transfer> Transfers(AttemptRecord attempt)
    {
        var transfers = new List<Transfer>();
        new AttemptPostings().AddTo(transfers, attempt);
        return transfers;
    }

    private static IEnumerable<string> Post(AttemptRecord attempt) => Transfers(attempt).Select(Text).Order(StringComparer.Ordinal);

    private static string Text(Transfer transfer) => $"{transfer.Id} {transfer.Debit} {transfer.Credit} {transfer.AmountNano}";
}
