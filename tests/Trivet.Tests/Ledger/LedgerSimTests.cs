using Trivet.Benchmarks.Money.Simulation;
using Trivet.Storage;

namespace Trivet.Tests.Ledger;

/// <summary>Some thousand transfers of what <c>bench ledger-sim</c> does with a million.</summary>
public sealed class LedgerSimTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task Books_that_crash_are_repeated_and_come_in_disorder_agree_with_an_auditor_who_knows_nothing_of_that(int seed)
    {
        using var folder = new SimFolder();

        var outcome = await new LedgerSim(folder.Path, DatabaseOptions.Sqlite, seed).RunAsync(8_000);

        Assert.Empty(outcome.Differences);
        Assert.True(outcome.Counts is { Crashes: > 0, Recovered: > 0, Overruns: > 0, Absorbed: > 0, Refused: > 0, CommittedTwice: > 0, AnswersLost: > 0, Reordered: > 0 }, outcome.Counts.ToString());
    }

    [Fact]
    public void The_auditor_finds_a_single_nano_unit()
    {
        var auditor = new SimAuditor();
        auditor.Paid("bank/USD", "customer/prepaid/USD", 5);
        var transfer = new Trivet.Core.Ledger.Transfer { Id = "a", AtMs = 1, Organisation = "prepaid", Kind = "topup", Debit = "bank/USD", Credit = "customer/prepaid/USD", AmountNano = 5 };
        var balances = Trivet.Core.Ledger.AccountBalance.Of([transfer]);

        Assert.Empty(auditor.Differences([transfer], balances, false));
        Assert.NotEmpty(auditor.Differences([transfer with { AmountNano = 6 }], balances, false));
        Assert.NotEmpty(auditor.Differences([transfer, transfer], balances, false));
        Assert.NotEmpty(auditor.Differences([], balances, false));
        Assert.NotEmpty(auditor.Differences([transfer], [balances[0]], false));
    }
}
