using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Journal;
using Trivet.Core.Limits;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Warnings;

namespace Trivet.FunctionalTests.Storage;

/// <summary>Scorecards in both databases.</summary>
public sealed class ScorecardStoreTests(PostgresCluster cluster)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_node_replaces_its_own_rows_and_reads_all_that_are_new(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Scorecards;
        Assert.Equal(2, (await store.SaveAsync([Row("a", "lab/m", 10, "{}"), Row("b", "lab/m", 20, "{}")], Cancel)).Value);
        Assert.Equal(1, (await store.SaveAsync([Row("a", "lab/m", 30, """{"name":"é"}""")], Cancel)).Value);

        Assert.Equal([Row("a", "lab/m", 30, """{"name":"é"}"""), Row("b", "lab/m", 20, "{}")], (await store.LoadAsync(0, Cancel)).Value);
        Assert.Equal(["a"], (await store.LoadAsync(20, Cancel)).Value.Select(row => row.Node));
        Assert.Equal(1, (await store.ExpireAsync(20, Cancel)).Value);
        Assert.Equal(["a"], (await store.LoadAsync(0, Cancel)).Value.Select(row => row.Node));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_node_lets_go_of_its_own_rows_alone(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Scorecards;
        await store.SaveAsync([Row("a", "lab/m", 10, "{}"), Row("b", "lab/m", 20, "{}"), Row("a", "lab/kept", 30, "{}"), Row("a", "lab/gone", 40, "{}")], Cancel);

        Assert.Equal(2, (await store.DeleteAsync("a", [new ScoreSubject(ScoreSubjectKind.Offering, "lab/m"), new ScoreSubject(ScoreSubjectKind.Offering, "lab/gone"), new ScoreSubject(ScoreSubjectKind.Credential, "lab/kept")], Cancel)).Value);

        Assert.Equal(["a lab/kept", "b lab/m"], (await store.LoadAsync(0, Cancel)).Value.Select(row => $"{row.Node} {row.Subject}"));
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Nodes_on_one_database_know_what_each_has_seen_and_a_restart_forgets_nothing(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var (a, b) = (new Node(await test.OpenAsync(), "a"), new Node(await test.OpenAsync(), "b"));
        a.Record(isAnswered: true, 40);
        b.Record(isAnswered: false, 10);
        foreach (var node in (Node[])[a, b, a])
            Assert.Null(await node.Loop.TickAsync(Cancel));

        Assert.Equal(a.Availability.Value, b.Availability.Value, 6);
        Assert.InRange(a.Availability.Value, 0.79, 0.81);
        var again = new Node(await test.OpenAsync(), "a");
        Assert.Null(await again.Loop.TickAsync(Cancel));
        Assert.Equal(a.Availability.Value, again.Availability.Value, 3);
        Assert.InRange(again.Availability.Weight, 49, 50);
    }

    private static ScorecardRow Row(string node, string subject, long asOfMs, string content) => new(node, "offering", subject, asOfMs, content);

    private sealed class Silence : IAlarmSink
    {
        public void Raise(Alarm alarm) => Assert.Fail(alarm.Text);
    }

    private sealed class Node(Trivet.Storage.Database database, string name)
    {
        private readonly HealthBoard _board = new();

        public ScorecardLoop Loop => field ??= new ScorecardLoop(_board, database.Scorecards, new NodeIdentity(name, name + ".1"), new ScorecardSharing(IsShared: true), new EarlyWarning(_board, new Silence()), TimeProvider.System, NullLogger<ScorecardLoop>.Instance);

        public Estimate Availability => _board.For("lab/m").Card.Availability(NowMs);

        public void Record(bool isAnswered, int times)
        {
            for (var i = 0; i < times; i++)
                _board.For("lab/m").Card.RecordOutcome(isAnswered, NowMs);
        }

        private static long NowMs => TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
    }
}
