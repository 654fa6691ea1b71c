using Trivet.Core.Journal;
using Trivet.Core.Relay.Scoring;
using Trivet.Core.Routing;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Scorecards.Warnings;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Scorecards;

/// <summary>What is taken for a sign that a vendor is about to cut an account off, and how seldom that is nothing.</summary>
public sealed class EarlyWarningTests
{
    private const long MinuteMs = 60_000;
    private const string Refused = "refused (401-403, challenge pages)";

    private readonly HealthBoard _health = new();
    private readonly Heard _alarms = [];
    private readonly EarlyWarning _warning;
    private long _now = 1_800_000_000_000;

    public EarlyWarningTests() => _warning = new EarlyWarning(_health, _alarms);

    [Theory]
    [InlineData(0.02, 0.25)]
    [InlineData(0.002, 0.05)]
    [InlineData(0.1, 0.5)] // worse than any prior: it must be learned
    public void False_alarms_are_no_more_than_stated_where_minutes_come_in_bursts(double share, double afterTight)
    {
        const int Series = 30;
        const int Minutes = 50_000;
        var random = new Random(41);
        var alarms = 0;
        for (var i = 0; i < Series; i++)
        {
            var minutes = new TightMinutes(0.02, 0.25);
            var isTight = false;
            for (var minute = 0; minute < Minutes; minute++)
            {
                isTight = random.NextDouble() < (isTight ? afterTight : share);
                minutes.Close(isTight);
                if (!minutes.IsAlarmed)
                    continue;
                alarms++;
                minutes.Restart();
            }
        }

        Assert.InRange(alarms, 0, Series * Minutes / TightMinutes.Threshold);
    }

    [Fact]
    public void What_becomes_frequent_is_noticed_within_a_quarter_of_an_hour()
    {
        var random = new Random(43);
        var delays = new List<int>();
        for (var i = 0; i < 200; i++)
        {
            var minutes = new TightMinutes(0.02, 0.25);
            for (var minute = 0; minute < 2_000; minute++)
                minutes.Close(random.NextDouble() < 0.01);
            minutes.Restart();
            var delay = 0;
            while (!minutes.IsAlarmed)
            {
                minutes.Close(random.NextDouble() < 0.9);
                delay++;
            }

            delays.Add(delay);
        }

        delays.Sort();
        Assert.InRange(delays[delays.Count * 95 / 100], 1, 15);
    }

    [Fact]
    public void A_quiet_credential_raises_nothing()
    {
        for (var minute = 0; minute < 600; minute++)
            Minute(("lab#1", minute % 200 == 7 ? 3 : 0, 10));

        Assert.Empty(_alarms);
    }

    [Fact]
    public void Refusals_that_rise_are_an_alarm_with_its_evidence_and_traffic_moves_until_they_are_over()
    {
        _health.For("lab/m");
        Minutes(60, ("lab#1", 0, 10));
        Minutes(15, ("lab#1", 6, 10));

        var alarm = Assert.Single(_alarms);
        Assert.Equal((EarlyWarning.AlarmKind, "lab#1", Refused, "lab"), (alarm.Kind, alarm.Subject, alarm.Evidence["sign"], alarm.Evidence["upstream"]));
        Assert.True(double.Parse(alarm.Evidence["evidence"], null) >= TightMinutes.Threshold);
        Assert.True(_health.ForCredential("lab#1").IsWarned);
        Assert.True(_health.For("lab/m").Card.IsWarned);

        Minutes(40, ("lab#1", 0, 10));
        Assert.False(_health.ForCredential("lab#1").IsWarned);
        Assert.False(_health.For("lab/m").Card.IsWarned);
    }

    [Fact]
    public void An_offering_is_not_left_while_another_of_its_credentials_is_well()
    {
        _health.For("lab/m");
        Minutes(60, ("lab#1", 0, 10), ("lab#2", 0, 10));
        Minutes(15, ("lab#1", 6, 10), ("lab#2", 0, 10));

        Assert.True(_health.ForCredential("lab#1").IsWarned);
        Assert.False(_health.For("lab/m").Card.IsWarned);
    }

    [Fact]
    public void Credentials_of_one_vendor_that_are_held_back_at_once_are_an_alarm_of_their_own()
    {
        foreach (var id in (string[])["one#1", "two#1", "three#1"])
            _health.ForCredential(id).Vendor = "acme";
        Minutes(60, ("one#1", 0, 10), ("two#1", 0, 10), ("three#1", 0, 10));
        Minutes(15, ("one#1", 4, 10), ("two#1", 4, 10), ("three#1", 0, 10));

        var alarm = Assert.Single(_alarms, alarm => alarm.Subject == "acme");
        Assert.Equal("one#1, two#1", alarm.Evidence["credentials"]);
        Assert.True(_health.ForCredential("three#1").IsWarned); // it is next
    }

    [Fact]
    public void A_limit_that_its_vendor_lowers_is_an_alarm_and_one_odd_answer_is_none()
    {
        var card = _health.ForCredential("lab#1");
        foreach (var limit in (double[])[1_000, 1_000, 500, 1_000])
            card.NoteLimit("m", "requests", limit);
        _warning.Look(_now);
        Assert.Empty(_alarms);

        card.NoteLimit("m", "requests", 400);
        card.NoteLimit("m", "requests", 400);
        _warning.Look(_now);
        _warning.Look(_now += MinuteMs);

        var alarm = Assert.Single(_alarms);
        Assert.Equal(("limits shrink", "1000", "400"), (alarm.Evidence["sign"], alarm.Evidence["before"], alarm.Evidence["now"]));
    }

    [Fact]
    public void Limits_that_a_vendor_tells_at_the_addresses_of_two_protocols_are_not_held_against_each_other()
    {
        var card = _health.ForCredential("lab#1");
        for (var i = 0; i < 6; i++)
        {
            using var chat = new HttpResponseMessage { Headers = { { "x-ratelimit-limit-tokens", "30000000" } } };
            using var messages = new HttpResponseMessage { Headers = { { "anthropic-ratelimit-tokens-limit", i < 4 ? "2400000" : "240000" } } };
            RiskSigns.NoteLimits(card, "m", Protocol.OpenAIChat, chat);
            RiskSigns.NoteLimits(card, "m", Protocol.AnthropicMessages, messages);
            if (i == 3)
                Assert.Null(card.TakeShrunkLimit());
        }

        var shrunk = card.TakeShrunkLimit();
        Assert.Equal((2_400_000d, 240_000d), (shrunk?.Before, shrunk?.Now)); // against its own, one of them has shrunk
    }

    [Fact]
    public void Answers_that_begin_to_refuse_are_a_sign()
    {
        var card = _health.For("lab/m").Card;
        for (var minute = 0; minute < 100; minute++)
        {
            for (var i = 0; i < 5; i++)
                card.RecordChecks(minute < 80 ? new CheckFindings(0, IsWhole: true) : new CheckFindings(0, IsWhole: true).With(CheckKind.Refusal), _now);
            _warning.Look(_now += MinuteMs);
        }

        Assert.Equal(("lab/m", "answers that refuse"), (Assert.Single(_alarms).Subject, _alarms[0].Evidence["sign"]));
    }

    [Fact]
    public void A_route_goes_round_an_offering_that_is_warned_of()
    {
        var config = Good("""
            upstreams:
              - { name: first, vendor: custom, keys: [k], endpoints: { openai-chat: 'https://a.example' }, models: [m] }
              - { name: second, vendor: custom, keys: [k], endpoints: { openai-chat: 'https://b.example' }, models: [m] }
            routes:
              - { model: r, candidates: [{ upstream: first, model: m }, { upstream: second, model: m }] }
            """);
        Assert.True(GatewaySnapshot.Compile(config).TryResolve("r", out var route));

        Assert.Equal("first", First(route!));
        _health.For("first/m").Card.Warn("429s rise.");
        Assert.Equal("second", First(route!));
        _health.For("first/m").Card.Warn(null);
        Assert.Equal("first", First(route!));
    }

    private string First(ResolvedRoute route)
    {
        var order = new List<Offering>();
        new Router(_health).Order(route, new RoutingQuestion(0, _now, RequestFeatures.None, Protocol.OpenAIChat), order);
        return order[0].Upstream.Name;
    }

    private void Minutes(int count, params (string Credential, int Refused, int Attempts)[] traffic)
    {
        for (var i = 0; i < count; i++)
            Minute(traffic);
    }

    private void Minute(params (string Credential, int Refused, int Attempts)[] traffic)
    {
        foreach (var (credential, refused, attempts) in traffic)
        {
            for (var i = 0; i < attempts; i++)
                _health.ForCredential(credential).Record(new AttemptSample { Outcome = i < refused ? AttemptOutcomeKind.Refused : AttemptOutcomeKind.Answered, AtMs = _now });
        }

        _warning.Look(_now += MinuteMs);
    }
}

/// <summary>Keeps what was raised.</summary>
internal sealed class Heard : List<Alarm>, IAlarmSink
{
    public void Raise(Alarm alarm) => Add(alarm);
}

/// <summary>Nobody hears.</summary>
internal sealed class NoAlarms : IAlarmSink
{
    public static NoAlarms Instance { get; } = new();

    public void Raise(Alarm alarm)
    {
        // It is another test's to ask.
    }
}
