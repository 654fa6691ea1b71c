using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;

namespace Trivet.Tests.Scorecards;

/// <summary>What a scorecard makes of attempts: figures in natural units, each as sure as its samples allow.</summary>
public sealed class ScorecardTests
{
    private const long HourMs = 3_600_000;
    private const long NowMs = 1_800_000_000_000;

    private readonly Scorecard _card = new();

    [Fact]
    public void Where_nothing_was_measured_nothing_is_known()
    {
        var read = _card.Read("lab/m", NowMs);

        Assert.All(
            (Estimate[])[read.StabilityPercent, read.QualityPercent, read.CostPercent, read.Availability, read.AbortShare, read.LimitedShare, read.RefusedShare, read.SlowShare, read.OutputTokensPerSecond, read.NanoPerMillionTokens, read.CacheShare, read.WastedShare],
            estimate => Assert.False(estimate.IsKnown));
        Assert.Empty(read.FirstContent);
        Assert.Empty(read.Checks);
        Assert.All(read.Burn, line => Assert.True(double.IsNaN(line.Rate)));
        Assert.False(_card.FirstContentMs(isStream: true, 100, 0.5, NowMs).IsKnown);
    }

    [Fact]
    public void What_is_old_counts_half_after_each_half_life_and_says_when_it_was()
    {
        for (var i = 0; i < 100; i++)
            _card.RecordOutcome(isAnswered: i % 4 != 0, NowMs);

        var later = _card.Availability(NowMs + (12 * HourMs));

        Assert.Equal(0.75, later.Value, 6);
        Assert.Equal(25, later.Weight, 3);
        Assert.Equal(NowMs, later.LastMs);
        Assert.True(later.High - later.Low > _card.Availability(NowMs).High - _card.Availability(NowMs).Low || later.Weight < 100);
    }

    [Fact]
    public void Limits_and_refused_keys_are_told_apart_from_failures()
    {
        Record(AttemptOutcomeKind.Answered, 6);
        Record(AttemptOutcomeKind.Failed, 1);
        Record(AttemptOutcomeKind.Limited, 2);
        Record(AttemptOutcomeKind.Refused, 1);
        Record(AttemptOutcomeKind.Neutral, 50);

        Assert.Equal(0.6, _card.Stability(NowMs).Value, 6);
        Assert.Equal(0.2, _card.LimitedShare(NowMs).Value, 6);
        Assert.Equal(0.1, _card.RefusedShare(NowMs).Value, 6);
        Assert.Equal(10, _card.Stability(NowMs).Weight, 6);
    }

    [Fact]
    public void An_answer_that_breaks_off_is_an_abort_and_a_failure_before_content_is_none()
    {
        Record(AttemptOutcomeKind.Answered, 8, sample => sample with { HasBegun = true });
        Record(AttemptOutcomeKind.Failed, 2, sample => sample with { HasBegun = true });
        Record(AttemptOutcomeKind.Failed, 10);

        Assert.Equal((0.2, 10), (_card.AbortShare(NowMs).Value, _card.AbortShare(NowMs).Weight));
    }

    [Fact]
    public void An_answer_far_slower_than_usual_is_late_though_it_came()
    {
        for (var i = 0; i < 100; i++)
            Answer(firstContentMs: 400);
        Assert.Equal(0, _card.SlowShare(NowMs).Value);

        for (var i = 0; i < 25; i++)
            Answer(firstContentMs: 9_000);

        Assert.Equal(0.2, _card.SlowShare(NowMs).Value, 6);
        Assert.Equal(0.8, _card.Stability(NowMs).Value, 6);

        void Answer(long firstContentMs)
        {
            _card.FirstContent.Record(isStream: true, 100, firstContentMs);
            Record(AttemptOutcomeKind.Answered, 1, sample => sample with { IsStream = true, PromptTokens = 100, FirstContentMs = firstContentMs });
        }
    }

    [Fact]
    public void The_price_on_this_traffic_counts_discount_cache_and_what_failed()
    {
        // List: 1,000 nano for 1,000 tokens. Paid: .4 of it, and one attempt in five is paid for and fails.
        Record(AttemptOutcomeKind.Answered, 8, sample => sample with { CostNano = 400, ListNano = 1_000, Currency = "USD", InputTokens = 900, CacheReadTokens = 300, OutputTokens = 100 });
        Record(AttemptOutcomeKind.Failed, 2, sample => sample with { CostNano = 400, ListNano = 1_000, Currency = "USD", IsWasted = true, InputTokens = 900 });

        Assert.Equal(0.5, _card.PriceRatio(NowMs).Value, 6);
        Assert.Equal(0.2, _card.WastedShare(NowMs).Value, 6);
        Assert.Equal(500_000, _card.NanoPerMillionTokens(NowMs).Value, 3);
        Assert.Equal(1 / 3.0, _card.CacheShare(NowMs).Value, 6);
        Assert.Equal("USD", _card.Currency);
        Assert.InRange(_card.PriceRatio(NowMs).High, 0.5001, 1);
    }

    [Fact]
    public void Money_of_another_currency_is_not_added_to_what_was_summed()
    {
        Record(AttemptOutcomeKind.Answered, 5, sample => sample with { CostNano = 700, ListNano = 700, Currency = "CNY", InputTokens = 100 });
        Record(AttemptOutcomeKind.Answered, 2, sample => sample with { CostNano = 10, ListNano = 100, Currency = "USD", InputTokens = 100 });

        Assert.Equal((0.1, 2, "USD"), (_card.PriceRatio(NowMs).Value, _card.PriceRatio(NowMs).Weight, _card.Currency));
    }

    [Fact]
    public void A_price_that_is_not_known_is_not_free()
    {
        Record(AttemptOutcomeKind.Answered, 5, sample => sample with { InputTokens = 100, OutputTokens = 10 });

        Assert.False(_card.NanoPerMillionTokens(NowMs).IsKnown);
        Assert.False(_card.PriceRatio(NowMs).IsKnown);
    }

    [Fact]
    public void The_budget_of_errors_burns_fast_in_the_short_window_first()
    {
        for (var minute = 0; minute < 360; minute++)
            Burn(minute, failed: 0);
        for (var minute = 360; minute < 365; minute++)
            Burn(minute, failed: 5);

        var now = NowMs + (365 * 60_000);
        Assert.InRange(_card.BurnRate(BurnWindow.FiveMinutes, now), 35, 50);
        Assert.InRange(_card.BurnRate(BurnWindow.Hour, now), 4, 12);
        Assert.InRange(_card.BurnRate(BurnWindow.SixHours, now), 0.5, 2.5);

        void Burn(int minute, int failed)
        {
            for (var i = 0; i < 10; i++)
                _card.Record(new AttemptSample { Outcome = i < failed ? AttemptOutcomeKind.Failed : AttemptOutcomeKind.Answered, AtMs = NowMs + (minute * 60_000) });
        }
    }

    [Fact]
    public void Speed_is_tokens_over_the_time_that_they_took()
    {
        Record(AttemptOutcomeKind.Answered, 3, sample => sample with { TimedTokens = 100, GenerationMs = 2_000 });
        Record(AttemptOutcomeKind.Answered, 1, sample => sample with { TimedTokens = 500, GenerationMs = 4_000 });

        Assert.Equal(80, _card.OutputTokensPerSecond(NowMs).Value, 6);
    }

    [Fact]
    public void Quality_is_what_passes_both_kinds_of_checks_and_refusals_are_only_noted()
    {
        for (var i = 0; i < 90; i++)
            _card.RecordChecks(CheckFindings.None, NowMs);
        for (var i = 0; i < 10; i++)
            _card.RecordChecks(CheckFindings.None.With(CheckKind.Empty), NowMs);
        for (var i = 0; i < 20; i++)
            _card.RecordChecks(Whole(i < 4 ? CheckKind.ArgumentsUnfit : CheckKind.Refusal), NowMs);

        Assert.Equal(110.0 / 120 * 16 / 20, _card.Quality(NowMs).Value, 6);
        var read = _card.Read("lab/m", NowMs);
        Assert.Equal([(CheckKind.Empty, 10.0), (CheckKind.ArgumentsUnfit, 4.0), (CheckKind.Refusal, 16.0)], read.Checks.Select(line => (line.Kind, line.Answers)));
        Assert.Equal((120.0, 20.0), read.Checked);

        static CheckFindings Whole(CheckKind kind) => new CheckFindings(0, IsWhole: true).With(kind);
    }

    [Theory]
    [InlineData(20, false)]
    [InlineData(26, false)]
    [InlineData(60, true)]
    [InlineData(7, true)]
    public void An_answer_of_another_pace_than_usual_is_a_sign(int tokens, bool isOther)
    {
        for (var day = 0; day < 6; day++)
            Record(AttemptOutcomeKind.Answered, 200, sample => sample with { AtMs = NowMs + day * 24 * HourMs, TimedTokens = 200, GenerationMs = 10_000 });
        Assert.Equal(1, _card.Pace(NowMs + 5 * 24 * HourMs).Value, 2);
        Assert.False(_card.HasOtherPace(NowMs + 5 * 24 * HourMs));

        var later = NowMs + 7 * 24 * HourMs;
        Record(AttemptOutcomeKind.Answered, 100, sample => sample with { AtMs = later, TimedTokens = tokens * 10, GenerationMs = 10_000 });
        Assert.Equal(isOther, _card.HasOtherPace(later));
        Assert.Equal(isOther, _card.Read("lab/m", later).HasOtherPace);
    }

    [Fact]
    public void Few_answers_are_no_pace()
    {
        Record(AttemptOutcomeKind.Answered, 20, sample => sample with { TimedTokens = 200, GenerationMs = 10_000 });
        Record(AttemptOutcomeKind.Answered, 5, sample => sample with { AtMs = NowMs + 48 * HourMs, TimedTokens = 2000, GenerationMs = 10_000 });
        Assert.False(_card.HasOtherPace(NowMs + 48 * HourMs));
    }

    [Fact]
    public void Routing_reads_without_allocating()
    {
        Record(AttemptOutcomeKind.Answered, 30, sample => sample with { CostNano = 10, ListNano = 20, Currency = "USD", InputTokens = 10, OutputTokens = 10, TimedTokens = 20, GenerationMs = 100 });
        for (var i = 0; i < 30; i++)
            _card.FirstContent.Record(isStream: true, 100, 300 + i);
        var now = NowMs;

        var bytes = Allocation.Least(() =>
        {
            now += 60_000;
            _ = _card.Availability(now).Value + _card.Stability(now).Value + _card.Quality(now).Value + _card.FirstContentMs(isStream: true, 100, 0.5, now).Value
                + _card.OutputTokensPerSecond(now).Value + _card.PriceRatio(now).Value + _card.CacheShare(now).Value + _card.NanoPerMillionTokens(now).Value + _card.BurnRate(BurnWindow.Hour, now);
        });

        Assert.Equal(0, bytes);
    }

    private void Record(AttemptOutcomeKind outcome, int times, Func<AttemptSample, AttemptSample>? with = null)
    {
        var sample = new AttemptSample { Outcome = outcome, AtMs = NowMs };
        for (var i = 0; i < times; i++)
            _card.Record(with is null ? sample : with(sample));
    }
}
