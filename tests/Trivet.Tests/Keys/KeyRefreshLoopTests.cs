using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Tests.Journal;

namespace Trivet.Tests.Keys;

public sealed class KeyRefreshLoopTests
{
    /// <summary>Ends a test whose wait never succeeds; no assertion depends on it.</summary>
    private const int HangsAfterMs = 60_000;

    private readonly FakeKeyStore _store = new();
    private readonly ManualTime _time = new();
    private readonly KeySnapshotHolder _holder = new();
    private readonly RecordingLogger<KeyRefreshLoop> _log = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact(Timeout = HangsAfterMs)]
    public async Task A_key_made_elsewhere_counts_as_soon_as_the_store_says_that_something_changed()
    {
        var created = (await new KeyAdmin(_store, new MemoryJournal(), _time).CreateAsync(new KeyRequest { Name = "elsewhere" }, Cancel)).Value;
        using var stop = new CancellationTokenSource();
        var running = Loop().RunAsync(stop.Token);
        Assert.Equal(KeyVerdict.Unknown, _holder.Current.Authenticate(created.Secret, _time.NowMs, out _));

        _store.Announce();
        await UntilAsync(() => _holder.Current.Version == 1);

        Assert.Equal(KeyVerdict.Accepted, _holder.Current.Authenticate(created.Secret, _time.NowMs, out _));
        await stop.CancelAsync();
        await running;
    }

    [Fact]
    public async Task A_revocation_reaches_the_snapshot()
    {
        var admin = new KeyAdmin(_store, new MemoryJournal(), _time);
        var created = (await admin.CreateAsync(new KeyRequest { Name = "lost laptop" }, Cancel)).Value;
        var loop = Loop();
        Assert.Null(await loop.RefreshAsync(Cancel));
        await admin.RevokeAsync("lost laptop", KeyRecord.DefaultOrganisation, "ada", Cancel);

        Assert.Null(await loop.RefreshAsync(Cancel));

        Assert.Equal(KeyVerdict.Revoked, _holder.Current.Authenticate(created.Secret, _time.NowMs, out _));
    }

    [Fact(Timeout = HangsAfterMs)]
    public async Task While_the_database_is_away_the_known_keys_stay_and_it_is_logged_once()
    {
        var created = (await new KeyAdmin(_store, new MemoryJournal(), _time).CreateAsync(new KeyRequest { Name = "mine" }, Cancel)).Value;
        var loop = Loop();
        await loop.RefreshAsync(Cancel);
        using var stop = new CancellationTokenSource();
        var running = loop.RunAsync(stop.Token);

        _store.Fault = new StoreFault(StoreFaultKind.Unavailable, "away");
        _store.Announce();
        await UntilAsync(() => _log.EventIds.Contains(3201));
        _store.Announce();
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(KeyVerdict.Accepted, _holder.Current.Authenticate(created.Secret, _time.NowMs, out _));

        _store.Fault = null;
        await _store.InsertAsync(KeyTestData.Record("dummy-made-meanwhile"), Cancel);
        _store.Announce();
        await UntilAsync(
            () =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                return _holder.Current.Version == 2;
            });

        Assert.Single(_log.EventIds, 3201);
        await stop.CancelAsync();
        await running;
    }

    private KeyRefreshLoop Loop() => new(_store, _holder, _time, _log);

    /// <summary>Waits for another thread, however long that takes.</summary>
    private static async Task UntilAsync(Func<bool> condition)
    {
        while (!condition())
        {
            Cancel.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
