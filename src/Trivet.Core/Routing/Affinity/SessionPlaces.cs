namespace Trivet.Core.Routing.Affinity;

/// <summary>
/// Where conversations were answered last, for as long as their caches may be warm. Two generations of a bounded number of entries: an old conversation is forgotten by never being asked for. Safe for concurrent use.
/// </summary>
internal sealed class SessionPlaces
{
    private const int EntriesMax = 1 << 16;
    private const long LifetimeMs = 10 * 60_000;

    private readonly Lock _gate = new();
    private Dictionary<ulong, Entry> _young = [];
    private Dictionary<ulong, Entry> _old = [];
    private long _youngSinceMs;

    /// <summary>The offering's id; null where nothing is known, or not lately.</summary>
    public string? Find(ulong session, long nowMs)
    {
        if (session == 0)
            return null;
        lock (_gate)
            return (_young.TryGetValue(session, out var entry) || _old.TryGetValue(session, out entry)) && nowMs - entry.AtMs <= LifetimeMs ? entry.OfferingId : null;
    }

    /// <summary>A conversation was answered there.</summary>
    public void Note(ulong session, string offeringId, long nowMs)
    {
        if (session == 0)
            return;
        lock (_gate)
        {
            if (_young.Count >= EntriesMax || nowMs - _youngSinceMs >= LifetimeMs)
            {
                (_old, _young) = (_young, _old);
                _young.Clear();
                _youngSinceMs = nowMs;
            }

            _young[session] = new Entry(offeringId, nowMs);
        }
    }

    /// <summary>It failed there, or was slow: the next request goes where it is best.</summary>
    public void Forget(ulong session, string offeringId)
    {
        if (session == 0)
            return;
        lock (_gate)
        {
            if (_young.TryGetValue(session, out var entry) && entry.OfferingId == offeringId)
                _young.Remove(session);
            if (_old.TryGetValue(session, out entry) && entry.OfferingId == offeringId)
                _old.Remove(session);
        }
    }

    private readonly record struct Entry(string OfferingId, long AtMs);
}
