using Trivet.Core.Admin.Routes;
using Trivet.Core.Journal;
using Trivet.Core.Snapshots;
using Trivet.Core.Snapshots.ConsoleMade;
using Trivet.Core.Upstreams;
using Trivet.Tests.Snapshots;

namespace Trivet.Tests.Admin;

/// <summary>Upstreams of the console: who changed what is written down, and never what nobody may read.</summary>
public sealed class ConsoleUpstreamAdminTests : IDisposable
{
    private const string Definition = "vendor: custom\nendpoints: { openai-chat: 'http://user:sk-in-address@127.0.0.1:9/v1' }\nheaders:\n  x-team: sk-in-header\nmodels: [one]";

    private readonly string _folder = Directory.CreateTempSubdirectory("trivet-console-").FullName;
    private readonly ManualTime _time = new();
    private readonly JournalRecorder _journal = new();
    private readonly SecretBox _box;
    private readonly ConsoleUpstreams _upstreams;
    private readonly ConsoleUpstreamAdmin _admin;

    public ConsoleUpstreamAdminTests()
    {
        _box = SecretBox.Open(_folder);
        _upstreams = new ConsoleUpstreams(new ConsoleUpstreamsTests.Kept(), _box, _time);
        _admin = new ConsoleUpstreamAdmin(_upstreams, new SnapshotHolder(GatewaySnapshot.Compile(new GatewayConfig())), _journal, _time);
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _box.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task The_journal_says_who_set_which_parts_of_an_upstream()
    {
        var made = new ConsoleUpstream { Name = "extra", Definition = Definition, SetBy = "ann", SealedKeys = _upstreams.Seal("extra", ["sk-one", "sk-two"]) };
        await SaveAsync(made);
        await SaveAsync(made with { Definition = Definition.Replace("[one]", "[one, two]", StringComparison.Ordinal) + "\nregion: eu", SetBy = "bob" });
        await SaveAsync(_admin.Find("extra")! with { SealedKeys = _upstreams.Seal("extra", ["sk-three"]), SetBy = "bob" });
        await SaveAsync(_admin.Find("extra")! with { IsDisabled = true, SetBy = "cid" });
        await SaveAsync(_admin.Find("extra")! with { IsDisabled = false, SetBy = "cid" });
        await SaveAsync(_admin.Find("extra")! with { Definition = "{ vendor: custom, models: [sk-odd] }", SetBy = "dan" });
        await _admin.DeleteAsync("extra", "eve", Cancel);
        await _admin.DeleteAsync("extra", "eve", Cancel); // there is none any more: nothing was done

        Assert.Equal(
            [
                ("ann", "The upstream extra was made in the console", "Set: endpoints, headers, models, vendor, 2 keys."),
                ("bob", "The upstream extra was changed in the console", "Set: models, region."),
                ("bob", "The upstream extra was changed in the console", "Set: one key."),
                ("cid", "The upstream extra was switched off in the console", ""),
                ("cid", "The upstream extra was switched on in the console", ""),
                ("dan", "The upstream extra was changed in the console", "Set: endpoints, headers, models, region, vendor."),
                ("eve", "The upstream extra was removed in the console", ""),
            ],
            Written().Select(entry => (entry.Author, entry.Title, entry.Text)));
    }

    [Fact]
    public async Task Nothing_that_a_definition_holds_is_in_the_journal_however_it_is_written()
    {
        await SaveAsync(new ConsoleUpstream { Name = "extra", Definition = Definition, SetBy = "ann", SealedKeys = _upstreams.Seal("extra", ["sk-one"]) });
        await SaveAsync(_admin.Find("extra")! with { Definition = "sk-as-key: 1\n\"keys\": [sk-typed]\nvendor: custom # sk-said" });
        await SaveAsync(_admin.Find("extra")! with { Definition = "{ keys: [sk-flow] }" });

        var written = Written();
        Assert.Equal(3, written.Count);
        Assert.All(written, entry =>
        {
            Assert.Equal((JournalKinds.UpstreamChanged, "extra"), (entry.Kind, entry.Subject));
            Assert.DoesNotContain("sk-", entry.Title + entry.Text + string.Join(' ', entry.Tags) + string.Join(' ', entry.Evidence.Values), StringComparison.Ordinal);
        });
    }

    private List<JournalEntry> Written()
    {
        var written = new List<JournalEntry>();
        while (_journal.Queue.Reader.TryRead(out var recorded))
            written.Add(recorded.Entry);
        return written;
    }

    private async Task SaveAsync(ConsoleUpstream upstream)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.True((await _admin.SaveAsync(upstream, Cancel)).IsSuccess);
    }
}
