using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Audits;
using Trivet.Core.Failures;
using Trivet.Core.Journal;
using Trivet.Core.Upstreams;

namespace Trivet.Tests.Journal;

public sealed class JournalTests
{
    private const long Noon = 1_800_000_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Nodes_that_notice_one_outage_write_one_entry()
    {
        var one = JournalEvents.OutageBegins("relay/gpt-x", 5, Noon);
        var other = JournalEvents.OutageBegins("relay/gpt-x", 6, Noon + 30_000);
        Assert.Equal(one.Id, other.Id);
        Assert.NotEqual(one.Id, JournalEvents.OutageBegins("relay/gpt-y", 5, Noon).Id);
        Assert.NotEqual(one.Id, JournalEvents.OutageBegins("relay/gpt-x", 5, Noon + 86_400_000).Id);
        Assert.Equal(["outage-begins", "relay"], one.Tags);
    }

    [Fact]
    public void Tags_are_kept_alike_however_they_were_typed() =>
        Assert.Equal(["big-bill", "relay", "小红书"], JournalEntry.TagsOf(["#Relay", " big  bill ", "relay", "小红书", "", " , "]));

    [Fact]
    public void A_note_without_a_title_takes_its_first_line()
    {
        var note = JournalEntry.Note("ann", "", "\n# Moved to the new account\nBecause the old one was full.", ["accounts"], "relay", Noon);
        Assert.Equal(("Moved to the new account", JournalKinds.Note, "ann"), (note.Title, note.Kind, note.Author));
        Assert.NotEqual(note.Id, JournalEntry.Note("ann", "", note.Text, ["accounts"], "relay", Noon).Id);
    }

    [Fact]
    public void A_place_in_the_journal_survives_being_text()
    {
        Assert.True(JournalPlace.TryParse(new JournalPlace(Noon, "a-b").ToString(), out var place));
        Assert.Equal(new JournalPlace(Noon, "a-b"), place);
        foreach (var wrong in (string?[])[null, "", "-", "x-1", "12", "12-"])
            Assert.False(JournalPlace.TryParse(wrong, out _));
    }

    [Fact]
    public void The_feed_is_well_formed_whatever_people_write()
    {
        var hostile = JournalEntry.Note("<b>ann</b>", "]]> & <script>", "\0\uD800 half a pair, \uFFFF and a bell \a", ["x<y"], "", Noon);
        var feed = JournalFeed.Write([hostile, JournalEvents.OutageBegins("relay/m", 5, Noon - 1)], "Trivet", new Uri("https://gate.example/journal.atom?x=1"), Noon);
        var root = XDocument.Parse(feed).Root!;
        XNamespace atom = "http://www.w3.org/2005/Atom";
        Assert.Equal(2, root.Elements(atom + "entry").Count());
        Assert.Equal("]]> & <script>", root.Element(atom + "entry")!.Element(atom + "title")!.Value);
        Assert.Equal("2027-01-15T08:00:00.000Z", root.Element(atom + "updated")!.Value);
        Assert.All(root.Elements(atom + "entry"), entry => Assert.StartsWith("urn:trivet:journal:", entry.Element(atom + "id")!.Value, StringComparison.Ordinal));
    }

    [Fact]
    public void Exports_hold_the_text_and_the_figures()
    {
        var entry = JournalEntry.Of(new Alarm("audit", "relay/m", "It serves another model. Look.", Noon, new Dictionary<string, string> { ["e-value"] = "1200" }));
        using var json = JsonDocument.Parse(JournalExport.Json([entry]));
        Assert.Equal("1200", json.RootElement[0].GetProperty("evidence").GetProperty("e-value").GetString());
        Assert.Equal("It serves another model.", json.RootElement[0].GetProperty("title").GetString());
        var markdown = JournalExport.Markdown([entry]);
        Assert.Contains("## 2027-01-15\n", markdown, StringComparison.Ordinal);
        Assert.Contains("- e-value: 1200", markdown, StringComparison.Ordinal);
        Assert.Contains("#alarm #audit #relay", markdown, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_export_that_is_sent_page_by_page_is_the_same_and_one_that_breaks_off_is_not_taken_for_whole()
    {
        JournalEntry[] entries = [.. Enumerable.Range(0, 7).Select(i => JournalEntry.Note("ann", $"Note {i}", "Text.", ["x"], "", Noon - (i * 7 * 3_600_000)))];
        using var json = new MemoryStream();
        using var markdown = new MemoryStream();

        Assert.Null(await JournalExport.WriteJsonAsync(json, PagesAsync(), Cancel));
        Assert.Null(await JournalExport.WriteMarkdownAsync(markdown, PagesAsync(), Cancel));

        Assert.Equal(JournalExport.Json(entries), Encoding.UTF8.GetString(json.ToArray()));
        Assert.Equal(JournalExport.Markdown(entries), Encoding.UTF8.GetString(markdown.ToArray()));
        var away = new StoreFault(StoreFaultKind.Unavailable, "no disk");
        using var half = new MemoryStream();
        Assert.Equal(away, await JournalExport.WriteJsonAsync(half, PagesAsync(away), Cancel));
        Assert.ThrowsAny<JsonException>(() => JsonDocument.Parse(Encoding.UTF8.GetString(half.ToArray())).Dispose());
        Assert.Equal(away, await JournalExport.WriteMarkdownAsync(half, PagesAsync(away), Cancel));

        async IAsyncEnumerable<StoreOutcome<IReadOnlyList<JournalEntry>>> PagesAsync(StoreFault? fault = null)
        {
            foreach (var page in entries.Chunk(3))
            {
                await Task.Yield();
                yield return StoreOutcome.Of<IReadOnlyList<JournalEntry>>(page);
                if (fault is not null)
                {
                    yield return fault;
                    yield break;
                }
            }
        }
    }

    [Fact]
    public async Task An_alarm_is_sent_by_the_node_whose_entry_was_new_alone()
    {
        var (store, alarm) = (new MemoryJournal(), new Alarm("risk-control", "relay", "Refusals rise.", Noon, new Dictionary<string, string>()));
        var (first, second) = (new Node(store), new Node(store));
        foreach (var node in (Node[])[first, second])
        {
            node.Recorder.Raise(alarm);
            Assert.Null(await node.Loop.WriteAsync(Cancel));
        }

        Assert.Equal([JournalEntry.Of(alarm).Id], first.Sent);
        Assert.Empty(second.Sent);
        Assert.Single(store.Entries);
    }

    [Fact]
    public async Task While_the_database_is_away_alarms_are_sent_once_and_entries_wait()
    {
        var node = new Node(new MemoryJournal { IsAway = true });
        node.Recorder.Raise(new Alarm("risk-control", "relay", "Refusals rise.", Noon, new Dictionary<string, string>()));
        node.Recorder.Record(JournalEvents.OutageBegins("relay/m", 5, Noon));
        Assert.NotNull(await node.Loop.WriteAsync(Cancel));
        Assert.NotNull(await node.Loop.WriteAsync(Cancel));
        Assert.Single(node.Sent);
        node.Store.IsAway = false;
        Assert.Null(await node.Loop.WriteAsync(Cancel));
        Assert.Equal(2, node.Store.Entries.Count);
        Assert.Single(node.Sent);
    }

    [Fact]
    public void A_full_queue_drops_and_counts_and_never_waits()
    {
        var recorder = new JournalRecorder();
        for (var i = 0; i < 5_000; i++)
            recorder.Record(JournalEvents.OutageBegins($"relay/{i}", 5, Noon));
        Assert.InRange(recorder.Dropped, 1, 4_999);
        Assert.Equal(5_000, recorder.Dropped + recorder.Queue.Reader.Count);
    }

    [Fact]
    public async Task What_is_new_in_the_catalogue_is_told_once_and_the_first_look_tells_nothing()
    {
        var node = new Node(new MemoryJournal());
        var changes = new CatalogueChanges(node.Store, node.Recorder, new ManualTime());
        await changes.LookAsync(Core.Catalogue.ModelCatalogue.Shipped, Cancel);
        await changes.LookAsync(Core.Catalogue.ModelCatalogue.Shipped, Cancel);
        await node.Loop.WriteAsync(Cancel);
        Assert.Empty(node.Store.Entries);

        var now = changes.Summary(Core.Catalogue.ModelCatalogue.Shipped);
        var before = new Dictionary<string, string>(now);
        var (moved, added) = (now.First(pair => pair.Value.Length > 0).Key, now.Last().Key);
        before[moved] = "USD input 1, output 2";
        before.Remove(added);
        var entries = CatalogueChanges.Compare(before, now, Noon).ToList();
        Assert.Equal([(JournalKinds.NewModel, added), (JournalKinds.PriceChange, moved)], entries.Select(entry => (entry.Kind, entry.Subject)));
        Assert.Contains("Before: USD input 1, output 2", entries[1].Text, StringComparison.Ordinal);
        Assert.Equal(entries.Select(entry => entry.Id), CatalogueChanges.Compare(before, now, Noon + 60_000).Select(entry => entry.Id));
    }

    [Fact]
    public void A_receiver_can_check_the_signature_with_the_secret_alone()
    {
        var body = AlarmWebhook.Body("id", new Alarm("audit", "relay", "Text", Noon, new Dictionary<string, string> { ["e"] = "7" }));
        var header = AlarmWebhook.Sign(new Secret("s3cret"), 1_800_000_000, body);
        var expected = HMACSHA256.HashData("s3cret"u8, [.. "1800000000."u8, .. body]);
        Assert.Equal($"t=1800000000,v1={Convert.ToHexStringLower(expected)}", header);
        Assert.Equal("""{"id":"id","kind":"audit","subject":"relay","text":"Text","at_ms":1800000000000,"evidence":{"e":"7"}}""", Encoding.UTF8.GetString(body));
    }

    private sealed class Node : IAlarmSender
    {
        public Node(MemoryJournal store)
        {
            Store = store;
            Loop = new JournalWriterLoop(Recorder, store, this, new ManualTime(), NullLogger<JournalWriterLoop>.Instance);
        }

        public MemoryJournal Store { get; }

        public JournalRecorder Recorder { get; } = new();

        public JournalWriterLoop Loop { get; }

        public List<string> Sent { get; } = [];

        public void Send(string id, Alarm alarm) => Sent.Add(id);
    }
}
