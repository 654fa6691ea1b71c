using Trivet.Core.Relay.Hedging;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;

namespace Trivet.Tests.Relay;

public sealed class HedgeBudgetTests
{
    private const long DayMs = 86_400_000;

    [Fact]
    public void Requests_earn_their_share_of_hedges_and_a_quiet_hour_earns_no_storm()
    {
        var (budget, config) = (new HedgeBudget(), new HedgeConfig { SharePercent = 20 });

        Assert.False(budget.TryTake(config, 0, 0));
        for (var i = 0; i < 5; i++)
            budget.Earn(config);
        Assert.True(budget.TryTake(config, 0, 0));
        Assert.False(budget.TryTake(config, 0, 0));

        for (var i = 0; i < 100_000; i++)
            budget.Earn(config);
        Assert.Equal(10, Enumerable.Range(0, 100).Count(_ => budget.TryTake(config, 0, 0)));
    }

    [Fact]
    public void A_day_s_money_is_never_overspent_and_is_there_again_the_next_day()
    {
        var (budget, config) = (new HedgeBudget(), new HedgeConfig { SharePercent = 100, SpendNano = 100 });
        for (var i = 0; i < 10; i++)
            budget.Earn(config);

        Assert.True(budget.TryTake(config, 60, 0));
        Assert.False(budget.TryTake(config, 60, 0));
        budget.Settle(60, costNano: 30);
        Assert.True(budget.TryTake(config, 60, 1));
        Assert.False(budget.TryTake(config, 60, DayMs - 1));
        Assert.True(budget.TryTake(config, 60, DayMs));
    }

    [Fact]
    public void A_hedge_that_did_not_begin_gives_back_what_it_took()
    {
        var (budget, config) = (new HedgeBudget(), new HedgeConfig { SharePercent = 100, SpendNano = 100 });
        budget.Earn(config);

        Assert.True(budget.TryTake(config, 100, 0));
        budget.Return(100);

        Assert.True(budget.TryTake(config, 100, 0));
    }

    [Fact]
    public void One_slow_call_in_ten_does_not_hide_how_fast_the_others_are()
    {
        var times = new FirstContentTimes();
        for (var i = 0; i < 200; i++)
            times.Record(true, 10, i % 10 == 0 ? 2_000 : 100);

        Assert.True(times.Quantile(true, 10, 0.95) >= TimeSpan.FromMilliseconds(2_000));
        Assert.InRange(times.UsualSlowest(true, 10)!.Value.TotalMilliseconds, 100, 125);
    }

    [Fact]
    public void Where_all_are_alike_the_usual_is_the_percentile()
    {
        var times = new FirstContentTimes();
        for (var i = 0; i < 100; i++)
            times.Record(true, 10, 50 + i);

        Assert.Equal(times.Quantile(true, 10, 0.95), times.UsualSlowest(true, 10));
        Assert.Null(times.UsualSlowest(false, 10));
    }
}
