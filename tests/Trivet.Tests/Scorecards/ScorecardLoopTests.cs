using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Failures;
using Trivet.Core.Limits;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Scorecards.Warnings;

namespace Trivet.Tests.Scorecards;

/// <summary>What nodes keep of their scorecards, and share.</summary>
public sealed class ScorecardLoopTests
{
    private const string Offering = "lab/m";

    private readonly ManualTime _time = new();
    private readonly MemoryStore _store = new();

    [Fact]
    public async Task A_restart_keeps_what_was_known()
    {
        var before = new Node(this, "a");
        before.Answer(90);
        before.Fail(10);
        before.Card.RecordChecks(CheckFindings.None.With(CheckKind.OtherModel), _time.NowMs);
        before.Board.ForCredential("lab#1").Record(new AttemptSample { Outcome = AttemptOutcomeKind.Limited, AtMs = _time.NowMs });
        before.Card.Standing = AuditStanding.DownWeighted;
        await before.TickAsync();

        _time.Advance(TimeSpan.FromHours(6));
        var after = new Node(this, "a");
        await after.TickAsync();

        var read = after.Read();
        Assert.Equal((0.9, 50), (Math.Round(read.Availability.Value, 6), Math.Round(read.Availability.Weight, 3)));
        Assert.Equal(before.Read().CostPercent, read.CostPercent);
        Assert.Equal("USD", read.Currency);
        Assert.Equal(before.Read().FirstContent.Select(line => line.MedianMs.Value), read.FirstContent.Select(line => line.MedianMs.Value));
        Assert.Equal([CheckKind.OtherModel], read.Checks.Select(line => line.Kind));
        Assert.Equal(1, after.Board.ForCredential("lab#1").LimitedShare(_time.NowMs).Value);
        Assert.Equal(AuditStanding.Clean, read.Standing); // what audits concluded is theirs to keep
    }

    [Fact]
    public async Task Counts_of_nodes_add_and_a_nodes_own_are_replaced_and_not_counted_twice()
    {
        var (a, b) = (new Node(this, "a"), new Node(this, "b"));
        a.Answer(30);
        b.Answer(20);
        b.Fail(10);
        for (var round = 0; round < 3; round++)
        {
            await a.TickAsync();
            await b.TickAsync();
        }

        await a.TickAsync();
        Assert.Equal((60, 50 / 60.0), (a.Read().Availability.Weight, a.Read().Availability.Value));
        Assert.Equal(a.Read().Availability, b.Read().Availability);
        Assert.Equal(a.Read().FirstContent[0].MedianMs, b.Read().FirstContent[0].MedianMs);
        Assert.Equal(60, a.Read().FirstContent[0].MedianMs.Weight + 10); // failures have no first content

        b.Fail(30);
        await b.TickAsync();
        await a.TickAsync();
        Assert.Equal((90, 50 / 90.0), (a.Read().Availability.Weight, a.Read().Availability.Value));
    }

    [Fact]
    public async Task A_node_that_is_gone_fades_and_is_forgotten()
    {
        var (a, gone) = (new Node(this, "a"), new Node(this, "gone"));
        a.Answer(10);
        gone.Fail(100);
        await gone.TickAsync();
        await a.TickAsync();
        Assert.Equal(110, a.Read().Availability.Weight, 3);

        _time.Advance(TimeSpan.FromDays(2));
        a.Answer(10);
        await a.TickAsync();
        Assert.InRange(a.Read().Availability.Value, 0.95, 1);

        _time.Advance(TimeSpan.FromDays(30));
        a.Answer(1);
        await a.TickAsync();
        Assert.All(_store.Rows, row => Assert.Equal("a", row.Node));
    }

    [Fact]
    public async Task While_the_database_is_away_nothing_that_was_kept_is_written_over()
    {
        var before = new Node(this, "a");
        before.Answer(100);
        await before.TickAsync();

        var after = new Node(this, "a");
        after.Answer(1);
        _store.IsAway = true;
        Assert.NotNull(await after.Loop.TickAsync(TestContext.Current.CancellationToken));
        Assert.Equal(1, after.Read().Availability.Weight, 3);
        _store.IsAway = false;
        await after.TickAsync();

        Assert.Equal(101, after.Read().Availability.Weight, 3);
    }

    [Fact]
    public async Task A_warning_of_one_node_warns_all_until_it_is_over()
    {
        var (a, b) = (new Node(this, "a"), new Node(this, "b"));
        a.Answer(1);
        b.Answer(1);
        a.Card.Warn("429s rise.");
        await a.TickAsync();
        await b.TickAsync();
        Assert.True(b.Card.IsWarned);
        Assert.Equal("429s rise.", b.Read().Warning);

        a.Card.Warn(null);
        await a.TickAsync();
        await b.TickAsync();
        Assert.False(b.Card.IsWarned);
    }

    [Fact]
    public async Task Only_what_has_changed_is_written()
    {
        var node = new Node(this, "a");
        node.Answer(1);
        await node.TickAsync();
        var written = _store.Written;

        _time.Advance(TimeSpan.FromSeconds(30));
        await node.TickAsync();
        Assert.Equal(written, _store.Written);

        node.Answer(1);
        await node.TickAsync();
        Assert.Equal(written + 1, _store.Written);
    }

    [Fact]
    public async Task Models_that_clients_invent_do_not_pile_up_in_memory_nor_in_the_database_and_drive_out_nobody_who_has_much_to_tell()
    {
        var (node, neighbour) = (new Node(this, "a"), new Node(this, "b"));
        node.Answer(50);
        await node.TickAsync();
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < HealthBoard.KeptMax; i++)
                node.Board.For($"lab/invented-{round}-{i}").Card.RecordOutcome(isAnswered: true, _time.NowMs);
            _time.Advance(TimeSpan.FromSeconds(15));
            await node.TickAsync();
            await neighbour.TickAsync();
        }

        Assert.Equal(HealthBoard.KeptMax, node.Board.Cards().Count());
        Assert.InRange(_store.Rows.Count, 1, HealthBoard.KeptMax);
        Assert.InRange(neighbour.Board.Cards().Count(), 1, HealthBoard.KeptMax);
        Assert.InRange(node.Read().Availability.Weight, 49.5, 50);

        var restarted = new Node(this, "a");
        await restarted.TickAsync();
        Assert.InRange(restarted.Read().Availability.Weight, 49.5, 50);
        Assert.InRange(restarted.Board.Cards().Count(), 1, HealthBoard.KeptMax);
    }

    [Fact]
    public void Beyond_what_there_is_room_for_the_models_of_an_upstream_share_a_card()
    {
        var board = new HealthBoard();
        for (var i = 0; i < 3 * HealthBoard.KeptMax; i++)
            board.For($"lab/invented-{i}");

        Assert.InRange(board.Cards().Count(), HealthBoard.KeptMax, (2 * HealthBoard.KeptMax) + 1);
        Assert.Same(board.For("lab/one-more"), board.For("lab/and-another"));
        Assert.NotSame(board.For("lab/one-more"), board.For("other/one-more"));
    }

    [Fact]
    public void Who_is_not_heard_of_for_long_is_forgotten_and_who_is_out_or_suspicious_is_not()
    {
        var board = new HealthBoard();
        board.For("lab/old").Card.RecordOutcome(isAnswered: true, _time.NowMs);
        board.For("lab/down").TryGoDown();
        board.For("lab/bad").Card.Standing = AuditStanding.Quarantined;
        _time.Advance(KeptCard.KeepFor + TimeSpan.FromHours(1));
        board.For("lab/new").Card.RecordOutcome(isAnswered: true, _time.NowMs);

        Assert.Equal(["lab/old"], board.Trim(_time.NowMs).Select(subject => subject.Id));
        Assert.Equal(["lab/bad", "lab/down", "lab/new"], board.Cards().Select(one => one.Subject.Id).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"last_ms":[],"sums":{},"first_content":[],"currency":"","standing":"","warning":null}""")]
    [InlineData("""{"last_ms":["x",0,0],"sums":{},"first_content":[],"currency":"","standing":"","warning":null}""")]
    public void A_row_that_cannot_be_read_is_none(string content) => Assert.Null(KeptCardJson.Read(content, 1));

    [Fact]
    public void A_row_of_another_version_gives_what_is_known_of_it()
    {
        var card = KeptCardJson.Read("""{"last_ms":[5,6,7],"sums":{"answered":[3,4],"of_tomorrow":[1,2,3],"faults":[1]},"first_content":[null,[4,30,900,1]],"currency":"CNY","standing":"Unheard","warning":null}""", 9)!;

        Assert.Equal([3.0, 4.0], card.Sums[ScoreSlots.Answered].ToArray());
        Assert.Equal(1, card.Sums[ScoreSlots.Faults][0]);
        Assert.Equal(30, card.FirstContent[1]![4]);
        Assert.Equal(("CNY", 9, 6), (card.Currency, card.Sums.AsOfMs, card.Sums.LastMs(ScoreLeg.Quality)));
    }

    private sealed class Node(ScorecardLoopTests test, string name)
    {
        public HealthBoard Board { get; } = new();

        public Scorecard Card => Board.For(Offering).Card;

        public ScorecardLoop Loop => field ??= new ScorecardLoop(Board, test._store, new NodeIdentity(name, name + ".1"), new ScorecardSharing(IsShared: true), new EarlyWarning(Board, NoAlarms.Instance), test._time, NullLogger<ScorecardLoop>.Instance);

        public async Task TickAsync() => Assert.Null(await Loop.TickAsync(TestContext.Current.CancellationToken));

        public ScorecardSnapshot Read() => Card.Read(Offering, test._time.NowMs);

        public void Answer(int times) => Record(AttemptOutcomeKind.Answered, times);

        public void Fail(int times) => Record(AttemptOutcomeKind.Failed, times);

        private void Record(AttemptOutcomeKind outcome, int times)
        {
            for (var i = 0; i < times; i++)
            {
                Card.RecordOutcome(outcome == AttemptOutcomeKind.Answered, test._time.NowMs);
                Card.Record(new AttemptSample { Outcome = outcome, AtMs = test._time.NowMs, CostNano = 38, ListNano = 100, Currency = "USD", InputTokens = 10, OutputTokens = 10 });
                if (outcome == AttemptOutcomeKind.Answered)
                    Card.FirstContent.Record(isStream: true, 100, 400);
            }
        }
    }

    private sealed class MemoryStore : IScorecardStore
    {
        private readonly Dictionary<(string, string, string), ScorecardRow> _rows = [];

        public bool IsAway { get; set; }

        public int Written { get; private set; }

        public IReadOnlyCollection<ScorecardRow> Rows => _rows.Values;

        public ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<ScorecardRow> rows, CancellationToken cancellationToken)
        {
            if (IsAway)
                return new(new StoreFault(StoreFaultKind.Unavailable, "away"));
            foreach (var row in rows)
                _rows[(row.Node, row.Kind, row.Subject)] = row;
            Written += rows.Count;
            return new((StoreOutcome<int>)rows.Count);
        }

        public ValueTask<StoreOutcome<IReadOnlyList<ScorecardRow>>> LoadAsync(long sinceMs, CancellationToken cancellationToken) => IsAway
            ? new(new StoreFault(StoreFaultKind.Unavailable, "away"))
            : new(StoreOutcome.Of<IReadOnlyList<ScorecardRow>>([.. _rows.Values.Where(row => row.AsOfMs > sinceMs)]));

        public ValueTask<StoreOutcome<int>> DeleteAsync(string node, IReadOnlyList<ScoreSubject> subjects, CancellationToken cancellationToken)
        {
            foreach (var subject in subjects)
                _rows.Remove((node, subject.KindWord, subject.Id));
            return new((StoreOutcome<int>)subjects.Count);
        }

        public ValueTask<StoreOutcome<int>> ExpireAsync(long beforeMs, CancellationToken cancellationToken)
        {
            foreach (var old in _rows.Where(row => row.Value.AsOfMs <= beforeMs).Select(row => row.Key).ToList())
                _rows.Remove(old);
            return new((StoreOutcome<int>)0);
        }
    }
}
