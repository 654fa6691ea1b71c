using Trivet.Core.Scorecards;

namespace Trivet.Tests.Scorecards;

/// <summary>Intervals hold what they say: drawn again and again from what is known, they contain it about nineteen times in twenty.</summary>
public sealed class EstimateTests
{
    private const long NowMs = 1_800_000_000_000;
    private const int Draws = 400;

    [Theory]
    [InlineData(0.99, 200)]
    [InlineData(0.7, 60)]
    [InlineData(0.05, 100)]
    public void A_shares_interval_holds_the_truth(double truth, int samples)
    {
        var random = new Random(17);
        var held = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var card = new Scorecard();
            for (var i = 0; i < samples; i++)
                card.RecordOutcome(random.NextDouble() < truth, NowMs);
            var read = card.Availability(NowMs);
            held += read.Low <= truth && truth <= read.High ? 1 : 0;
        }

        Assert.InRange(held / (double)Draws, 0.92, 1);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(300)]
    public void A_prices_interval_holds_the_truth_though_answers_differ_in_length(int samples)
    {
        var random = new Random(19);
        var held = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var card = new Scorecard();
            for (var i = 0; i < samples; i++)
            {
                var list = Math.Exp(4 + random.NextDouble() * 3);
                var isWasted = random.NextDouble() < 0.2; // so that .5 is paid for each unit of list price that served, where .4 is the price
                card.Record(new AttemptSample { Outcome = isWasted ? AttemptOutcomeKind.Failed : AttemptOutcomeKind.Answered, AtMs = NowMs, CostNano = 0.4 * list, ListNano = list, Currency = "USD", IsWasted = isWasted });
            }

            var read = card.PriceRatio(NowMs);
            held += read.Low <= 0.5 && 0.5 <= read.High ? 1 : 0;
        }

        Assert.InRange(held / (double)Draws, 0.91, 0.99);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.9)]
    public void A_quantiles_interval_holds_the_truth_within_a_bucket(double share)
    {
        var random = new Random(23);
        var truth = 200 + (1_800 * share); // uniform between 200 and 2,000 ms
        var held = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var times = new FirstContentTimes();
            for (var i = 0; i < 150; i++)
                times.Record(isStream: true, 100, 200 + random.Next(1_800));
            var read = times.Read(isStream: true, 100, share, NowMs);
            Assert.InRange(read.Value, truth / 1.3, truth * 1.3);
            held += read.Low <= truth && truth <= read.High ? 1 : 0;
        }

        Assert.InRange(held / (double)Draws, 0.9, 1);
    }

    [Fact]
    public void Of_one_sample_nothing_is_said_about_how_far_it_may_be_off()
    {
        var card = new Scorecard();
        card.Record(new AttemptSample { Outcome = AttemptOutcomeKind.Answered, AtMs = NowMs, CostNano = 4, ListNano = 10, Currency = "USD" });

        Assert.Equal((0.4, 0, double.PositiveInfinity), (card.PriceRatio(NowMs).Value, card.PriceRatio(NowMs).Low, card.PriceRatio(NowMs).High));
    }

    [Fact]
    public void A_length_that_was_asked_too_seldom_is_spoken_for_by_the_nearest_that_was()
    {
        var times = new FirstContentTimes();
        for (var i = 0; i < 50; i++)
            times.Record(isStream: true, 1_000, 300);
        for (var i = 0; i < 50; i++)
            times.Record(isStream: true, 100_000, 6_000);
        for (var i = 0; i < 50; i++)
            times.Record(isStream: false, 30_000, 20_000);

        Assert.InRange(times.Read(isStream: true, 1_000, 0.5, NowMs).Value, 240, 330);
        Assert.InRange(times.Read(isStream: true, 40_000, 0.5, NowMs).Value, 4_800, 6_700);
        Assert.InRange(times.Read(isStream: true, 8_000, 0.5, NowMs).Value, 240, 330);
        Assert.InRange(times.Read(isStream: false, 100, 0.5, NowMs).Value, 16_000, 22_000);
        Assert.Null(times.Quantile(isStream: true, 8_000, 0.95)); // deadlines are not guessed
    }
}
