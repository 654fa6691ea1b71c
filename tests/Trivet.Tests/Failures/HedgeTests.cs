using Trivet.Core.Relay.Metering;
using Trivet.Sandbox;

namespace Trivet.Tests.Failures;

/// <summary>Routes that hedge: a request whose upstream is slow is asked of a second one.</summary>
public sealed class HedgeTests
{
    private const string Hedge = "hedge: { share: 100, spend: 1 }";
    private const string Slow = "sandbox-text-20@first-token-ms=20000";
    private const string Fast = "sandbox-text-20";

    public static TheoryData<string, string, bool> Cells => new(RelayRig.Protocols.Zip(RelayRig.Protocols.Skip(1).Append(RelayRig.Protocols[0])).SelectMany(
        pair => new[] { (pair.First, pair.First, true), (pair.First, pair.First, false), (pair.First, pair.Second, true), (pair.First, pair.Second, false) }));

    [Theory]
    [MemberData(nameof(Cells))]
    public async Task Where_the_first_is_slow_the_second_answers_and_both_are_booked(string client, string upstream, bool stream)
    {
        await using var rig = await StartAsync(upstream, stream, $"a:{Slow}", usualMs: 500); // by then it has been asked, also by a machine that does much else

        var answer = await rig.AskAsync(client, upstream, stream, [$"a:{Slow}", $"b:{Fast}"], Hedge);

        Whole(answer, stream);
        Assert.Equal($"b-{upstream}", answer.Headers["x-trivet-upstream"]);
        var (lost, won) = (rig.Spool.Attempts[0], rig.Spool.Attempts[1]);
        Assert.Equal(("GatewayAbandoned", false, true, 0), (lost.Failure, lost.Committed, lost.Estimated, lost.ChargedNano));
        Assert.True(lost.CostNano > 0, "what it was asked costs");
        Assert.Equal(("", true, $"b-{upstream}"), (won.Failure, won.Committed, won.Upstream));
        Assert.True(won.ChargedNano > 0 && !won.Estimated);
        var request = Assert.Single(rig.Spool.Requests);
        Assert.Equal((2, 200), (request.Attempts, request.Status));
        Assert.Contains($"hedged at b-{upstream}/{Fast}", request.RouteReason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Where_the_first_is_first_all_the_same_the_hedge_is_cancelled_and_booked()
    {
        const string slow = "sandbox-text-20@first-token-ms=1500", slower = "sandbox-text-20@first-token-ms=20000";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{slow}");

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{slow}", $"b:{slower}"], Hedge);

        Whole(answer, stream: true);
        Assert.Equal("a-openai-chat", answer.Headers["x-trivet-upstream"]);
        Assert.Equal(["", "GatewayAbandoned"], rig.Spool.Attempts.Select(attempt => attempt.Failure));
        Assert.Equal(0, rig.Spool.Attempts[1].ChargedNano);
        Assert.Equal(2, Assert.Single(rig.Spool.Requests).Attempts);
    }

    [Fact]
    public async Task Where_the_first_is_as_fast_as_usual_nobody_else_is_asked()
    {
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{Fast}", usualMs: 5_000);

        Whole(await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{Fast}", $"b:{Fast}"], Hedge), stream: true);

        Assert.Single(rig.Spool.Attempts);
        Assert.Empty(rig.B.Log.All());
    }

    [Fact]
    public async Task Where_the_first_fails_the_hedge_answers()
    {
        const string failing = "sandbox-text-20@headers-ms=1500@400";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{failing}");

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{failing}", "b:sandbox-text-20@first-token-ms=2500"], Hedge);

        Whole(answer, stream: true);
        Assert.Equal(2, rig.Spool.Attempts.Count);
    }

    [Fact]
    public async Task Where_both_fail_those_that_were_not_asked_are_asked()
    {
        const string one = "sandbox-text-20@headers-ms=1500@503", other = "sandbox-text-20@503";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{one}");

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{one}", $"b:{other}", $"a:{Fast}"], Hedge);

        Whole(answer, stream: true);
        Assert.Equal([1, 2, 3, 4], rig.Spool.Attempts.Select(attempt => attempt.Ordinal).Order());
    }

    [Fact]
    public async Task An_answer_of_the_hedge_that_breaks_off_is_continued()
    {
        const string slow = "sandbox-text-40@first-token-ms=20000:times=1", cut = "sandbox-text-40@cut-after=15:times=1";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{slow}");

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{slow}", $"b:{cut}"], Hedge);

        Whole(answer, stream: true);
        Assert.Equal(["GatewayAbandoned", "UpstreamTruncated", ""], rig.Spool.Attempts.Select(attempt => attempt.Failure));
        Assert.Equal(3, Assert.Single(rig.Spool.Requests).Attempts);
    }

    [Theory]
    [InlineData("hedge: { share: 100, spend: 0 }")]
    [InlineData("hedge: { share: 1 }")]
    [InlineData("hedge: false")]
    [InlineData("")]
    public async Task Beyond_what_the_route_allows_nothing_is_hedged(string route)
    {
        const string slow = "sandbox-text-20@first-token-ms=400";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{slow}");

        Whole(await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{slow}", $"b:{Fast}"], route), stream: true);

        Assert.Single(rig.Spool.Attempts);
    }

    [Fact]
    public async Task What_has_no_price_is_not_hedged_because_its_cost_has_no_bound()
    {
        const string slow = "sandbox-text-20@first-token-ms=400";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{slow}");
        rig.Price = "";

        Whole(await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{slow}", $"b:{Fast}"], Hedge), stream: true);

        Assert.Single(rig.Spool.Attempts);
    }

    [Fact]
    public async Task A_candidate_at_the_same_host_is_no_hedge()
    {
        const string slow = "sandbox-text-20@first-token-ms=400";
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{slow}");

        Whole(await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{slow}", $"a:{Fast}"], Hedge), stream: true);

        Assert.Single(rig.Spool.Attempts);
    }

    [Fact]
    public async Task A_conversation_whose_upstream_was_slow_goes_where_it_was_answered()
    {
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{Slow}");
        string[] candidates = [$"a:{Slow}", $"b:{Fast}"];

        await rig.AskAsync("openai-chat", "openai-chat", stream: true, candidates, Hedge, session: "one");
        var again = await rig.AskAsync("openai-chat", "openai-chat", stream: true, candidates, Hedge, session: "one");

        Whole(again, stream: true);
        Assert.Equal("1", again.Headers["x-trivet-attempts"]);
        Assert.Equal("a-openai-chat was slow", again.Headers["x-trivet-route"]);
        Assert.Single(rig.A.Log.All());
    }

    [Fact]
    public async Task One_that_loses_every_race_is_asked_by_a_probe_instead_of_by_requests()
    {
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{Slow}");
        var card = rig.Health.For($"a-openai-chat/{Slow}");

        for (var i = 0; i < 3; i++)
        {
            Assert.False(card.IsDown);
            Whole(await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{Slow}", $"b:{Fast}"], Hedge, session: $"session {i}"), stream: true);
        }

        Assert.True(card.IsDown);
        var next = await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{Slow}", $"b:{Fast}"], Hedge, session: "next");
        Assert.Equal(("1", "b-openai-chat"), (next.Headers["x-trivet-attempts"], next.Headers["x-trivet-upstream"]));
    }

    [Fact]
    public async Task A_client_that_leaves_the_race_pays_for_one_of_the_two()
    {
        await using var rig = await StartAsync("openai-chat", stream: true, $"a:{Slow}");
        rig.More = "limits: { grace: 100ms }";

        await rig.AskAsync("openai-chat", "openai-chat", stream: true, [$"a:{Slow}", $"b:{Slow}"], Hedge, leaves: AskedAsync(rig.B));

        Assert.Equal(["ClientGone", "ClientGone"], rig.Spool.Attempts.Select(attempt => attempt.Failure));
        Assert.All(rig.Spool.Attempts, attempt => Assert.True(attempt.CostNano > 0));
        Assert.True(rig.Spool.Attempts[0].ChargedNano > 0);
        Assert.Equal(0, rig.Spool.Attempts[1].ChargedNano);
    }

    private static async Task<RelayRig> StartAsync(string upstream, bool stream, string primary, int usualMs = 20)
    {
        var rig = await RelayRig.StartAsync();
        rig.Price = "{ currency: USD, per_million: { input: 1, output: 5 } }";
        var times = rig.Health.For($"{primary[0]}-{upstream}/{primary[2..]}").FirstContent;
        for (var i = 0; i < 40; i++)
            times.Record(stream, promptTokens: 10, usualMs);
        return rig;
    }

    private static async Task AskedAsync(SandboxHost sandbox)
    {
        while (!sandbox.Log.All().Any(entry => entry.Status == 200))
            await Task.Delay(5);
        await Task.Delay(200);
    }

    private static void Whole(ClientAnswer answer, bool stream)
    {
        Assert.True(answer is { Status: 200, IsComplete: true, Error: null } && answer.Text.Length > 0, answer.ToString());
        if (stream)
            answer.AssertLegal();
    }
}
