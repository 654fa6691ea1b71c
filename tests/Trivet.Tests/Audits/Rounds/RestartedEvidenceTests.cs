using Trivet.Core.Audits.Statistics;

namespace Trivet.Tests.Audits.Rounds;

public sealed class RestartedEvidenceTests
{
    [Fact]
    public void An_honest_upstream_s_wealth_is_one_on_average_at_any_time()
    {
        // Each round doubles or nearly loses what was bet, each with probability one half: a fair game.
        const int Runs = 20_000, Rounds = 10;
        var random = new Random(3);
        var sums = new double[Rounds];
        for (var run = 0; run < Runs; run++)
        {
            var evidence = RestartedEvidence.None;
            for (var round = 0; round < Rounds; round++)
            {
                evidence = evidence.Add(random.Next(2) == 0 ? 1.6 : 0.4);
                sums[round] += evidence.EValue;
            }
        }

        Assert.All(sums, sum => Assert.InRange(sum / Runs, 0.93, 1.07));
    }

    [Fact]
    public void Honest_upstreams_are_accused_in_a_long_life_no_more_often_than_stated()
    {
        const int Runs = 4_000, Rounds = 500;
        var (random, accused) = (new Random(5), 0);
        for (var run = 0; run < Runs; run++)
        {
            var (evidence, most) = (RestartedEvidence.None, 0.0);
            for (var round = 0; round < Rounds; round++)
                most = Math.Max(most, (evidence = evidence.Add(random.NextDouble() < 0.01 ? 60 : 0.4)).EValue);
            accused += most >= 20 ? 1 : 0;
        }

        Assert.InRange(accused, 0, Runs / 20);
    }

    [Fact]
    public void Who_turns_dishonest_after_a_year_is_found_a_little_later_than_who_begins_so()
    {
        Assert.True(RoundsUntil(0, 1_000) <= 3);
        Assert.InRange(RoundsUntil(400, 1_000), 2, 6);

        static int RoundsUntil(int honest, double threshold)
        {
            var evidence = RestartedEvidence.None;
            for (var round = 0; round < honest; round++)
                evidence = evidence.Add(0.05);
            var count = 0;
            for (; evidence.EValue < threshold; count++)
                evidence = evidence.Add(100);
            return count;
        }
    }

    [Fact]
    public void The_evidence_of_late_forgets_what_is_innocent_and_never_ends_in_infinity()
    {
        var evidence = RestartedEvidence.None;
        for (var round = 0; round < 400; round++)
            evidence = evidence.Add(1e6);
        Assert.True(double.IsFinite(evidence.EValue) && double.IsFinite(evidence.Recent));
        for (var round = 0; round < 400; round++)
            evidence = evidence.Add(0.05);
        Assert.Equal(1, evidence.Recent);
    }

    [Theory]
    [InlineData(1, 0.5)]
    [InlineData(0.5, 0.638)]
    [InlineData(0.01, 4.49)]
    [InlineData(0.001, 20.8)]
    public void A_p_value_becomes_an_e_value(double p, double e) => Assert.Equal(e, Calibration.EValueOf(p), 0.01 * e);

    [Fact]
    public void The_e_values_of_uniform_p_values_are_one_on_average()
    {
        // The integral over p, on a scale on which the peak at 0 is no peak: p = exp(−x).
        var sum = 0.0;
        for (var x = 0.0005; x < 600; x += 0.001)
            sum += Calibration.EValueOf(Math.Exp(-x)) * Math.Exp(-x) * 0.001;
        Assert.InRange(sum, 0.99, 1.001);
    }
}
