using Trivet.Core.Ledger.Spool;

namespace Trivet.Tests.Ledger;

public sealed class FileSpoolTests : IDisposable
{
    private readonly SpoolFixture _fixture = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task A_record_survives_the_process_once_append_returned()
    {
        var killed = _fixture.Open();
        for (var i = 0; i < 25; i++)
            Assert.True(SpoolFixture.Append(killed, $"record {i}"));

        // Nothing is flushed, closed or disposed before this.
        var heir = _fixture.Open(_fixture.KillAndCopy());
        Assert.Null(await _fixture.Loop(heir).DrainAsync(Cancel));

        Assert.Equal(Enumerable.Range(0, 25).Select(i => $"record {i}"), _fixture.Sink.Committed);
        Assert.Equal([10, 10, 5], _fixture.Sink.BatchSizes);
    }

    [Fact]
    public async Task A_last_record_torn_at_any_byte_is_skipped_with_a_log_line_and_its_file_is_kept()
    {
        var spool = _fixture.Open();
        SpoolFixture.Append(spool, "first");
        var firstEndsAt = spool.Segments()[^1].LengthBytes;
        SpoolFixture.Append(spool, "second");
        var secondEndsAt = spool.Segments()[^1].LengthBytes;

        for (var cutAt = firstEndsAt + 1; cutAt < secondEndsAt; cutAt++)
        {
            var copy = _fixture.KillAndCopy();
            var torn = SpoolFixture.WrittenFile(copy);
            using (var file = new FileStream(torn, FileMode.Open))
                file.SetLength(cutAt);
            _fixture.Sink.Committed.Clear();
            _fixture.LoopLog.Lines.Clear();

            using var heir = _fixture.Open(copy);
            Assert.True(SpoolFixture.Append(heir, "third"));
            Assert.Null(await _fixture.Loop(heir).DrainAsync(Cancel));

            Assert.Equal(["first", "third"], _fixture.Sink.Committed);
            Assert.Equal([3112], _fixture.LoopLog.EventIds);
            Assert.True(File.Exists(torn + ".damaged"));
        }
    }

    [Fact]
    public async Task Space_that_was_allocated_and_never_written_is_the_end_and_not_damage()
    {
        var spool = _fixture.Open();
        SpoolFixture.Append(spool, "only");
        var copy = _fixture.KillAndCopy();
        foreach (var path in Directory.EnumerateFiles(copy))
        {
            using var file = new FileStream(path, FileMode.Open);
            file.SetLength(64 * 1024);
        }

        var heir = _fixture.Open(copy);
        Assert.Null(await _fixture.Loop(heir).DrainAsync(Cancel));

        Assert.Equal(["only"], _fixture.Sink.Committed);
        Assert.Empty(_fixture.LoopLog.Lines);
    }

    [Fact]
    public async Task A_segment_longer_than_the_readers_buffer_that_was_never_written_is_its_end()
    {
        var spool = _fixture.Open(segmentBytes: 3 * SpoolFrame.PayloadBytesMax);
        SpoolFixture.Append(spool, "only");
        var heir = _fixture.Open(_fixture.KillAndCopy());

        Assert.Null(await _fixture.Loop(heir).DrainAsync(Cancel));

        Assert.Equal(["only"], _fixture.Sink.Committed);
        Assert.Empty(_fixture.LoopLog.Lines);
    }

    [Fact]
    public async Task A_flipped_bit_is_never_read_as_a_record()
    {
        var spool = _fixture.Open();
        SpoolFixture.Append(spool, "first");
        var firstEndsAt = spool.Segments()[^1].LengthBytes;
        SpoolFixture.Append(spool, "second");

        for (var bit = 0; bit < (spool.Segments()[^1].LengthBytes - firstEndsAt) * 8; bit++)
        {
            var copy = _fixture.KillAndCopy();
            var path = SpoolFixture.WrittenFile(copy);
            var bytes = await File.ReadAllBytesAsync(path, Cancel);
            bytes[firstEndsAt + bit / 8] ^= (byte)(1 << (bit % 8));
            await File.WriteAllBytesAsync(path, bytes, Cancel);
            _fixture.Sink.Committed.Clear();

            using var heir = _fixture.Open(copy);
            Assert.Null(await _fixture.Loop(heir).DrainAsync(Cancel));

            Assert.Equal(["first"], _fixture.Sink.Committed);
        }
    }

    [Fact]
    public async Task Segments_rotate_keep_the_order_and_go_once_they_are_committed()
    {
        var spool = _fixture.Open(segmentBytes: 1024);
        string[] texts = [.. Enumerable.Range(0, 200).Select(i => $"record {i} {new string('x', 40)}")];
        foreach (var text in texts)
            Assert.True(SpoolFixture.Append(spool, text));
        Assert.True(spool.Segments().Length > 5);

        Assert.Null(await _fixture.Loop(spool).DrainAsync(Cancel));

        Assert.Equal(texts, _fixture.Sink.Committed);
        Assert.Single(spool.Segments());
        Assert.Equal(2, Directory.GetFiles(_fixture.DefaultDirectory, "*.spool").Length); // the live one and its spare
    }

    [Fact]
    public async Task Concurrent_appends_are_all_there_exactly_once()
    {
        var spool = _fixture.Open(segmentBytes: 4096);
        const int Writers = 8;
        const int PerWriter = 300;

        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(
            () =>
            {
                for (var i = 0; i < PerWriter; i++)
                    Assert.True(SpoolFixture.Append(spool, $"{writer}:{i}"));
            },
            Cancel)));
        Assert.Null(await _fixture.Loop(spool).DrainAsync(Cancel));

        Assert.Equal(Writers * PerWriter, _fixture.Sink.Committed.Distinct().Count());
        Assert.Equal(Writers * PerWriter, _fixture.Sink.Committed.Count);
        for (var writer = 0; writer < Writers; writer++)
        {
            var own = _fixture.Sink.Committed.Where(text => text.StartsWith($"{writer}:", StringComparison.Ordinal));
            Assert.Equal(Enumerable.Range(0, PerWriter).Select(i => $"{writer}:{i}"), own);
        }
    }

    [Fact]
    public async Task A_disk_that_takes_no_more_stops_admission_and_loses_no_record()
    {
        var spool = _fixture.Open(segmentBytes: 512);
        SpoolFixture.Append(spool, "before");

        // Without its directory the spool can make no segment, as on a full disk; segments that exist can still be written.
        var away = _fixture.DefaultDirectory + "-away";
        Directory.Move(_fixture.DefaultDirectory, away);
        List<string> running = [.. Enumerable.Range(0, 40).Select(i => $"running {i} {new string('x', 40)}")];
        var written = running.Count(text => SpoolFixture.Append(spool, text));
        Assert.Equal(SpoolState.Refusing, spool.State);
        Assert.InRange(written, 512 / 70, running.Count - 1); // the spare still took some; the rest is in memory

        Directory.Move(away, _fixture.DefaultDirectory);
        spool.Maintain();
        Assert.Equal(SpoolState.Open, spool.State);
        Assert.Null(await _fixture.Loop(spool).DrainAsync(Cancel));
        Assert.Equal(["before", .. running], _fixture.Sink.Committed);
        Assert.Equal([3100, 3101], _fixture.SpoolLog.EventIds);
    }

    [Fact]
    public async Task A_spool_at_its_limit_refuses_until_the_database_took_records()
    {
        var spool = _fixture.Open(segmentBytes: 1024, bytesMax: 4096);
        var count = 0;
        while (spool.State == SpoolState.Open && count < 10_000)
            Assert.True(SpoolFixture.Append(spool, $"record {count++}"));
        Assert.Equal(SpoolState.Refusing, spool.State);
        Assert.True(SpoolFixture.Append(spool, "a request that was admitted before"));

        Assert.Null(await _fixture.Loop(spool).DrainAsync(Cancel));
        spool.Maintain();

        Assert.Equal(SpoolState.Open, spool.State);
        Assert.Equal(count + 1, _fixture.Sink.Committed.Count);
    }

    [Fact]
    public void A_second_process_on_the_same_directory_is_refused()
    {
        using var first = _fixture.Open();

        Assert.Contains("another running process", Assert.Throws<IOException>(() => _fixture.Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Appending_allocates_nothing()
    {
        var spool = _fixture.Open(segmentBytes: 8 * 1024 * 1024);
        var payload = new byte[400];
        Append();

        var written = 0;
        Assert.Equal(0, Allocation.Least(() => written = Append()));
        Assert.Equal(500, written);

        int Append()
        {
            var count = 0;
            for (var i = 0; i < 500; i++)
                count += spool.Append(SpoolRecordKind.Attempt, payload) ? 1 : 0;
            return count;
        }
    }
}
