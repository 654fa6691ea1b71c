using System.Collections.Concurrent;
using System.Threading.Channels;

namespace Trivet.Core.Replay;

/// <summary>
/// The replay store: what answers held that must go back only to who gave them, found again by what the client sends. In memory first; written to the
/// database behind the requests' backs, read from it when a turn is not known here. Losing an entry costs a model its old thoughts, never a request.
/// </summary>
public sealed class ReplayMemory
{
    // A node writes a few thousand answers a minute at most; what does not fit waits for nobody.
    private const int QueuedMax = 1024;

    // The request waits for it: a database that is slower than this is not asked for thoughts.
    private static readonly TimeSpan LookupMax = TimeSpan.FromMilliseconds(150);

    // Another node's answer may be on its way to the database, and the client may come back for it only after a while.
    private static readonly TimeSpan KeepMisses = TimeSpan.FromMinutes(2);

    private const int DemandingMax = 1024;

    private readonly ConcurrentDictionary<string, bool> _demanding = new(StringComparer.Ordinal);
    private readonly BoundedCache<ReplayKey, ReplayEntry> _cache;
    private readonly IReplayStore _store;
    private readonly TimeProvider _time;

    /// <summary>One per process.</summary>
    public ReplayMemory(IReplayStore store, TimeProvider time)
    {
        (_store, _time) = (store, time);
        _cache = new BoundedCache<ReplayKey, ReplayEntry>(time);
    }

    /// <summary>What waits to be written.</summary>
    internal Channel<ReplayRecord> Queue { get; } = Channel.CreateBounded<ReplayRecord>(new BoundedChannelOptions(QueuedMax) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    /// <summary>Keeps an answer under its keys.</summary>
    internal void Remember(string organisation, ReplayTurn turn, IReadOnlyList<(ReplayKey Key, int CallOrdinal)> keys, ReplayConfig config)
    {
        foreach (var (key, ordinal) in keys)
            _cache.Set(key, new ReplayEntry(turn, ordinal, null), turn.Bytes / keys.Count, config.Keep, config.MemoryBytes);
        Queue.Writer.TryWrite(new ReplayRecord(organisation, turn, keys, default, ExpiresMs(config)));
    }

    /// <summary>An answer held nothing that goes back: the next request need not ask the database for it.</summary>
    internal void RememberNothing(IReadOnlyList<(ReplayKey Key, int CallOrdinal)> keys, ReplayConfig config)
    {
        foreach (var (key, _) in keys)
            _cache.Set(key, ReplayEntry.None, 0, KeepMisses, config.MemoryBytes);
    }

    /// <summary>Keeps who issued an opaque value.</summary>
    internal void RememberOrigin(string organisation, ReplayKey blob, OpaqueOrigin origin, ReplayConfig config)
    {
        if (_cache.Find(blob)?.Origin == origin)
            return;
        _cache.Set(blob, new ReplayEntry(null, -1, origin), 0, config.Keep, config.MemoryBytes);
        Queue.Writer.TryWrite(new ReplayRecord(organisation, null, [(blob, -1)], origin, ExpiresMs(config)));
    }

    /// <summary>Whether an offering has been heard to demand thoughts that its profile says nothing of.</summary>
    internal bool IsDemanding(string offering) => !_demanding.IsEmpty && _demanding.ContainsKey(offering);

    /// <summary>An offering demands thoughts on turns with calls.</summary>
    internal void NoteDemand(string offering)
    {
        if (_demanding.Count < DemandingMax)
            _demanding[offering] = true;
    }

    /// <summary>What a key leads to; null where this node does not know.</summary>
    internal ReplayEntry? Find(ReplayKey key) => _cache.Find(key);

    /// <summary>Asks the database for keys that this node does not know; what is not there either is known to be missing for a while.</summary>
    internal async ValueTask LoadAsync(string organisation, IReadOnlyList<ReplayKey> keys, ReplayConfig config, CancellationToken aborted)
    {
        using var patience = new CancellationTokenSource(LookupMax, _time);
        await using var leaving = aborted.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), patience);
        try
        {
            var names = new Dictionary<string, ReplayKey>(keys.Count, StringComparer.Ordinal);
            foreach (var key in keys)
                names[key.ToString()] = key;
            var found = await _store.FindAsync(organisation, [.. names.Keys], _time.GetUtcNow().ToUnixTimeMilliseconds(), patience.Token);
            if (!found.IsSuccess)
                return;
            var turns = new Dictionary<string, ReplayTurn?>(StringComparer.Ordinal);
            foreach (var row in found.Value)
            {
                if (!names.Remove(row.Key, out var key))
                    continue;
                var entry = EntryOf(row, turns);
                _cache.Set(key, entry, entry.Turn?.Bytes ?? 0, config.Keep, config.MemoryBytes);
            }

            foreach (var missing in names.Values)
                _cache.Set(missing, ReplayEntry.None, 0, KeepMisses, config.MemoryBytes);
        }
        catch (OperationCanceledException)
        {
            // The request goes on without.
        }
    }

    private static ReplayEntry EntryOf(ReplayFound row, Dictionary<string, ReplayTurn?> turns)
    {
        if (row.Payload is null)
            return OpaqueOrigin.TryParse(row.Origin, out var origin) ? new ReplayEntry(null, -1, origin) : ReplayEntry.None;
        if (!turns.TryGetValue(row.Payload, out var turn))
        {
            turn = ReplayTurn.TryParse(row.Payload, out var parsed) ? parsed : null;
            turns.Add(row.Payload, turn);
        }

        return turn is null ? ReplayEntry.None : new ReplayEntry(turn, (int)row.CallOrdinal, null);
    }

    private long ExpiresMs(ReplayConfig config) => (_time.GetUtcNow() + config.Keep).ToUnixTimeMilliseconds();
}

/// <summary>One answer, or one opaque value's origin, on its way to the database.</summary>
internal sealed record ReplayRecord(string Organisation, ReplayTurn? Turn, IReadOnlyList<(ReplayKey Key, int CallOrdinal)> Keys, OpaqueOrigin Origin, long ExpiresMs);
