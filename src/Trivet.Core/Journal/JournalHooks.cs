using System.Collections.Concurrent;
using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Probing;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Journal;

/// <summary>Lets the journal know what happens in the relay and to the configuration. Nothing here waits.</summary>
public sealed class JournalHooks
{
    private const int KeysMax = 4_096;

    private static readonly TimeSpan Quiet = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, long> _spent = new(StringComparer.Ordinal);
    private readonly JournalRecorder _recorder;
    private readonly TimeProvider _time;
    private string? _hash;

    /// <summary>Listens from now on.</summary>
    public JournalHooks(JournalRecorder recorder, RecoveryLoop recovery, RelayPipeline relay, SnapshotHolder snapshots, TimeProvider time)
    {
        (_recorder, _time, _hash) = (recorder, time, snapshots.Current.Config.Source.Hash);
        recovery.Changed += (offering, isDown, figure) => _recorder.Record(isDown ? JournalEvents.OutageBegins(offering, (int)figure, NowMs) : JournalEvents.OutageEnds(offering, figure, NowMs));
        relay.BudgetSpent += BudgetSpent;
        snapshots.OnSwap(Swapped);
    }

    private long NowMs => _time.GetUtcNow().ToUnixTimeMilliseconds();

    // The catalogue's files are swapped in as well, under the same hash.
    private void Swapped(GatewaySnapshot snapshot)
    {
        var config = snapshot.Config;
        if (config.Source.Hash is not { } hash || Interlocked.Exchange(ref _hash, hash) == hash)
            return;
        _recorder.Record(JournalEvents.ConfigurationReloaded(hash, config.Upstreams.Count, config.Routes.Count, NowMs));
    }

    // Every request of such a key is refused: one entry says so.
    private void BudgetSpent(KeyEntry key, string which)
    {
        var now = NowMs;
        if (_spent.TryGetValue(key.Id, out var last) && now - last < (long)Quiet.TotalMilliseconds)
            return;
        if (_spent.Count >= KeysMax)
            _spent.Clear();
        _spent[key.Id] = now;
        _recorder.Record(JournalEvents.BudgetSpent(key.Organisation, key.Name, which, now));
    }
}
