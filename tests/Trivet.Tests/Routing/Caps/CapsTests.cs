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
        });
        plan.Note("small", 10, NowMs);
        plan.Note("small", 10, NowMs);

        Assert.False(plan.IsSpent("small", 10, NowMs));
        Assert.True(plan.IsSpent("big", 10, NowMs)); // counts twice
        plan.Note("small", 10, NowMs);
        Assert.True(plan.IsSpent("small", 10, NowMs));
        Assert.False(plan.IsSpent("small", 10, NowMs + (5 * 3_600_000)));
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
