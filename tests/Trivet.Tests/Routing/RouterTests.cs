using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Routing;

/// <summary>Who is tried first: by policy, but those that can do what the request needs before those that cannot.</summary>
public sealed class RouterTests
{
    private const string Config =
        """
        upstreams:
          - { name: minimax, vendor: minimax, keys: [k], models: [m] }
          - { name: openai, vendor: openai, keys: [k], models: [m] }
          - { name: lab, vendor: custom, keys: [k], endpoints: { anthropic-messages: 'https://a.example' }, models: [m] }
        routes:
          - { model: r, candidates: [{ upstream: minimax, model: m }, { upstream: lab, model: m }, { upstream: openai, model: m }] }
        """;

    [Theory]
    [InlineData(RequestFeatures.None, Protocol.AnthropicMessages, "minimax lab openai")]
    [InlineData(RequestFeatures.StopSequences, Protocol.AnthropicMessages, "lab")] // MiniMax takes and ignores them
    [InlineData(RequestFeatures.SingleToolCall, Protocol.AnthropicMessages, "lab openai minimax")]
    [InlineData(RequestFeatures.ServerTools, Protocol.OpenAIChat, "minimax openai lab")]
    [InlineData(RequestFeatures.SeveralChoices, Protocol.OpenAIChat, "minimax openai lab")]
    [InlineData(RequestFeatures.Video, Protocol.OpenAIChat, "minimax openai lab")]
    public void Those_that_can_do_it_come_first(RequestFeatures features, Protocol client, string expected)
    {
        Assert.True(GatewaySnapshot.Compile(Good(Config)).TryResolve("r", out var route));
        var order = new List<Offering>();
        new Router(new HealthBoard()).Order(route!, new RoutingQuestion(0, 0, features, client), order);

        Assert.StartsWith(expected, string.Join(' ', order.Select(o => o.Upstream.Name)), StringComparison.Ordinal);
    }
}
