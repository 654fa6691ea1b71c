namespace Trivet.Core.Replay;

/// <summary>What a key leads to. Several keys lead to one turn.</summary>
/// <param name="Turn">The answer; null for an opaque value, of which only the origin is kept, and for what is known not to be there.</param>
/// <param name="CallOrdinal">Which call of the answer the key stands for, from 0; −1 where it stands for the whole.</param>
/// <param name="Origin">Who issued the opaque value; null for a turn.</param>
internal sealed record ReplayEntry(ReplayTurn? Turn, int CallOrdinal, OpaqueOrigin? Origin)
{
    /// <summary>Asked for and not there.</summary>
    public static ReplayEntry None { get; } = new(null, -1, null);
}

/// <summary>The part of the replay store that is in memory: bounded by bytes and by count, oldest use first, each entry with its time to go. Thread-safe.</summary>
internal sealed class ReplayCache(TimeProvider time)
{
    private const int EntriesMax = 200_000;
    private const int EntryBytes = 200; // a node, a dictionary slot, an entry

    private readonly Lock _gate = new();
    private readonly Dictionary<ReplayKey, LinkedListNode<Slot>> _slots = [];
    private readonly LinkedList<Slot> _byUse = [];
    private long _bytes;

    /// <summary>How much it holds.</summary>
    public long Bytes
    {
        get
        {
            lock (_gate)
                return _bytes;
        }
    }

    /// <summary>How many entries it holds.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _slots.Count;
        }
    }

    /// <summary>Keeps an entry, in place of what the key led to. <paramref name="share"/>: how many keys lead to its turn.</summary>
    public void Set(ReplayKey key, ReplayEntry entry, int share, TimeSpan keep, long bytesMax)
    {
        var bytes = EntryBytes + (entry.Turn is null ? 0 : entry.Turn.Bytes / Math.Max(1, share));
        var slot = new Slot(key, entry, bytes, time.GetUtcNow().ToUnixTimeMilliseconds() + (long)keep.TotalMilliseconds);
        lock (_gate)
        {
            if (_slots.Remove(key, out var old))
                Forget(old);
            _slots.Add(key, _byUse.AddLast(slot));
            _bytes += bytes;
            while ((_bytes > bytesMax || _slots.Count > EntriesMax) && _byUse.First is { } oldest)
            {
                _slots.Remove(oldest.Value.Key);
                Forget(oldest);
            }
        }
    }

    /// <summary>What a key leads to; null where it is not known.</summary>
    public ReplayEntry? Find(ReplayKey key)
    {
        var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
        lock (_gate)
        {
            if (!_slots.TryGetValue(key, out var node))
                return null;
            if (node.Value.ExpiresMs <= nowMs)
            {
                _slots.Remove(key);
                Forget(node);
                return null;
            }

            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Entry;
        }
    }

    private void Forget(LinkedListNode<Slot> node)
    {
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Slot(ReplayKey Key, ReplayEntry Entry, int Bytes, long ExpiresMs);
}
