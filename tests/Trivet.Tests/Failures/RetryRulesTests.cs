using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Upstreams;

namespace Trivet.Tests.Failures;

/// <summary>What is tried after a failure, and how much of it an upstream may get.</summary>
public sealed class RetryRulesTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public void A_wait_that_is_asked_for_is_kept_to_the_millisecond_and_no_other_key_is_tried_meanwhile()
    {
        var move = Decide(Limited(TimeSpan.FromSeconds(2)), hasOtherCredential: true);

        Assert.Equal(NextPlace.Here, move.Where);
        Assert.False(move.OtherKey);
        Assert.InRange(move.Wait, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2.2));
    }

    [Fact]
    public void A_longer_wait_goes_to_another_key_and_then_elsewhere()
    {
        Assert.Equal(NextMove.HereWithOtherKey, Decide(Limited(TimeSpan.FromSeconds(4)), hasOtherCredential: true));
        Assert.Equal(NextMove.On, Decide(Limited(TimeSpan.FromSeconds(4))));
        Assert.Equal(NextMove.On, Decide(Limited(TimeSpan.FromSeconds(4)), hasOthers: false));
    }

    [Fact]
    public void A_limit_without_a_wait_is_never_tried_more_than_four_times_in_three_seconds()
    {
        for (var run = 0; run < 200; run++)
        {
            var (tries, elapsed) = (1, TimeSpan.Zero);
            while (Decide(Limited(null), triesHere: tries, hasOthers: false) is { Where: NextPlace.Here } move)
            {
                Assert.True(move.Wait >= TimeSpan.FromMilliseconds(300));
                elapsed += move.Wait;
                tries++;
            }

            Assert.InRange(tries, 2, 4);
        }
    }

    [Fact]
    public void An_upstream_that_has_used_up_its_retries_is_left()
    {
        var budget = new RetryBudget(_time);
        var config = RetryConfig.Default with { BudgetFloor = 2 };
        var failure = new Failure(FailureKind.UpstreamServerError);

        Assert.Equal(NextPlace.Here, RetryRules.Decide(failure, config, 1, true, false, budget).Where);
        Assert.Equal(NextPlace.Here, RetryRules.Decide(failure, config, 1, true, false, budget).Where);
        Assert.Equal(NextMove.On, RetryRules.Decide(failure, config, 1, true, false, budget));

        for (var request = 0; request < 10; request++)
            budget.Earn(20);
        Assert.True(budget.TryTake(2), "ten requests earn two retries");
        Assert.True(budget.TryTake(2));
        Assert.False(budget.TryTake(2));

        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(budget.TryTake(2), "the floor comes back with time");
    }

    [Fact]
    public void An_overloaded_upstream_that_asks_for_a_long_wait_is_not_asked_again()
    {
        Assert.Equal(NextMove.On, Decide(new Failure(FailureKind.UpstreamOverloaded) { RetryAfter = TimeSpan.FromSeconds(30) }));
        Assert.True(Decide(new Failure(FailureKind.UpstreamOverloaded) { RetryAfter = TimeSpan.FromSeconds(1) }).Wait >= TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void First_content_times_are_known_after_twenty_answers_and_apart_for_long_prompts()
    {
        var times = new FirstContentTimes();
        for (var i = 0; i < 19; i++)
            times.Record(isStream: true, 100, 200);
        Assert.Null(times.Quantile(isStream: true, 100, 0.95));
        times.Record(isStream: true, 100, 200);

        Assert.InRange(times.Quantile(isStream: true, 100, 0.95)!.Value.TotalMilliseconds, 200, 250);
        Assert.Null(times.Quantile(isStream: true, 100_000, 0.95));
        Assert.Null(times.Quantile(isStream: false, 100, 0.95));
    }

    [Fact]
    public void First_content_times_follow_an_offering_that_becomes_slow()
    {
        var times = new FirstContentTimes();
        for (var i = 0; i < 1000; i++)
            times.Record(isStream: true, 100, 200);
        for (var i = 0; i < 1000; i++)
            times.Record(isStream: true, 100, 3000);

        Assert.InRange(times.Quantile(isStream: true, 100, 0.5)!.Value.TotalMilliseconds, 3000, 3750);
    }

    [Fact]
    public void What_is_down_is_ready_again_only_when_somebody_has_seen_it_well()
    {
        var card = new OfferingHealth();
        var down = false;
        for (var i = 0; i < 5; i++)
            down = card.Failed(new Failure(FailureKind.UpstreamServerError), _time.NowMs);

        Assert.True(down);
        Assert.True(card.TryGoDown());
        Assert.False(card.TryGoDown());
        _time.Advance(TimeSpan.FromHours(1));
        Assert.False(card.IsReady(_time.NowMs));
        card.Succeeded(0);
        Assert.True(card.IsReady(_time.NowMs));
    }

    private NextMove Decide(Failure failure, int triesHere = 1, bool hasOthers = true, bool hasOtherCredential = false) =>
        RetryRules.Decide(failure, RetryConfig.Default, triesHere, hasOthers, hasOtherCredential, new RetryBudget(_time));

    private static Failure Limited(TimeSpan? wait) => new(FailureKind.UpstreamRateLimited) { RetryAfter = wait };
}
