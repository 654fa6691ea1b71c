using Trivet.Core.Failures;
using Trivet.Core.Journal;

namespace Trivet.FunctionalTests.Storage;

public sealed class JournalStoreTests(PostgresCluster cluster)
{
    private const long Noon = 1_800_000_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task One_event_is_written_once_however_many_nodes_notice_it(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var (one, other) = ((await test.OpenAsync()).Journal, (await test.OpenAsync()).Journal);
        Assert.Single((await one.SaveAsync([JournalEvents.OutageBegins("relay/m", 5, Noon)], Cancel)).Value);

        // Within the time in which outages are one, on either side of the boundary between two ids.
        var merge = (long)JournalEvents.OutageMerge.TotalMilliseconds;
        foreach (var later in (long[])[0, 40_000, merge - 1, -merge + 1])
            Assert.Empty((await other.SaveAsync([JournalEvents.OutageBegins("relay/m", 5, Noon + later)], Cancel)).Value);
        Assert.Single((await other.SaveAsync([JournalEvents.OutageEnds("relay/m", 40, Noon + 40_000)], Cancel)).Value);
        Assert.Single((await other.SaveAsync([JournalEvents.OutageBegins("relay/m", 5, Noon + 2 * merge)], Cancel)).Value);
        Assert.Equal(3, (await one.QueryAsync(new JournalQuery(), Cancel)).Value.Entries.Count);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Pages_hold_every_entry_once_also_those_of_one_time(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Journal;
        var notes = Enumerable.Range(0, 25).Select(i => JournalEntry.Note("ann", $"n{i}", "", ["all", i % 2 == 0 ? "even" : "odd"], "", Noon + i / 10)).ToList();
        Assert.Equal(25, (await store.SaveAsync(notes, Cancel)).Value.Count);
        foreach (var (tag, expected) in ((string?, int)[])[(null, 25), ("even", 13), ("none", 0)])
        {
            var (seen, after) = (new List<JournalEntry>(), (JournalPlace?)null);
            do
            {
                var page = (await store.QueryAsync(new JournalQuery { Tag = tag, Limit = 4, After = after }, Cancel)).Value;
                seen.AddRange(page.Entries);
                after = page.Next;
            }
            while (after is not null);

            Assert.Equal(expected, seen.Select(entry => entry.Id).Distinct().Count());
            Assert.Equal(expected, seen.Count);
            Assert.Equal(seen.OrderByDescending(entry => entry.AtMs).Select(entry => entry.AtMs), seen.Select(entry => entry.AtMs));
        }

        Assert.Equal([new JournalTag("all", 25, Noon + 2), new JournalTag("even", 13, Noon + 2), new JournalTag("odd", 12, Noon + 2)], (await store.TagsAsync(Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Entries_are_found_by_time_kind_subject_and_text(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Journal;
        var alarm = new Alarm("audit", "relay/m", "100% of it_is bad\\. Yes.", Noon + 5, new Dictionary<string, string> { ["e"] = "7" });
        await store.SaveAsync([JournalEvents.OutageBegins("relay/m", 5, Noon), JournalEvents.OutageBegins("relay2/m", 5, Noon + 1), JournalEntry.Of(alarm), JournalEntry.Note("ann", "Größe \0\uD800", "x", [], "relay", Noon + 9)], Cancel);

        Assert.Equal(3, await CountAsync(new JournalQuery { Subject = "relay" }));
        Assert.Equal(2, await CountAsync(new JournalQuery { Subject = "relay/m" }));
        Assert.Equal(3, await CountAsync(new JournalQuery { Kinds = [JournalKinds.OutageBegins, JournalKinds.Alarm] }));
        Assert.Equal(1, await CountAsync(new JournalQuery { FromMs = Noon + 1, ToMs = Noon + 5 }));
        Assert.Equal(1, await CountAsync(new JournalQuery { Text = "100% of IT_is bad\\" }));
        Assert.Equal(0, await CountAsync(new JournalQuery { Text = "100_ of" }));
        var found = (await store.FindAsync(JournalEntry.Of(alarm).Id, Cancel)).Value;
        Assert.Equal(("7", "audit"), (found.Evidence["e"], found.Tags[1]));
        Assert.Equal(StoreFaultKind.NotFound, (await store.FindAsync("nothing", Cancel)).Fault!.Kind);

        async Task<int> CountAsync(JournalQuery query) => (await store.QueryAsync(query, Cancel)).Value.Entries.Count;
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Notes_may_be_taken_away_and_what_Trivet_wrote_stays(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Journal;
        var (note, own) = (JournalEntry.Note("ann", "a", "b", ["t"], "", Noon), JournalEvents.OutageBegins("relay/m", 5, Noon));
        await store.SaveAsync([note, own], Cancel);
        Assert.True((await store.DeleteNoteAsync(note.Id, Cancel)).Value);
        Assert.Equal(StoreFaultKind.NotFound, (await store.DeleteNoteAsync(own.Id, Cancel)).Fault!.Kind);
        Assert.DoesNotContain("t", (await store.TagsAsync(Cancel)).Value.Select(tag => tag.Tag));

        Assert.Null((await store.ReadMarkAsync("m", Cancel)).Value);
        await store.SetMarkAsync("m", "1", Cancel);
        await store.SetMarkAsync("m", "2", Cancel);
        Assert.Equal("2", (await store.ReadMarkAsync("m", Cancel)).Value);
    }
}
