using Trivet.Core.Routing.Policies;
using Trivet.Tests.Failures;

namespace Trivet.Tests.Relay;

/// <summary>Policies on the way of a request: who chooses, what the client is told.</summary>
public sealed class PolicyRelayTests
{
    private static readonly string[] Candidates = ["a:sandbox-text-5", "b:sandbox-text-5"];

    [Fact]
    public async Task A_client_may_ask_for_a_preset_or_a_policy_of_the_file_and_is_told_what_decided()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Price = "{ currency: USD, per_million: { input: 1, output: 2 } }";
        rig.More = "policies:\n  mine: { aim: fastest }\n";

        var cheap = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, policy: "cheap");
        var mine = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, policy: "mine");

        Assert.Equal((200, 200), (cheap.Status, mine.Status));
        Assert.StartsWith("cheap: ", cheap.Headers["x-trivet-route"], StringComparison.Ordinal);
        Assert.StartsWith("mine: ", mine.Headers["x-trivet-route"], StringComparison.Ordinal);
        Assert.Equal(cheap.Headers["x-trivet-route"], rig.Spool.Requests[0].RouteReason);
    }

    [Fact]
    public async Task Header_file_key_and_route_decide_in_this_order()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Price = "{ currency: USD, per_million: { input: 1, output: 2 } }";
        rig.KeyPolicy = "fast";

        Assert.StartsWith("fast: ", await RouteAsync("policy: best"), StringComparison.Ordinal);
        rig.More = "policies:\n  mine: { aim: cheapest, keys: [laptop] }\n";
        Assert.StartsWith("mine: ", await RouteAsync("policy: best"), StringComparison.Ordinal);
        Assert.StartsWith("balanced: ", await RouteAsync("policy: best", policy: "balanced"), StringComparison.Ordinal);
        rig.More = "";
        rig.KeyPolicy = "";
        Assert.StartsWith("best: ", await RouteAsync("policy: best"), StringComparison.Ordinal);

        async Task<string> RouteAsync(string route, string? policy = null) =>
            (await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, route, policy: policy)).Headers["x-trivet-route"];
    }

    [Fact]
    public async Task A_key_whose_policy_is_gone_is_refused_because_that_may_be_what_keeps_its_data_in_a_region()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.KeyPolicy = "europe";

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, "policy: cheap");

        Assert.Equal(400, answer.Status);
        Assert.Contains("this key's policy: there is no policy 'europe'", answer.Body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(rig.Spool.Attempts);
        Assert.Equal(200, (await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, policy: "cheap")).Status);
    }

    [Theory]
    [InlineData("openai-chat", "\"error\"")]
    [InlineData("anthropic-messages", "\"type\":\"error\"")]
    [InlineData("gemini", "\"INVALID_ARGUMENT\"")]
    public async Task An_unknown_policy_is_refused_in_the_client_s_words(string client, string mark)
    {
        await using var rig = await RelayRig.StartAsync();

        var answer = await rig.AskAsync(client, client, stream: false, Candidates, policy: "cheep");

        Assert.Equal(400, answer.Status);
        Assert.Contains(mark, answer.Body, StringComparison.Ordinal);
        Assert.Contains("x-trivet-policy: there is no policy 'cheep'; did you mean 'cheap'?", answer.Body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(rig.Spool.Attempts);
    }

    [Theory]
    [InlineData("openai-chat", "\"no_upstream\"")]
    [InlineData("openai-responses", "\"no_upstream\"")]
    [InlineData("anthropic-messages", "\"type\":\"error\"")]
    [InlineData("gemini", "\"INTERNAL\"")]
    public async Task A_route_of_the_file_whose_upstreams_are_all_switched_off_is_refused_in_the_client_s_words_with_who_is_off(string client, string mark)
    {
        await using var rig = await RelayRig.StartAsync();

        // Others offer a model of this name, and would serve it without the route's policy.
        rig.Change = config => config with { Upstreams = [.. config.Upstreams.Select(upstream => upstream.Name == $"a-{client}" ? upstream with { Enabled = false } : upstream with { Models = ["r"] })] };

        var answer = await rig.AskAsync(client, client, stream: false, ["a:sandbox-text-5"]);

        Assert.Equal(503, answer.Status);
        Assert.Contains(mark, answer.Body, StringComparison.Ordinal);
        Assert.Contains($"The route 'r': none of its upstreams can be asked: 'a-{client}' is switched off.", answer.Body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(rig.Spool.Attempts);
        rig.Change = static config => config;
        Assert.Equal(200, (await rig.AskAsync(client, client, stream: false, ["a:sandbox-text-5"])).Status);
    }

    [Theory]
    [InlineData("laptop", "it decides this key's requests")]
    [InlineData(null, "nobody knows whose requests it decides")]
    public async Task Requests_of_a_key_that_a_policy_decides_which_can_no_longer_be_read_are_refused(string? key, string why)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.KeyPolicy = ""; // a key called laptop
        rig.Change = config => config with { Policies = [new PolicyConfig { Name = "near", Keys = key is null ? [] : [key], Broken = why, IsOfConsole = true }] };

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates);

        Assert.Equal(503, answer.Status);
        Assert.Contains($"The policy 'near': {why}.", answer.Body.Replace("\\u0027", "'", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Empty(rig.Spool.Attempts);
        Assert.Equal(400, (await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, policy: "near")).Status); // and nobody may ask for it
        rig.Change = config => config with { Policies = [new PolicyConfig { Name = "near", Keys = ["another"], Broken = why, IsOfConsole = true }] };
        Assert.Equal(200, (await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates)).Status);
    }

    [Fact]
    public async Task Floors_that_nobody_meets_refuse_with_what_each_lacks()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.More = "policies:\n  far: { when_none: refuse, floors: { regions: [moon] } }\n";

        var answer = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, "policy: far");

        Assert.Equal(503, answer.Status);
        Assert.Contains("floors_unmet", answer.Body, StringComparison.Ordinal);
        Assert.Contains("a-openai-chat(regions)", answer.Body, StringComparison.Ordinal);
        Assert.Empty(rig.Spool.Attempts);
    }

    [Fact]
    public async Task A_conversation_stays_with_who_answered_it_and_leaves_who_failed_it()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Price = "{ currency: USD, per_million: { input: 1, output: 2 } }";

        var first = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, "policy: cheap", session: "s");
        var kept = first.Headers["x-trivet-upstream"];
        for (var i = 0; i < 6; i++)
        {
            var next = await rig.AskAsync("openai-chat", "openai-chat", stream: false, Candidates, "policy: cheap", session: "s");
            Assert.Equal(kept, next.Headers["x-trivet-upstream"]);
            Assert.Contains("stays", next.Headers["x-trivet-route"], StringComparison.Ordinal);
        }

        string[] failing = kept[0] == 'a' ? ["a:sandbox-text-5@500", "b:sandbox-text-5"] : ["a:sandbox-text-5", "b:sandbox-text-5@500"];
        await rig.AskAsync("openai-chat", "openai-chat", stream: false, failing, "policy: cheap", session: "s");
        var moved = await rig.AskAsync("openai-chat", "openai-chat", stream: false, failing, "policy: cheap", session: "s");
        Assert.NotEqual(kept, moved.Headers["x-trivet-upstream"]);
    }
}
