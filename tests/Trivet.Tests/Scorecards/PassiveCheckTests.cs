using Trivet.Core.Relay.Scoring;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;
using Trivet.Tests.Failures;

namespace Trivet.Tests.Scorecards;

/// <summary>Traffic through the relay comes to the scorecards of its offering and its credential, whether it passes through or is translated.</summary>
public sealed class PassiveCheckTests
{
    public static TheoryData<string, string, bool> Ways { get; } = new()
    {
        { "openai-chat", "openai-chat", true },
        { "openai-chat", "openai-chat", false },
        { "anthropic-messages", "anthropic-messages", true },
        { "anthropic-messages", "openai-chat", true },
        { "anthropic-messages", "openai-chat", false },
        { "openai-responses", "openai-responses", true },
        { "openai-chat", "gemini", true },
        { "gemini", "anthropic-messages", false },
    };

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Arguments_that_do_not_fit_are_found_on_every_way(string client, string upstream, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();

        await rig.AskAsync(client, upstream, stream, ["a:sandbox-chat"], prompt: """[[tool read {"path":"a.txt"}]]""", tools: true);
        await rig.AskAsync(client, upstream, stream, ["a:sandbox-chat"], prompt: """[[tool read {"path":7}]]""", tools: true);

        var read = Card(rig, upstream, "sandbox-chat").Read("a", Now);
        Assert.Equal(2, read.Checked.Whole, 2);
        Assert.Equal([(CheckKind.ArgumentsUnfit, 1.0)], read.Checks.Select(line => (line.Kind, Math.Round(line.Answers, 2))));
        Assert.Equal(50, read.QualityPercent.Value, 1);
        Assert.Equal(100, read.StabilityPercent.Value, 1);
    }

    [Theory]
    [InlineData("openai-chat", "openai-chat", true)]
    [InlineData("openai-chat", "openai-chat", false)]
    [InlineData("openai-chat", "anthropic-messages", false)]
    public async Task An_empty_answer_and_another_models_name_are_found_in_every_answer(string client, string upstream, bool stream)
    {
        await using var rig = await RelayRig.StartAsync();

        rig.A.Script("""[{"match":{"model":"gpt-4o"},"times":1,"respond":{"model":"gpt-4o-mini"}},{"match":{"model":"gpt-4o"},"times":1,"respond":{"model":"gpt-4o-2024-08-06","content":[],"stop":"end"}}]""");

        await rig.AskAsync(client, upstream, stream, ["a:gpt-4o"]);
        await rig.AskAsync(client, upstream, stream, ["a:gpt-4o"]);

        Assert.Equal([CheckKind.Empty, CheckKind.OtherModel], Card(rig, upstream, "gpt-4o").Read("a", Now).Checks.Select(line => line.Kind));
    }

    [Fact]
    public async Task What_a_credential_is_refused_or_limited_stands_on_its_own_scorecard()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Price = "{ currency: USD, per_million: { input: 1, output: 2 } }";

        await rig.AskAsync("openai-chat", "openai-chat", true, ["a:sandbox-text-60@429", "b:sandbox-text-60"]);
        await rig.AskAsync("openai-chat", "openai-chat", true, ["b:sandbox-text-60"]);

        var (a, b) = (rig.Health.ForCredential("a-openai-chat#1"), rig.Health.ForCredential("b-openai-chat#1"));
        Assert.Equal(1, a.LimitedShare(Now).Value);
        Assert.False(a.Availability(Now).IsKnown);
        Assert.Equal((0, 1), (b.LimitedShare(Now).Value, b.Availability(Now).Value));
        var card = Card(rig, "openai-chat", "sandbox-text-60", "b");
        Assert.True(card.NanoPerMillionTokens(Now).Value is > 1_000_000_000 and < 2_000_000_000);
        Assert.Equal(0, card.WastedShare(Now).Value);
    }

    [Fact]
    public void Which_answers_are_looked_at_whole_depends_on_the_requests_id_alone()
    {
        var ids = Enumerable.Range(0, 20_000).Select(i => $"req_{i:x8}").ToList();

        var chosen = ids.Count(id => PassiveChecks.IsChosen(id, 2_000));
        var ofLong = ids.Count(id => PassiveChecks.IsChosen(id, 100_000));

        Assert.InRange(chosen, 20_000 / 64 * 0.8, 20_000 / 64 * 1.2);
        Assert.InRange(ofLong, 20_000 / 448 * 0.6, 20_000 / 448 * 1.5);
        Assert.Equal(chosen, ids.Count(id => PassiveChecks.IsChosen(id, 2_000)));
    }

    private static long Now => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();

    private static Scorecard Card(RelayRig rig, string upstream, string model, string place = "a") => rig.Health.For($"{place}-{upstream}/{model}").Card;
}
