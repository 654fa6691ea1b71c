using Trivet.Core.Failures;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Routing;

/// <summary>What earlier failures mean for the order: forgiven at once where somebody has seen that they are over, remembered where they went on.</summary>
public sealed class SteadinessTests
{
    private const long MinuteMs = 60_000;
    private const long StartMs = 1_800_000_000_000;

    private const string Config =
        """
        upstreams:
          - { name: first, vendor: custom, keys: [k], endpoints: { openai-chat: 'https://a.example' }, models: [m] }
          - { name: second, vendor: custom, keys: [k], endpoints: { openai-chat: 'https://b.example' }, models: [m] }
        routes:
          - { model: r, candidates: [{ upstream: first, model: m }, { upstream: second, model: m }] }
        """;

    private readonly HealthBoard _health = new();

    [Fact]
    public void The_operators_order_holds_among_those_that_are_well()
    {
        Succeed("second/m", 0);
        Assert.Equal("first second", Order(MinuteMs));
    }

    [Fact]
    public void One_that_failed_and_is_found_well_a_minute_later_keeps_its_place()
    {
        Fail("first/m", 0);
        Assert.Equal("first second", Order(MinuteMs / 2)); // the rest is over, and a request may find out
        Assert.Equal("second first", Order(2 * MinuteMs));
        Succeed("first/m", 2 * MinuteMs);
        Assert.Equal("first second", Order(3 * MinuteMs));
        Assert.Equal("first second", Order(60 * MinuteMs));
    }

    [Fact]
    public void Of_two_in_doubt_the_one_that_failed_longer_ago_comes_first()
    {
        Fail("second/m", 0);
        Fail("first/m", MinuteMs);
        Assert.Equal("second first", Order(10 * MinuteMs));
    }

    [Fact]
    public void A_short_outage_is_forgiven_when_it_is_over()
    {
        for (var second = 0; second < 60; second += 4)
            Fail("first/m", second * 1000);
        for (var second = 60; second < 120; second += 4)
            Succeed("first/m", second * 1000);
        Assert.Equal("first second", Order(3 * MinuteMs));
        Assert.Equal("first second", Order(20 * MinuteMs));
    }

    [Fact]
    public void One_that_was_out_for_long_stands_behind_until_eighteen_background_questions_in_a_row_went_well()
    {
        Fail("first/m", 0);
        for (var hour = 1; hour <= 18; hour++)
        {
            Assert.Equal("second first", Order((hour * 60 - 1) * MinuteMs));
            Succeed("first/m", hour * 60 * MinuteMs);
        }

        Assert.Equal("first second", Order((18 * 60 + 6) * MinuteMs));
    }

    [Fact]
    public void Time_alone_forgives_nothing()
    {
        Fail("first/m", 0);
        Succeed("first/m", 10 * MinuteMs);
        Assert.Equal("second first", Order(14 * 24 * 60 * MinuteMs));
    }

    [Fact]
    public void Of_two_that_have_been_out_the_one_that_was_out_less_comes_first()
    {
        for (var window = 0; window < 3; window++)
            Fail("first/m", window * 10 * MinuteMs);
        Fail("second/m", 0);
        Succeed("first/m", 40 * MinuteMs);
        Succeed("second/m", 40 * MinuteMs);
        Assert.Equal("second first", Order(50 * MinuteMs));
    }

    [Fact]
    public void A_background_question_to_one_that_has_been_out_is_due_once_an_hour()
    {
        var card = _health.For("first/m");
        Assert.False(card.TryRecheck(StartMs));
        Fail("first/m", 0);
        Succeed("first/m", 10 * MinuteMs);
        Assert.True(card.TryRecheck(StartMs + 20 * MinuteMs));
        Assert.False(card.TryRecheck(StartMs + 79 * MinuteMs));
        Assert.True(card.TryRecheck(StartMs + 80 * MinuteMs));
    }

    private void Fail(string offering, long afterMs) => _health.For(offering).Failed(new Failure(FailureKind.UpstreamServerError), StartMs + afterMs);

    private void Succeed(string offering, long afterMs) => _health.For(offering).Succeeded(StartMs + afterMs);

    private string Order(long afterMs)
    {
        Assert.True(GatewaySnapshot.Compile(Good(Config)).TryResolve("r", out var route));
        var order = new List<Offering>();
        new Router(_health).Order(route!, new RoutingQuestion(0, StartMs + afterMs, RequestFeatures.None, Protocol.OpenAIChat), order);
        return string.Join(' ', order.Select(o => o.Upstream.Name));
    }
}
