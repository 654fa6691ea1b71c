using Trivet.Core.Failures;
using Trivet.Core.Routing;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Policies;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Routing.Policies;

/// <summary>A route <c>r</c> over upstreams with the prices that are given, a policy <c>p</c>, and what was measured of each.</summary>
internal sealed class PolicyRig
{
    public const long NowMs = 1_790_000_000_000;

    public PolicyRig(string policy, params (string Name, string Input, string Output)[] upstreams)
        : this($"{{ model: r, policy: p, candidates: [{string.Join(", ", upstreams.Select(upstream => $"{{ upstream: {upstream.Name}, model: m }}"))}] }}", $"policies:\n  p: {policy}\n", upstreams)
    {
    }

    /// <summary>The first of the upstreams has more lines.</summary>
    public static PolicyRig WithMore(string policy, string moreOfFirst, params (string Name, string Input, string Output)[] upstreams) =>
        new($"{{ model: r, policy: p, candidates: [{string.Join(", ", upstreams.Select(upstream => $"{{ upstream: {upstream.Name}, model: m }}"))}] }}", $"policies:\n  p: {policy}\n", upstreams, moreOfFirst);

    public PolicyRig(string route, string top, (string Name, string Input, string Output)[] upstreams, string moreOfFirst = "")
    {
        var yaml = top + "upstreams:\n" + string.Concat(upstreams.Select(upstream =>
            $"  - {{ name: {upstream.Name}, vendor: custom, keys: [k], region: {upstream.Name}-land, models: [m], endpoints: {{ openai-chat: 'https://{upstream.Name}.example/v1' }}"
            + (upstream.Input.Length == 0 ? "" : $", price: {{ currency: {(upstream.Input[0] == 'Y' ? "CNY" : "USD")}, per_million: {{ input: {upstream.Input.TrimStart('Y')}, cache_read: {Tenth(upstream.Input)}, output: {upstream.Output} }} }}")
            + (moreOfFirst.Length > 0 && upstream == upstreams[0] ? ", " + moreOfFirst : "") + " }\n"))
            + $"routes:\n  - {route}\n";
        Snapshot = GatewaySnapshot.Compile(Good(yaml));
        Assert.True(Snapshot.TryResolve("r", out var resolved));
        Route = resolved!;
        Router = new Router(Health, Memory);
    }

    public GatewaySnapshot Snapshot { get; }

    public ResolvedRoute Route { get; }

    public HealthBoard Health { get; } = new();

    public RoutingMemory Memory { get; } = new();

    public Router Router { get; }

    public string Reason { get; private set; } = "";

    public RoutingQuestion Question { get; set; } = new(0, NowMs, RequestFeatures.None, Protocol.OpenAIChat) { PromptTokens = 1000, IsStream = true };

    public Offering this[string upstream] => Route.Candidates.Single(candidate => candidate.Upstream.Name == upstream);

    public OfferingHealth HealthOf(string upstream) => Health.For(this[upstream].Id);

    /// <summary>The order in which candidates would be tried.</summary>
    public string Order()
    {
        var order = new List<Offering>();
        Reason = Router.Order(Route, Question with { Fx = Snapshot.Prices.Fx, Policy = Question.Policy }, order);
        return string.Join(' ', order.Select(offering => offering.Upstream.Name));
    }

    /// <summary>So many attempts of which so many failed, well apart so that health itself has forgiven.</summary>
    public void Attempts(string upstream, int answered, int failed)
    {
        var card = HealthOf(upstream);
        for (var i = 0; i < failed; i++)
            card.Card.RecordOutcome(isAnswered: false, NowMs);
        for (var i = 0; i < answered; i++)
            card.Card.RecordOutcome(isAnswered: true, NowMs);
    }

    /// <summary>So many answers that passed the checks, and so many that did not.</summary>
    public void Checks(string upstream, int sound, int unsound)
    {
        for (var i = 0; i < sound; i++)
            HealthOf(upstream).Card.RecordCheck(isSound: true, NowMs);
        for (var i = 0; i < unsound; i++)
            HealthOf(upstream).Card.RecordCheck(isSound: false, NowMs);
    }

    public void FirstContent(string upstream, int milliseconds)
    {
        for (var i = 0; i < 30; i++)
            HealthOf(upstream).FirstContent.Record(isStream: true, Question.PromptTokens, milliseconds);
    }

    public void Fails(string upstream, long atMs) => HealthOf(upstream).Failed(new Failure(FailureKind.UpstreamServerError), atMs);

    private static string Tenth(string price) => (decimal.Parse(price.TrimStart('Y'), System.Globalization.CultureInfo.InvariantCulture) / 10).ToString(System.Globalization.CultureInfo.InvariantCulture);
}
