using Trivet.Core.Admin.Routes;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Scorecards;
using Trivet.Tests.Routing.Policies;

namespace Trivet.Tests.Admin;

/// <summary>Decisions explained and played again from the books alone.</summary>
public sealed class RouteAdminTests
{
    private readonly ManualTime _time = new();

    [Fact]
    public async Task The_books_of_the_last_day_are_the_evidence_where_no_server_is_asked()
    {
        var rig = Rig("{ aim: fastest }");
        var admin = Admin(rig, [.. Several("a", 30, firstMs: 4000), .. Several("b", 30, firstMs: 200)]);

        var explained = (await admin.ExplainAsync(new RouteAsk("r"), TestContext.Current.CancellationToken)).Value;

        Assert.Equal(("r", 60, false), (explained.Route, explained.Attempts, explained.IsLive));
        Assert.Equal(["b/m", "a/m"], explained.Decision!.Candidates.Select(candidate => candidate.Offering));
        Assert.StartsWith("p: b ", explained.Decision.Reason, StringComparison.Ordinal);
        Assert.InRange(explained.Decision.Candidates[0].AvailabilityMeasured.Low, 0.8, 1);
        Assert.Equal("quality", explained.Decision.Candidates[0].Priors);
    }

    [Fact]
    public async Task Failures_in_the_books_put_an_offering_behind()
    {
        var rig = Rig("{ aim: cheapest }");
        var admin = Admin(rig, [.. Several("a", 10, firstMs: 200), .. Several("a", 3, firstMs: null, failure: nameof(FailureKind.UpstreamServerError), minutesAgo: 2)]);

        var explained = (await admin.ExplainAsync(new RouteAsk("r"), TestContext.Current.CancellationToken)).Value;

        Assert.Equal(["b/m", "a/m"], explained.Decision!.Candidates.Select(candidate => candidate.Offering));
        Assert.NotEqual("well", explained.Decision.Candidates[1].Standing);
    }

    [Theory]
    [InlineData("s", null, "No route or model is called 's'")]
    [InlineData("r", "cheep", "There is no policy 'cheep'; did you mean 'cheap'?")]
    public async Task Names_that_are_unknown_are_told_with_the_nearest(string model, string? policy, string problem)
    {
        var explained = (await Admin(Rig("{ aim: cheapest }"), []).ExplainAsync(new RouteAsk(model) { Policy = policy }, TestContext.Current.CancellationToken)).Value;

        Assert.Null(explained.Decision);
        Assert.StartsWith(problem, explained.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_replay_prices_the_same_requests_at_who_the_policy_chooses()
    {
        var rig = Rig("{ aim: fastest }"); // a costs 1 and 1, b 2 and 2 a million
        var admin = Admin(rig, Several("b", 20, firstMs: 200));

        var replay = (await admin.ReplayAsync("r", "cheap", _time.GetUtcNow().AddHours(-24), TestContext.Current.CancellationToken)).Value.Replay!;

        Assert.Equal((20, 0, 1.0), (replay.Requests, replay.Refused, replay.FirstTry));
        Assert.Equal([("a/m", 0, 20), ("b/m", 20, 0)], replay.Offerings.Select(share => (share.Offering, share.Was, share.Becomes)));
        Assert.Equal(20 * 2_200_000L, replay.CostNano);
        Assert.Equal(20 * 1_100_000L, replay.ReplayedNano); // 1,000 in and 100 out at 1
    }

    [Fact]
    public async Task A_replay_says_how_far_it_reaches_and_whether_there_was_more()
    {
        var rig = Rig("{ aim: fastest }");
        var few = Several("b", 20, firstMs: 200);
        var many = Several("b", RouteAdmin.AttemptsMax + 5, firstMs: 200, minutesAgo: 400);

        Assert.Equal((few[0].StartedMs, false), await ReachAsync(few));
        Assert.Equal((many[5].StartedMs, true), await ReachAsync(many));
        Assert.Equal((null, false), await ReachAsync([]));

        async Task<(long?, bool)> ReachAsync(IReadOnlyList<AttemptRecord> attempts)
        {
            var replay = (await Admin(rig, attempts).ReplayAsync("r", "cheap", _time.GetUtcNow().AddHours(-24), TestContext.Current.CancellationToken)).Value.Replay!;
            return (replay.FromMs, replay.IsCut);
        }
    }

    [Fact]
    public async Task A_replay_under_floors_that_nobody_meets_refuses()
    {
        var rig = Rig("{ floors: { regions: [moon] }, when_none: refuse }");
        var replay = (await Admin(rig, Several("b", 5, firstMs: 200)).ReplayAsync("r", "p", _time.GetUtcNow().AddHours(-24), TestContext.Current.CancellationToken)).Value.Replay!;

        Assert.Equal((5, 5), (replay.Requests, replay.Refused));
        Assert.True(double.IsNaN(replay.FirstTryExpected));
    }

    [Fact]
    public async Task A_replay_gives_nothing_to_an_offering_that_is_in_quarantine_now()
    {
        var rig = Rig("{ aim: fastest }");
        var health = new HealthBoard();
        health.For("a/m").Card.Standing = AuditStanding.Quarantined; // the cheaper of the two
        var admin = new RouteAdmin(() => rig.Snapshot, new Log(Several("a", 20, firstMs: 200)), _time, health: health);

        var replay = (await admin.ReplayAsync("r", "cheap", _time.GetUtcNow().AddHours(-24), TestContext.Current.CancellationToken)).Value.Replay!;

        Assert.Equal([("b/m", 0, 20), ("a/m", 20, 0)], replay.Offerings.Select(share => (share.Offering, share.Was, share.Becomes)));
    }

    [Fact]
    public async Task A_policy_that_is_not_in_force_is_replayed_and_explained_as_it_would_be()
    {
        var rig = Rig("{ aim: fastest }");
        var admin = Admin(rig, [.. Several("a", 20, firstMs: 4000), .. Several("b", 20, firstMs: 200)]);
        var trial = rig.Snapshot.Policies["cheap"] with { Name = "being-written" };

        var replay = (await admin.ReplayAsync("r", trial, _time.GetUtcNow().AddHours(-24), null, TestContext.Current.CancellationToken)).Value.Replay!;
        var explained = (await admin.ExplainAsync(new RouteAsk("r") { Trial = trial }, TestContext.Current.CancellationToken)).Value.Decision!;

        Assert.Equal(("being-written", 40), (replay.Policy, replay.Offerings.Single(share => share.Offering == "a/m").Becomes));
        Assert.Equal(("being-written", "a/m"), (explained.Policy, explained.Candidates[0].Offering));
    }

    private static PolicyRig Rig(string policy) => new(policy, ("a", "1", "1"), ("b", "2", "2"));

    private RouteAdmin Admin(PolicyRig rig, IReadOnlyList<AttemptRecord> attempts) => new(() => rig.Snapshot, new Log(attempts), _time);

    private AttemptRecord[] Several(string upstream, int count, long? firstMs, string failure = "", int minutesAgo = 60) =>
    [
        .. Enumerable.Range(0, count).Select(i => new AttemptRecord
        {
            Id = $"att_{upstream}{minutesAgo}_{i}",
            RequestId = $"req_{upstream}{minutesAgo}_{i}",
            Organisation = "o",
            KeyId = "k",
            Route = "r",
            Upstream = upstream,
            UpstreamModel = "m",
            StartedMs = _time.NowMs - (minutesAgo * 60_000) + (i * 1000),
            Streamed = true,
            Failure = failure,
            InputUncachedTokens = failure.Length == 0 ? 1000 : 0,
            OutputTextTokens = failure.Length == 0 ? 100 : 0,
            TimeToFirstContentMs = firstMs,
            DurationMs = (firstMs ?? 0) + 2000,
            CostNano = failure.Length > 0 ? 0 : upstream == "a" ? 1_100_000 : 2_200_000,
            Currency = "USD",
        }),
    ];

    private sealed class Log(IReadOnlyList<AttemptRecord> attempts) : IAttemptLog
    {
        public ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> ReadAsync(long sinceMs, int countMax, string? route, CancellationToken cancellationToken) =>
            new(StoreOutcome.Of<IReadOnlyList<AttemptRecord>>([.. attempts.Where(attempt => attempt.StartedMs >= sinceMs && attempt.Route == (route ?? attempt.Route)).OrderBy(attempt => attempt.StartedMs).TakeLast(countMax)]));
    }
}
