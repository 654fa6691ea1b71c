using System.Net.Http.Headers;
using Trivet.Core.Catalogue;
using Trivet.Core.Routing.Caps;
using Trivet.Core.Upstreams;

namespace Trivet.Tests.Routing.Caps;

/// <summary>What does not fit into a limit or a plan any more is known before it is refused.</summary>
public sealed class CapsTests
{
    private static readonly DateTimeOffset Now = new(2026, 8, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly long NowMs = Now.ToUnixTimeMilliseconds();

    [Theory]
    [InlineData("x-ratelimit-remaining-requests", "0", "x-ratelimit-reset-requests", "30s", true)]
    [InlineData("x-ratelimit-remaining-requests", "1", "x-ratelimit-reset-requests", "30s", false)]
    [InlineData("x-ratelimit-remaining-tokens", "900", "x-ratelimit-reset-tokens", "6m0s", true)]
    [InlineData("x-ratelimit-remaining-tokens", "1000", "x-ratelimit-reset-tokens", "6m0s", false)]
    [InlineData("anthropic-ratelimit-requests-remaining", "0", "anthropic-ratelimit-requests-reset", "2026-08-01T12:00:30Z", true)]
    [InlineData("anthropic-ratelimit-tokens-remaining", "0", "anthropic-ratelimit-tokens-reset", "2026-08-01T11:59:00Z", false)]
    [InlineData("x-ratelimit-remaining-requests", "none", "x-ratelimit-reset-requests", "30s", false)]
    public void Headers_tell_what_is_left_until_when(string remaining, string left, string reset, string when, bool isReached)
    {
        var limit = new LearnedLimit();
        limit.Read(Headers((remaining, left), (reset, when)), Now);

        Assert.Equal(isReached, limit.IsReached(tokens: 1000, NowMs + 1000));
        Assert.False(limit.IsReached(tokens: 1000, NowMs + 3_600_000)); // over by then, whatever was said
    }

    [Fact]
    public void A_plan_is_spent_until_its_window_ends()
    {
        var plan = new PlanUse(new PlanConfig
        {
            Windows = [new PlanWindow(TimeSpan.FromHours(5), Requests: 3, Tokens: null)],
            MultiplierMillionths = new Dictionary<string, long> { ["big"] = 2 * PriceMath.Millionths },
            IsSpread = false,
        });
        plan.Note("small", 10, NowMs);
        plan.Note("small", 10, NowMs);

        Assert.Equal(PlanRoom.Ample, plan.RoomFor("small", 10, NowMs));
        Assert.Equal(PlanRoom.Spent, plan.RoomFor("big", 10, NowMs)); // counts twice
        plan.Note("small", 10, NowMs);
        Assert.Equal(PlanRoom.Spent, plan.RoomFor("small", 10, NowMs));
        Assert.Equal(PlanRoom.Ample, plan.RoomFor("small", 10, NowMs + (5 * 3_600_000)));
    }

    [Theory]
    [InlineData(0, 0.2)]
    [InlineData(0.45, 0.6)]
    [InlineData(0.9, 1)]
    [InlineData(1, 1)]
    public void Of_a_quota_a_fifth_may_be_used_at_once_and_all_of_it_when_nine_tenths_of_its_window_are_over(double over, double share) => Assert.Equal(share, PlanUse.Allowed(over), 6);

    [Fact]
    public void A_small_quota_takes_the_first_request_of_a_window_whatever_its_share_of_it()
    {
        var plan = new PlanUse(new PlanConfig { Windows = [new PlanWindow(TimeSpan.FromHours(5), Requests: 3, Tokens: null)] });

        Assert.Equal(PlanRoom.Ample, plan.RoomFor("m", 10, NowMs));
        plan.Note("m", 10, NowMs);
        Assert.Equal(PlanRoom.Ahead, plan.RoomFor("m", 10, NowMs));
        Assert.Equal(PlanRoom.Ample, plan.RoomFor("m", 10, NowMs + (4 * 3_600_000)));
    }

    [Fact]
    public void The_shortest_window_and_the_longest_are_both_kept_to()
    {
        var plan = new PlanUse(new PlanConfig { Windows = [new PlanWindow(TimeSpan.FromHours(5), Requests: 100, Tokens: null), new PlanWindow(TimeSpan.FromDays(7), Requests: null, Tokens: 1_000)] });
        for (var i = 0; i < 19; i++)
            plan.Note("m", 1, NowMs);
        Assert.Equal(PlanRoom.Ample, plan.RoomFor("m", 1, NowMs)); // 20 of 100
        Assert.Equal(PlanRoom.Ahead, plan.RoomFor("m", 300, NowMs)); // of the week's tokens
        plan.Note("m", 1, NowMs);
        Assert.Equal(PlanRoom.Ahead, plan.RoomFor("m", 1, NowMs));
        Assert.Equal(PlanRoom.Ample, plan.RoomFor("m", 1, NowMs, isThere: true)); // its warm cache is there
    }

    [Fact]
    public void Under_a_policy_a_plan_lasts_for_its_window_and_nothing_of_it_is_left_over()
    {
        const int RequestsPerMinute = 6; // 1,800 in five hours; the plan has 600
        var rig = Policies.PolicyRig.WithMore("{ aim: cheapest }", "plan: { windows: [{ every: 5h, requests: 600 }] }", ("plan", "", ""), ("paid", "2", "2"));
        var byHour = new int[5];
        for (var minute = 0; minute < 300; minute++)
        {
            rig.Question = rig.Question with { NowMs = Policies.PolicyRig.NowMs + (minute * 60_000L) };
            for (var i = 0; i < RequestsPerMinute; i++)
            {
                if (!rig.Order().StartsWith("plan", StringComparison.Ordinal))
                    continue;
                byHour[minute / 60]++;
                rig.Memory.PlanOf(rig["plan"].Upstream)!.Note("m", 100, rig.Question.NowMs);
            }
        }

        Assert.Equal(600, byHour.Sum());
        Assert.InRange(byHour[0], 200, 230); // a fifth at once, then in step
        Assert.All(byHour[1..4], requests => Assert.InRange(requests, 100, 112));
        Assert.InRange(byHour[4], 40, 70);
    }

    [Fact]
    public void A_plan_that_is_ahead_of_its_time_still_serves_where_nobody_else_meets_the_floors_and_the_explanation_says_so()
    {
        var rig = Policies.PolicyRig.WithMore("{ aim: cheapest, floors: { availability: 0.9 }, when_none: relax, relax: [availability] }", "plan: { windows: [{ every: 5h, requests: 10 }] }", ("plan", "", ""), ("paid", "2", "2"));
        for (var i = 0; i < 5; i++)
            rig.Memory.PlanOf(rig["plan"].Upstream)!.Note("m", 100, Policies.PolicyRig.NowMs);
        Assert.Equal("paid plan", rig.Order());
        Assert.EndsWith("next plan ahead of its plan", rig.Reason, StringComparison.Ordinal);

        rig.Attempts("paid", answered: 50, failed: 50);
        Assert.Equal("plan paid", rig.Order());
    }

    [Fact]
    public void Who_is_at_its_limit_stands_behind_and_is_still_there()
    {
        var rig = new Policies.PolicyRig("{ aim: cheapest }", ("cheap", "1", "1"), ("dear", "2", "2"));
        var now = DateTimeOffset.FromUnixTimeMilliseconds(Policies.PolicyRig.NowMs);
        rig.Memory.For(rig["cheap"]).Limit.Read(Headers(("x-ratelimit-remaining-requests", "0"), ("x-ratelimit-reset-requests", "10s")), now);

        Assert.Equal("dear cheap", rig.Order());
        Assert.EndsWith("next cheap at its limit", rig.Reason, StringComparison.Ordinal);
    }

    private static HttpHeadersNonValidated Headers(params (string Name, string Value)[] headers)
    {
        using var response = new HttpResponseMessage();
        foreach (var (name, value) in headers)
            response.Headers.TryAddWithoutValidation(name, value);
        return response.Headers.NonValidated;
    }
}
