using Trivet.Core.Audits.Statistics;

namespace Trivet.Tests.Audits.Statistics;

/// <summary>Verdicts that may be looked at after every request: how often the innocent are accused, and how soon the guilty are.</summary>
public sealed class SequentialTests
{
    private const int Runs = 2000;

    [Fact]
    public void Honest_ratios_rarely_ever_reach_the_threshold_however_long_one_looks()
    {
        var random = new Random(1);
        var alarms = Count(_ =>
        {
            var process = new BettingProcess(claim: 1, low: 0.5, high: 2);
            for (var i = 0; i < 300 && process.EValueMax < 20; i++)
                process.Add(random.NextDouble() < 0.5 ? 0.9 : 1.1);
            return process.EValueMax >= 20;
        });

        Assert.True(alarms <= 0.05 * Runs, $"{alarms} of {Runs}");
    }

    [Fact]
    public void Eight_percent_of_inflation_is_found_within_a_hundred_requests()
    {
        var random = new Random(2);
        var found = Count(_ =>
        {
            var process = new BettingProcess(claim: 1, low: 0.5, high: 2);
            for (var i = 0; i < 100 && process.EValueMax < 20; i++)
                process.Add(1.08 + 0.04 * (random.NextDouble() - 0.5));
            return process.EValueMax >= 20;
        });

        Assert.Equal(Runs, found);
    }

    [Fact]
    public void A_ratio_below_the_claim_is_never_evidence()
    {
        var process = new BettingProcess(1, 0.5, 2);
        for (var i = 0; i < 50; i++)
            process.Add(0.8);

        Assert.True(process.EValue < 1);
        Assert.Equal(1, process.EValueMax);
    }

    [Fact]
    public void Exchangeable_pairs_rarely_convict_and_a_swap_is_found_within_fifteen()
    {
        var random = new Random(3);
        var alarms = Count(_ => Bet(() => random.NextDouble() < 0.9, () => random.NextDouble() < 0.9, 200) >= 100);
        var found = Count(_ => Bet(() => random.NextDouble() < 0.96, () => false, 15) >= 100);

        Assert.True(alarms <= 0.01 * Runs, $"{alarms} of {Runs}");
        Assert.True(found >= 0.99 * Runs, $"{found} of {Runs}");
    }

    [Fact]
    public void Walds_test_keeps_both_its_errors_and_stays_decided()
    {
        var random = new Random(4);
        var guilty = Count(_ => Decide(random, 0.02) == SequentialRatioTest.Verdict.Guilty);
        var cleared = Count(_ => Decide(random, 0.5) == SequentialRatioTest.Verdict.Innocent);

        Assert.True(guilty <= 0.01 * Runs, $"{guilty}");
        Assert.True(cleared <= 0.05 * Runs, $"{cleared}");
        var test = new SequentialRatioTest(0.02, 0.5, 0.01, 0.05);
        while (test.Decision == SequentialRatioTest.Verdict.Open)
            test.Add(true);
        Assert.Equal(SequentialRatioTest.Verdict.Guilty, test.Add(false));
    }

    private static SequentialRatioTest.Verdict Decide(Random random, double probability)
    {
        var test = new SequentialRatioTest(0.02, 0.5, 0.01, 0.05);
        while (test.Decision == SequentialRatioTest.Verdict.Open)
            test.Add(random.NextDouble() < probability);
        return test.Decision;
    }

    private static double Bet(Func<bool> reference, Func<bool> observed, int pairsMax)
    {
        var bet = new ExchangeabilityBet();
        while (bet.Pairs < pairsMax && bet.EValueMax < 100)
            bet.Add(reference() ? 1 : 0, observed() ? 1 : 0);
        return bet.EValueMax;
    }

    private static int Count(Func<int, bool> run) => Enumerable.Range(0, Runs).Count(run);
}
