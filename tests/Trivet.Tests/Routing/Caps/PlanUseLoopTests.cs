using Trivet.Core.Failures;
using Trivet.Core.Relay.Choosing;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Routing.Affinity;
using Trivet.Core.Routing.Caps;
using Trivet.Core.Snapshots;
using static Trivet.Tests.Snapshots.ConfigReaderTests;

namespace Trivet.Tests.Routing.Caps;

/// <summary>What the books say of plans reaches routing.</summary>
public sealed class PlanUseLoopTests
{
    private const long HourMs = 3_600_000;

    private static readonly GatewaySnapshot Snapshot = GatewaySnapshot.Compile(Good(
        """
        upstreams:
          - { name: plan, vendor: custom, keys: [k], models: [m, big], endpoints: { openai-chat: 'https://plan.example/v1' }, plan: { windows: [{ every: 5h, requests: 100 }, { every: 24h, requests: 1000 }], multipliers: { big: 10 } } }
          - { name: other, vendor: custom, keys: [k], models: [m], endpoints: { openai-chat: 'https://other.example/v1' } }
        """));

    private readonly ManualTime _time = new();
    private readonly Books _books = new();
    private readonly RoutingMemory _memory = new();
    private readonly PlanUseLoop _loop;

    public PlanUseLoopTests() => _loop = new PlanUseLoop(() => Snapshot, _books, _memory, _time);

    private PlanUse Use => _memory.PlanOf(Snapshot.Config.Upstreams[0])!;

    [Fact]
    public async Task A_restart_does_not_make_a_plan_whole_again()
    {
        _books.Lines = [Line(hoursAgo: 1, "m", 60), Line(hoursAgo: 2, "big", 4)];
        Assert.Equal(PlanRoom.Ample, Use.RoomFor("m", 1, _time.NowMs));

        Assert.Null(await _loop.LookAsync(TestContext.Current.CancellationToken));

        Assert.Equal(PlanRoom.Spent, Use.RoomFor("m", 1, _time.NowMs));
        Assert.Equal(("plan", HourMs), (_books.Asked!.Upstream, _books.Asked.StepMs)); // and nothing of upstreams without a plan
        Assert.Equal(PlanRoom.Ample, Use.RoomFor("m", 1, _time.NowMs + (4 * HourMs))); // the window is over
    }

    [Fact]
    public async Task Windows_follow_each_other_and_only_the_open_one_counts()
    {
        _books.Lines = [Line(hoursAgo: 8, "m", 90), Line(hoursAgo: 7, "m", 10), Line(hoursAgo: 2, "m", 30)];

        await _loop.LookAsync(TestContext.Current.CancellationToken);

        Assert.Equal(PlanRoom.Ample, Use.RoomFor("m", 1, _time.NowMs)); // 30 of 100, two hours into it
    }

    [Fact]
    public async Task What_is_counted_here_and_not_yet_booked_stays_and_what_is_in_both_counts_once()
    {
        for (var i = 0; i < 40; i++)
            Use.Note("m", 1, _time.NowMs);
        _books.Lines = [Line(hoursAgo: 0, "m", 30)];
        await _loop.LookAsync(TestContext.Current.CancellationToken);
        for (var i = 0; i < 60; i++)
            Use.Note("m", 1, _time.NowMs);

        Assert.Equal(PlanRoom.Spent, Use.RoomFor("m", 1, _time.NowMs)); // 100: neither 90 nor 130
        Assert.NotEqual(PlanRoom.Spent, Use.RoomFor("m", 1, _time.NowMs + (5 * HourMs)));
    }

    [Fact]
    public async Task While_the_database_is_away_a_node_goes_by_its_own_count()
    {
        Use.Note("m", 1, _time.NowMs);
        _books.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");

        Assert.NotNull(await _loop.LookAsync(TestContext.Current.CancellationToken));
        Assert.Equal(PlanRoom.Ample, Use.RoomFor("m", 1, _time.NowMs));
    }

    private UsageLine Line(int hoursAgo, string model, long attempts) => new() { Group = model, StartMs = _time.NowMs - (_time.NowMs % HourMs) - (hoursAgo * HourMs), Attempts = attempts, InputUncachedTokens = attempts };

    private sealed class Books : IUsageStore
    {
        public IReadOnlyList<UsageLine> Lines { get; set; } = [];

        public StoreFault? Fault { get; set; }

        public UsageQuery? Asked { get; private set; }

        public ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken)
        {
            Asked = query;
            return new(Fault is { } fault ? fault : StoreOutcome.Of(Lines));
        }

        public ValueTask<StoreOutcome<UsageChart>> ChartAsync(UsageQuery query, UsageGroup drawnBy, long stepMs, int groupsMax, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
