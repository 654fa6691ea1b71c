using Trivet.Core.Admin.Books;
using Trivet.Core.Ledger;

namespace Trivet.Tests.Admin;

public sealed class LedgerJournalTests
{
    private static readonly Transfer Charge = new()
    {
        Id = "att_1.charge",
        AtMs = 1_785_542_400_000,
        Organisation = "acme",
        RequestId = "req_1",
        Kind = TransferKinds.Charge,
        Debit = "customer/acme/USD",
        Credit = "revenue/acme/USD",
        AmountNano = 1_000_000_001,
        PriceVersion = "v1",
        Note = "say \"hi\", twice",
    };

    [Fact]
    public void Csv_has_a_heading_and_every_nano_unit() => Assert.Equal(
        """
        time,id,organisation,request,kind,debit,credit,amount,currency,linked,price_version,rate,note
        2026-08-01T00:00:00.000Z,att_1.charge,acme,req_1,charge,customer/acme/USD,revenue/acme/USD,1.000000001,USD,,v1,,"say ""hi"", twice"

        """,
        Write(JournalFormat.Csv));

    [Fact]
    public void The_hledger_journal_balances_line_by_line() => Assert.Contains(
        """
        2026-08-01 (att_1.charge) charge | req_1 say "hi", twice
            customer:acme:USD  1.000000001 USD
            revenue:acme:USD  -1.000000001 USD
        """,
        Write(JournalFormat.HLedger), StringComparison.Ordinal);

    [Fact]
    public void The_beancount_journal_opens_accounts_under_the_five_roots_before_it_uses_them() => Assert.Contains(
        """
        2026-08-01 open Assets:Customer:Acme:USD
        2026-08-01 open Income:Revenue:Acme:USD
        2026-08-01 * "charge" "att_1.charge"
          request: "req_1"
          note: "say \"hi\", twice"
          Assets:Customer:Acme:USD  1.000000001 USD
          Income:Revenue:Acme:USD  -1.000000001 USD
        """,
        Write(JournalFormat.Beancount), StringComparison.Ordinal);

    private static string Write(JournalFormat format)
    {
        var output = new StringWriter { NewLine = "\n" };
        var journal = new LedgerJournal(output, format);
        journal.Begin();
        journal.Write(Charge);
        return output.ToString();
    }
}

public sealed class SupplierBillTests
{
    private static readonly DailyCost Booked = new() { Day = "2026-08-01", Model = "m", Currency = "USD", Attempts = 3, CostNano = 1_500_000_000 };

    [Theory]
    [InlineData("date,model,amount\n2026-08-01,m,1.5\n")]
    [InlineData("\uFEFFDay,Model,Total Cost,Currency\r\n2026-08-01T03:00:00Z,m,\"1.0\",usd\r\n2026-08-01,m,$0.50,USD\r\n")]
    [InlineData("cost,start_time,model_id\n1.5,2026-08-01 00:00:00,m")]
    public void Bills_of_several_shapes_are_added_up_by_day_and_model(string csv)
    {
        Assert.True(SupplierBill.TryRead(csv, out var lines, out var mistake), mistake);

        Assert.Equal(0, Assert.Single(SupplierBill.Compare(lines, [Booked])).DifferenceNano);
    }

    [Fact]
    public void What_only_one_side_has_and_what_differs_is_told_to_the_nano_unit()
    {
        Assert.True(SupplierBill.TryRead("date,model,amount\n2026-08-01,m,1.500000001\n2026-08-01,other,2\n", out var lines, out _));

        var compared = SupplierBill.Compare(lines, [Booked, Booked with { Day = "2026-08-02", CostNano = 7 }]);

        Assert.Equal([("m", 1L), ("other", 2_000_000_000L), ("m", -7L)], compared.Select(line => (line.Model, line.DifferenceNano)));
        Assert.Null(compared[1].Booked);
        Assert.Null(compared[2].BilledNano);
    }

    [Theory]
    [InlineData("when,what\n1,2", "first line")]
    [InlineData("date,model,amount\n2026-08-01,m,much", "Line 2")]
    [InlineData("date,model,amount\nyesterday,m,1", "Line 2")]
    public void A_bill_that_cannot_be_read_says_where(string csv, string where)
    {
        Assert.False(SupplierBill.TryRead(csv, out _, out var mistake));

        Assert.Contains(where, mistake, StringComparison.Ordinal);
    }
}
