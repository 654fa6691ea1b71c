using Trivet.Benchmarks.Fleet.Simulation;
using Trivet.Core.Scorecards;

namespace Trivet.Tests.Audits.Rounds;

/// <summary>A little of what <c>bench -- fleet</c> does for a year.</summary>
public sealed class FleetTests
{
    [Fact]
    public async Task Who_begins_to_cheat_is_found_in_time_and_budget_and_who_is_honest_is_left_alone()
    {
        var run = new FleetRun(honest: 8, turnDay: 10, endDay: null, seed: 7);
        var quarantined = new Dictionary<string, double>();
        await run.RunAsync(30, (one, atMs) =>
        {
            if (one.Standing == AuditStanding.Quarantined)
                quarantined.TryAdd(one.Upstream, (atMs - run.TurnsMs) / FleetRun.DayMs);
        });

        Assert.Equal(Deceit.All.Select(deceit => deceit.Name).Order(), quarantined.Keys.Order());
        Assert.All(Deceit.All, deceit => Assert.InRange(quarantined[deceit.Name], 0, deceit.DaysMax));
        Assert.All(run.Store.SpentByDay.Values, spent => Assert.InRange(spent, 0, run.Config.Budgets[0].AmountNano));
        Assert.All(run.Cases.Where(one => run.Sellers[one.Upstream].Deceit is null), one => Assert.True(one.Rounds > 25 && one.Standing == AuditStanding.Clean, one.ToString()));
    }

    [Fact]
    public async Task Without_a_reference_a_change_is_told_once_and_nothing_follows_from_it()
    {
        var run = new FleetRun(honest: 6, turnDay: 20, endDay: null, seed: 5, ownPast: true);
        var standings = 0;
        await run.RunAsync(40, (_, _) => standings++);
        var told = run.Told().ToList();

        Assert.Equal(0, standings);
        Assert.All(told, one => Assert.True(one.AtMs >= run.TurnsMs && run.Sellers[one.Upstream].Deceit is not null, one.ToString()));
        foreach (var upstream in (string[])[Deceit.Swap.Name, Deceit.Thinker.Name])
            Assert.InRange((Assert.Single(told, one => one.Upstream == upstream).AtMs - run.TurnsMs) / FleetRun.DayMs, 0, 6);
        Assert.All(run.Cases, one => Assert.True(one.PastSinceMs is not null && one.Reference is null, one.ToString()));
    }

    [Fact]
    public async Task Who_stops_cheating_comes_back_after_a_while_of_clean_audits()
    {
        var run = new FleetRun(honest: 2, turnDay: 3, endDay: 15, seed: 3);
        var released = new Dictionary<string, double>();
        await run.RunAsync(60, (one, atMs) =>
        {
            if (one.Standing == AuditStanding.Clean)
                released.TryAdd(one.Upstream, (atMs - run.StartMs) / FleetRun.DayMs);
        });

        Assert.Equal(Deceit.All.Select(deceit => deceit.Name).Order(), released.Keys.Order());
        Assert.All(released.Values, day => Assert.InRange(day, 15, 60));
        Assert.All(run.Cases, one => Assert.Equal(AuditStanding.Clean, one.Standing));
    }
}
