namespace Trivet.Core.Replay;

/// <summary>What is kept in memory for a while: bounded by bytes and by count, the least used goes first, each entry with its own time to go. Thread-safe.</summary>
internal sealed class BoundedCache<TKey, TValue>(TimeProvider time)
    where TKey : notnull
    where TValue : class
{
    private const int EntriesMax = 200_000;
    private const int EntryBytes = 200; // a node, a dictionary slot, an entry

    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, LinkedListNode<Slot>> _slots = [];
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

    /// <summary>Keeps a value of about <paramref name="bytes"/>, in place of what the key led to.</summary>
    public void Set(TKey key, TValue value, int bytes, TimeSpan keep, long bytesMax)
    {
        var slot = new Slot(key, value, EntryBytes + bytes, time.GetUtcNow().ToUnixTimeMilliseconds() + (long)keep.TotalMilliseconds);
        lock (_gate)
        {
            if (_slots.Remove(key, out var old))
                Forget(old);
            _slots.Add(key, _byUse.AddLast(slot));
            _bytes += slot.Bytes;
            while ((_bytes > bytesMax || _slots.Count > EntriesMax) && _byUse.First is { } oldest)
            {
                _slots.Remove(oldest.Value.Key);
                Forget(oldest);
            }
        }
    }

    /// <summary>What a key leads to; null where it is not known.</summary>
    public TValue? Find(TKey key)
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
            return node.Value.Value;
        }
    }

    private void Forget(LinkedListNode<Slot> node)
    {
        _byUse.Remove(node);
        _bytes -= node.Value.Bytes;
    }

    private readonly record struct Slot(TKey Key, TValue Value, int Bytes, long ExpiresMs);
}
