using Trivet.Core.Audits.Statistics;

namespace Trivet.Tests.Audits.Statistics;

/// <summary>Numbers that can be worked out by hand or are in every table.</summary>
public sealed class ExactTests
{
    [Theory]
    [InlineData(0, 10, 0, 0.30850)]
    [InlineData(5, 10, 0.18709, 0.81291)]
    [InlineData(10, 10, 0.69150, 1)]
    [InlineData(3, 200, 0.00310, 0.04320)]
    public void Clopper_and_pearson_match_the_tables(int successes, int trials, double low, double high)
    {
        var interval = ProportionInterval.ClopperPearson(successes, trials);

        Assert.Equal(low, interval.Low, 4);
        Assert.Equal(high, interval.High, 4);
    }

    [Fact]
    public void Wilson_matches_the_formula_and_nothing_says_anything()
    {
        var interval = ProportionInterval.Wilson(8, 10);

        Assert.Equal(0.49016, interval.Low, 4);
        Assert.Equal(0.94332, interval.High, 4);
        Assert.Equal(new ProportionInterval(0, 1), ProportionInterval.Wilson(0, 0));
    }

    [Fact]
    public void McNemar_counts_coin_throws()
    {
        // Nine of ten disagreements against the observed one: 11 of 1,024 throws of ten coins are as bad.
        var test = new McNemarTest(Items: 100, OnlyReference: 9, OnlyObserved: 1);

        Assert.Equal(11 / 1024.0, test.PValueWorse, 10);
        Assert.Equal(22 / 1024.0, test.PValueDifferent, 10);
        Assert.Equal(0.08, test.Difference!.Value, 10);
        Assert.Equal(1, new McNemarTest(100, 0, 0).PValueWorse);
        Assert.Null(new McNemarTest(0, 0, 0).Difference);
    }

    [Fact]
    public void Fisher_counts_hands_of_cards()
    {
        // Eight of eight against none of eight: one of the 12,870 ways to deal.
        Assert.Equal(1 / 12870.0, FisherExactTest.PValueFewer(8, 8, 0, 8), 10);
        Assert.Equal(1, FisherExactTest.PValueFewer(3, 8, 8, 8), 10);
        Assert.Equal(1, FisherExactTest.PValueFewer(0, 8, 0, 8), 10);
    }

    [Fact]
    public void The_detectable_difference_falls_with_the_root_of_the_items()
    {
        Assert.Equal(0.0393, McNemarTest.DetectableDifference(400, 0.10), 3);
        Assert.Equal(2, McNemarTest.DetectableDifference(100, 0.10) / McNemarTest.DetectableDifference(400, 0.10), 6);
    }

    [Fact]
    public void Corrections_reject_what_their_papers_reject()
    {
        double[] p = [0.01, 0.04, 0.03, 0.005, 0.5];

        Assert.Equal([true, true, true, true, false], FalseDiscovery.BenjaminiHochberg(p, 0.05));
        Assert.Equal([true, false, false, true, false], FalseDiscovery.Holm(p, 0.05));
        Assert.Equal([true, true, false], FalseDiscovery.EBenjaminiHochberg([100, 31, 2], 0.05));
        Assert.Equal([false, false, false], FalseDiscovery.EBenjaminiHochberg([19, 19, 19], 0.05));
        Assert.Equal([true, true, true], FalseDiscovery.EBenjaminiHochberg([21, 21, 21], 0.05));
    }

    [Theory]
    [InlineData(0.5, 0)]
    [InlineData(0.975, 1.959964)]
    [InlineData(0.01, -2.326348)]
    public void The_normal_quantile_is_the_one_in_the_tables(double p, double z) => Assert.Equal(z, SpecialFunctions.NormalQuantile(p), 5);

    [Fact]
    public void A_share_of_mixing_is_bounded_from_both_rates()
    {
        var mixed = MixtureShare.Estimate(foreignObserved: 30, observed: 100, foreignReference: 5, reference: 100);
        var honest = MixtureShare.Estimate(foreignObserved: 6, observed: 100, foreignReference: 5, reference: 100);

        Assert.Equal(0.25 / 0.95, mixed.Share, 6);
        Assert.True(mixed.Low > 0.02 && mixed.High < 0.5, $"{mixed}");
        Assert.Equal(0, honest.Low);
    }
}
