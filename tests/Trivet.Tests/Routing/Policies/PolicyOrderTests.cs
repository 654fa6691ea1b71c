using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;

namespace Trivet.Tests.Routing.Policies;

/// <summary>Who goes first under a policy, and what it takes to change that.</summary>
public sealed class PolicyOrderTests
{
    private const long Minute = 60_000;

    [Theory]
    [InlineData("{ aim: cheapest }", "cheap middle dear")]
    [InlineData("{ aim: fastest }", "dear middle cheap")]
    [InlineData("{ aim: best }", "middle dear cheap")]
    [InlineData("{ aim: { second: 0.000001 } }", "cheap middle dear")] // a second is worth less than the difference in price
    [InlineData("{ aim: { second: 1 } }", "dear middle cheap")]
    [InlineData("{ aim: { quality: 10 } }", "middle dear cheap")]
    [InlineData("{ when_none: refuse, floors: { quality: 0.9 } }", "middle dear")]
    [InlineData("{ when_none: refuse, floors: { first_content: 2s } }", "middle dear")]
    [InlineData("{ when_none: refuse, floors: { price_per_million: 3 } }", "cheap middle")]
    [InlineData("{ when_none: refuse, floors: { price_per_request: 0.004 } }", "cheap middle")]
    [InlineData("{ when_none: refuse, floors: { regions: [dear-land] } }", "dear")]
    [InlineData("{ when_none: relax, relax: [quality], floors: { quality: 0.9 } }", "middle dear cheap")]
    [InlineData("{ when_none: relax, relax: [first_content], floors: { first_content: 100ms, regions: [cheap-land, dear-land] } }", "cheap dear")]
    [InlineData("{ when_none: relax, relax: [price_per_request, quality], floors: { quality: 0.9, price_per_request: 0.003 } }", "middle dear cheap")]
    public void Floors_admit_and_the_aim_decides(string policy, string expected)
    {
        var rig = Measured(policy);

        Assert.Equal(expected, rig.Order());
    }

    [Fact]
    public void Where_nothing_meets_the_floors_the_reason_says_who_lacks_what()
    {
        var rig = Measured("{ when_none: refuse, floors: { quality: 0.9, price_per_million: 1 } }");

        Assert.Equal("", rig.Order());
        Assert.Equal("p: no offering meets the floors; out: cheap(quality), dear(price_per_million), middle(price_per_million)", SortOut(rig.Reason));
    }

    [Fact]
    public void The_reason_tells_figures_the_next_one_and_who_is_out()
    {
        var rig = Measured("{ when_none: refuse, floors: { quality: 0.9 } }");
        rig.Order();

        Assert.StartsWith("p: middle 0.00", rig.Reason, StringComparison.Ordinal);
        Assert.Contains(" USD ", rig.Reason, StringComparison.Ordinal);
        Assert.Contains("; next dear +", rig.Reason, StringComparison.Ordinal);
        Assert.EndsWith("; out: cheap(quality)", rig.Reason, StringComparison.Ordinal);
        Assert.True(rig.Reason.Length <= DecisionText.CharsMax);
    }

    [Fact]
    public void An_unknown_price_is_neither_zero_nor_cheap_enough()
    {
        Assert.Equal("dear unpriced", new PolicyRig("{ aim: cheapest }", ("unpriced", "", ""), ("dear", "5", "25")).Order());
        Assert.Equal("dear", new PolicyRig("{ when_none: refuse, floors: { price_per_million: 20 } }", ("unpriced", "", ""), ("dear", "5", "25")).Order());
    }

    [Fact]
    public void Money_of_another_currency_is_compared_by_its_rate_and_unknown_without_one()
    {
        (string, string, string)[] upstreams = [("usd", "1", "2"), ("cny", "Y3.5", "7")];
        const string Route = "{ model: r, policy: p, candidates: [{ upstream: usd, model: m }, { upstream: cny, model: m }] }";

        Assert.Equal("cny usd", new PolicyRig(Route, "policies:\n  p: { aim: cheapest }\nfx:\n  rates: [{ pair: USD/CNY, rate: 7, since: 2026-01-01 }]\n", upstreams).Order());
        Assert.Equal("usd cny", new PolicyRig(Route, "policies:\n  p: { aim: cheapest }\n", upstreams).Order());
    }

    [Fact]
    public void Who_is_out_stands_last_under_every_policy_and_is_still_tried()
    {
        var rig = Measured("{ aim: cheapest }");
        rig.Fails("cheap", PolicyRig.NowMs - 100);
        Assert.Equal("middle dear cheap", rig.Order());
        Assert.Contains("next dear", rig.Reason, StringComparison.Ordinal);

        rig.Question = rig.Question with { NowMs = PolicyRig.NowMs + (10 * Minute) }; // it rests no longer, and failed last
        Assert.Equal("middle dear cheap", rig.Order());

        rig.HealthOf("cheap").Succeeded(PolicyRig.NowMs + (10 * Minute));
        Assert.Equal("middle dear cheap", rig.Order()); // its window of five minutes held nothing but failures
    }

    [Fact]
    public void Audits_put_the_suspicious_behind_and_the_guilty_last_of_all()
    {
        var rig = Measured("{ aim: cheapest }");
        rig.HealthOf("cheap").Card.Standing = AuditStanding.DownWeighted;
        Assert.Equal("middle dear cheap", rig.Order());

        rig.HealthOf("middle").Card.Standing = AuditStanding.Quarantined;
        rig.Fails("cheap", PolicyRig.NowMs - 100);
        Assert.Equal("dear cheap middle", rig.Order()); // resting is better than found out

        rig.HealthOf("cheap").Card.Standing = AuditStanding.Noted;
        rig.HealthOf("cheap").Succeeded(PolicyRig.NowMs);
        Assert.Equal("cheap dear middle", rig.Order());
    }

    [Fact]
    public void Who_seems_about_to_be_cut_off_stands_behind_those_that_are_well_and_before_the_suspicious()
    {
        var rig = Measured("{ aim: cheapest }");
        rig.HealthOf("cheap").Card.Warn("refusals of its credential grow");
        rig.HealthOf("middle").Card.Standing = AuditStanding.DownWeighted;

        Assert.Equal("dear cheap middle", rig.Order());
        Assert.EndsWith("next cheap about to be cut off", rig.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Failed_attempts_cost_money_and_time()
    {
        var rig = new PolicyRig("{ aim: cheapest }", ("flaky", "1", "1"), ("sound", "1.02", "1.02"));
        rig.Attempts("flaky", 60, 40);
        rig.Attempts("sound", 100, 0);

        Assert.Equal("sound flaky", rig.Order());
    }

    [Fact]
    public void A_warm_cache_is_worth_its_discount_and_no_more()
    {
        var rig = new PolicyRig("{ aim: cheapest }", ("cold", "1", "1"), ("warm", "1.3", "1"));
        rig.Attempts("cold", 50, 0);
        rig.Attempts("warm", 50, 0);
        var prompt = new PromptPrefix(new ulong[] { 1, 2, 3, 4 }, new[] { 5000, 10000, 15000, 20000 });
        rig.Question = rig.Question with { PromptTokens = 20_000, Prompt = prompt };
        Assert.Equal("cold warm", rig.Order());

        rig.Memory.For(rig["warm"]).Cache.Sent(prompt, PolicyRig.NowMs - Minute);
        Assert.Equal("warm cold", rig.Order());
        Assert.Contains("warm 20000", rig.Reason, StringComparison.Ordinal);

        rig.Question = rig.Question with { NowMs = PolicyRig.NowMs + (5 * Minute) };
        Assert.Equal("cold warm", rig.Order()); // five minutes after its last use it is cold again
    }

    [Fact]
    public void A_discount_that_is_not_given_is_not_counted_on()
    {
        var rig = new PolicyRig("{ aim: cheapest }", ("cold", "1", "1"), ("pockets", "1.3", "1"));
        var prompt = new PromptPrefix(new ulong[] { 1, 2 }, new[] { 10000, 20000 });
        rig.Question = rig.Question with { PromptTokens = 20_000, Prompt = prompt };
        var cache = rig.Memory.For(rig["pockets"]).Cache;
        cache.Sent(prompt, PolicyRig.NowMs);
        cache.Reported(20_000, 0);

        Assert.Equal("cold pockets", rig.Order());
    }

    [Fact]
    public void A_conversation_stays_for_small_gains_moves_for_large_ones_and_when_its_place_fails()
    {
        var rig = new PolicyRig("{ aim: cheapest }", ("first", "1", "1"), ("cheaper", "0.95", "0.95"), ("dear", "3", "3"));
        rig.Question = rig.Question with { SessionHash = 7 };
        rig.Memory.Sessions.Note(7, rig["first"].Id, PolicyRig.NowMs - Minute);
        Assert.StartsWith("first", rig.Order(), StringComparison.Ordinal);

        rig.Memory.Sessions.Note(7, rig["dear"].Id, PolicyRig.NowMs - Minute);
        Assert.StartsWith("cheaper", rig.Order(), StringComparison.Ordinal);

        rig.Memory.Sessions.Note(7, rig["first"].Id, PolicyRig.NowMs - Minute);
        rig.Fails("first", PolicyRig.NowMs - 10);
        Assert.StartsWith("cheaper", rig.Order(), StringComparison.Ordinal);
    }

    [Fact]
    public void Among_equals_the_less_loaded_of_two_goes_first()
    {
        var rig = new PolicyRig("{ aim: cheapest }", ("a", "1", "1"), ("b", "1", "1"));
        rig.Memory.For(rig["a"]).Begin(1000, PolicyRig.NowMs);

        for (var draw = 0; draw < 8; draw++)
        {
            rig.Question = rig.Question with { Draw = (ulong)draw };
            Assert.Equal("b a", rig.Order());
        }
    }

    [Fact]
    public void A_balanced_policy_passes_over_who_has_more_than_its_share()
    {
        var rig = new PolicyRig("{ aim: cheapest, balance: 10 }", ("cheap", "1", "1"), ("dear", "2", "2"));
        for (var i = 0; i < 20; i++)
        {
            var first = rig.Order().Split(' ')[0];
            rig.Memory.For(rig[first]).Begin(1000, PolicyRig.NowMs);
        }

        var (cheap, dear) = (rig.Memory.For(rig["cheap"]).Load(PolicyRig.NowMs), rig.Memory.For(rig["dear"]).Load(PolicyRig.NowMs));
        Assert.InRange(cheap / (cheap + dear), 0.5, 0.56);
    }

    [Fact]
    public void Preferences_of_the_task_come_before_the_aim_and_behind_the_floors()
    {
        var rig = Measured("{ when_none: refuse, floors: { quality: 0.9 }, tasks: { code: [cheap, dear] } }");
        rig.Question = rig.Question with { Task = RequestTask.Code };
        Assert.Equal("dear middle", rig.Order());

        rig.Question = rig.Question with { Task = RequestTask.Chat };
        Assert.Equal("middle dear", rig.Order());
    }

    [Fact]
    public void A_policy_that_a_client_asks_for_does_not_lift_where_the_route_lets_data_go()
    {
        var rig = Measured("{ when_none: refuse, floors: { regions: [dear-land, middle-land] } }");
        rig.Question = rig.Question with { Policy = rig.Snapshot.Policies["cheap"] };

        Assert.Equal("middle dear", rig.Order());
        Assert.Contains("cheap(", rig.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Deciding_allocates_one_line_however_many_candidates_there_are()
    {
        var few = AllocatedWith(3);
        var many = AllocatedWith(20);

        Assert.True(few < 700, $"{few} bytes");
        Assert.InRange(many, 0, few + 64);
    }

    [Fact]
    public void An_explanation_is_the_decision()
    {
        var rig = Measured("{ when_none: refuse, floors: { quality: 0.9 } }");
        var order = rig.Order();
        var decision = rig.Router.Explain(rig.Route, rig.Question);

        Assert.Equal(order, string.Join(' ', decision.Candidates.Where(candidate => candidate.Place is not null).Select(candidate => candidate.Offering.Split('/')[0])));
        Assert.Equal(rig.Reason, decision.Reason);
        var left = decision.Candidates[^1];
        Assert.Equal(("cheap/m", "quality"), (left.Offering, left.FloorsFailed));
        Assert.InRange(left.QualityMeasured.High, 0.7, 0.9);
        Assert.Equal("speed, output", left.Priors); // nothing was answered in full
    }

    private static long AllocatedWith(int count)
    {
        var rig = new PolicyRig("{ aim: { second: 0.001, quality: 0.1 } }", [.. Enumerable.Range(0, count).Select(i => ($"u{i}", "1", $"{i + 1}"))]);
        var order = new List<Trivet.Core.Snapshots.Offering>(32);
        return Allocation.Least(() => rig.Router.Order(rig.Route, rig.Question, order));
    }

    private static PolicyRig Measured(string policy)
    {
        var rig = new PolicyRig(policy, ("cheap", "0.5", "1"), ("dear", "5", "25"), ("middle", "1.5", "3"));
        foreach (var (name, unsound, first) in new[] { ("cheap", 20, 4000), ("middle", 0, 1000), ("dear", 3, 300) })
        {
            rig.Attempts(name, 100, 0);
            rig.Checks(name, 100 - unsound, unsound);
            rig.FirstContent(name, first);
        }

        return rig;
    }

    // Who is out stands in no order.
    private static string SortOut(string reason)
    {
        const string Mark = "; out: ";
        var at = reason.IndexOf(Mark, StringComparison.Ordinal) + Mark.Length;
        return reason[..at] + string.Join(", ", reason[at..].Split(", ").Order(StringComparer.Ordinal));
    }
}
