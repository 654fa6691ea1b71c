using Trivet.Core.Failures;
using Trivet.Core.Ledger.Spool;

namespace Trivet.Tests.Ledger;

public sealed class SpoolWriterLoopTests : IDisposable
{
    private static readonly StoreFault Away = new(StoreFaultKind.Unavailable, "away");

    private readonly SpoolFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task What_the_database_did_not_take_stays_and_goes_in_order_later()
    {
        var spool = _fixture.Open(segmentBytes: 512);
        var loop = _fixture.Loop(spool);
        string[] texts = [.. Enumerable.Range(0, 100).Select(i => $"record {i}")];
        foreach (var text in texts)
            SpoolFixture.Append(spool, text);
        _fixture.Sink.Refuse = batch => batch.Contains("record 35") ? Away : null;

        Assert.Equal(Away, await loop.DrainAsync(Cancel));
        Assert.True(_fixture.Sink.Committed.Count <= 35);
        _fixture.Sink.Refuse = _ => null;
        Assert.Null(await loop.DrainAsync(Cancel));

        Assert.Equal(texts, _fixture.Sink.Committed);
    }

    [Fact]
    public async Task A_batch_that_was_committed_but_not_remembered_is_offered_again_after_a_crash()
    {
        var spool = _fixture.Open();
        SpoolFixture.Append(spool, "one");
        await _fixture.Loop(spool).DrainAsync(Cancel);
        var heir = _fixture.Open(_fixture.KillAndCopy());

        await _fixture.Loop(heir).DrainAsync(Cancel);

        Assert.Equal(["one", "one"], _fixture.Sink.Committed); // the database tells them to be one by their id
    }

    [Fact]
    public async Task A_record_refused_for_good_is_kept_aside_and_holds_up_no_other()
    {
        var spool = _fixture.Open();
        string[] texts = ["a", "poison", "b"];
        foreach (var text in texts)
            SpoolFixture.Append(spool, text);
        _fixture.Sink.Refuse = batch => batch.Contains("poison") ? new StoreFault(StoreFaultKind.Rejected, "no") : null;

        Assert.Null(await _fixture.Loop(spool).DrainAsync(Cancel));

        Assert.Equal(["a", "b"], _fixture.Sink.Committed);
        var kept = await File.ReadAllBytesAsync(Path.Combine(_fixture.DefaultDirectory, "rejected.frames"), Cancel);
        Assert.True(SpoolFrame.TryRead(kept, out var record, out _));
        Assert.Equal("poison"u8, record.Payload.Span);
        Assert.Equal([3111], _fixture.LoopLog.EventIds);
    }

    [Fact]
    public void Copies_of_torn_segments_are_kept_for_a_month_and_what_was_refused_for_ever()
    {
        using var spool = _fixture.Open();
        var (old, young, refused) = (InFolder("1.spool.damaged"), InFolder("2.spool.damaged"), InFolder("rejected.frames"));
        foreach (var file in (string[])[old, young, refused])
            File.WriteAllText(file, "torn");
        File.SetLastWriteTimeUtc(old, _fixture.Time.GetUtcNow().UtcDateTime - TimeSpan.FromDays(31));
        File.SetLastWriteTimeUtc(young, _fixture.Time.GetUtcNow().UtcDateTime - TimeSpan.FromDays(29));
        File.SetLastWriteTimeUtc(refused, _fixture.Time.GetUtcNow().UtcDateTime - TimeSpan.FromDays(900));

        _fixture.Loop(spool).DropOldCopies();

        Assert.Equal((false, true, true), (File.Exists(old), File.Exists(young), File.Exists(refused)));
        Assert.Equal([3114], _fixture.LoopLog.EventIds);

        string InFolder(string name) => Path.Combine(_fixture.DefaultDirectory, name);
    }

    [Fact]
    public async Task A_stop_drains_and_leaves_no_segment_behind()
    {
        var spool = _fixture.Open();
        using var stop = new CancellationTokenSource();
        var running = _fixture.Loop(spool).RunAsync(stop.Token);
        SpoolFixture.Append(spool, "last words");

        await stop.CancelAsync();
        await running;

        Assert.Equal(["last words"], _fixture.Sink.Committed);
        Assert.Empty(Directory.GetFiles(_fixture.DefaultDirectory, "*.spool"));
        Assert.Equal(SpoolState.Closed, spool.State);
    }

    [Fact]
    public async Task A_stop_while_the_database_is_away_leaves_the_records_for_the_next_start()
    {
        var spool = _fixture.Open();
        _fixture.Sink.Refuse = _ => Away;
        using var stop = new CancellationTokenSource();
        var running = _fixture.Loop(spool).RunAsync(stop.Token);
        SpoolFixture.Append(spool, "patient");

        await stop.CancelAsync();
        await running;
        _fixture.Sink.Refuse = _ => null;
        await _fixture.Loop(_fixture.Open()).DrainAsync(Cancel);

        Assert.Equal(["patient"], _fixture.Sink.Committed);
        Assert.Contains(3113, _fixture.LoopLog.EventIds);
    }

    [Fact(Timeout = 60_000)]
    public async Task A_database_that_hangs_does_not_keep_the_disk_from_being_looked_after()
    {
        var spool = _fixture.Open(segmentBytes: 512);
        _fixture.Sink.Hang = true;
        using var stop = new CancellationTokenSource();
        var running = _fixture.Loop(spool).RunAsync(stop.Token);
        var away = _fixture.DefaultDirectory + "-away";
        Directory.Move(_fixture.DefaultDirectory, away);
        for (var i = 0; i < 40; i++)
            SpoolFixture.Append(spool, $"record {i} {new string('x', 40)}");
        Assert.Equal(SpoolState.Refusing, spool.State);

        Directory.Move(away, _fixture.DefaultDirectory);
        while (spool.State != SpoolState.Open)
        {
            _fixture.Time.Advance(spool.Options.SyncInterval);
            await Task.Yield();
            Cancel.ThrowIfCancellationRequested();
        }

        Assert.Empty(_fixture.Sink.Committed);
        _fixture.Sink.Hang = false;
        await stop.CancelAsync();
        await running;
        Assert.Equal(40, _fixture.Sink.Committed.Count);
    }

    [Fact]
    public void A_record_after_the_end_is_reported_and_not_swallowed()
    {
        var spool = _fixture.Open();
        spool.Dispose();

        Assert.False(SpoolFixture.Append(spool, "too late"));
        Assert.Contains(3102, _fixture.SpoolLog.EventIds);
    }
}
