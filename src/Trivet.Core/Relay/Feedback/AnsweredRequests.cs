using Trivet.Core.Routing.Policies;

namespace Trivet.Core.Relay.Feedback;

/// <summary>
/// The last requests that this node answered, by their id and by their conversation. Every answered request writes here, so nothing is locked and no counter is shared: two tables of small sets, in which the newest takes the
/// place of the oldest of its set. Two that write to one set at once may cost one of them its place, which nobody misses: what is not here is looked up in the books. Safe for concurrent use.
/// </summary>
internal sealed class AnsweredRequests
{
    private const int Ways = 8;
    private const int Sets = 4096;

    private readonly AnsweredRequest?[] _byId = new AnsweredRequest?[Sets * Ways];
    private readonly AnsweredRequest?[] _bySession = new AnsweredRequest?[Sets * Ways];

    /// <summary>Adds one.</summary>
    public void Add(AnsweredRequest request)
    {
        Volatile.Write(ref PlaceOf(_byId, Hash(request.Id), 0, request.AtMs), request);
        if (request.Session != 0)
            Volatile.Write(ref PlaceOf(_bySession, request.Session, request.Session, request.AtMs), request);
    }

    /// <summary>By its id; null where it is not known here, or no longer.</summary>
    public AnsweredRequest? Find(string id)
    {
        foreach (ref var place in SetOf(_byId, Hash(id)))
        {
            if (Volatile.Read(ref place) is { } request && string.Equals(request.Id, id, StringComparison.Ordinal))
                return request;
        }

        return null;
    }

    /// <summary>The last one of a conversation; null where none is known here.</summary>
    public AnsweredRequest? FindLast(ulong session)
    {
        if (session == 0)
            return null;
        foreach (ref var place in SetOf(_bySession, session))
        {
            if (Volatile.Read(ref place) is { } request && request.Session == session)
                return request;
        }

        return null;
    }

    // That of the same conversation, else an empty one, else the oldest.
    private static ref AnsweredRequest? PlaceOf(AnsweredRequest?[] table, ulong hash, ulong session, long nowMs)
    {
        var set = SetOf(table, hash);
        var (oldest, oldestMs) = (0, nowMs);
        for (var i = 0; i < set.Length; i++)
        {
            var held = Volatile.Read(ref set[i]);
            if (held is null || (session != 0 && held.Session == session))
                return ref set[i];
            if (held.AtMs < oldestMs)
                (oldest, oldestMs) = (i, held.AtMs);
        }

        return ref set[oldest];
    }

    private static Span<AnsweredRequest?> SetOf(AnsweredRequest?[] table, ulong hash) => table.AsSpan((int)((hash ^ (hash >> 32)) % Sets) * Ways, Ways);

    private static ulong Hash(string id) => (uint)string.GetHashCode(id, StringComparison.Ordinal);
}

/// <summary>A request that was answered.</summary>
/// <param name="Id">Its id.</param>
/// <param name="KeyId">Whose it is.</param>
/// <param name="Session">The same for all of its conversation; 0 where that is not known.</param>
/// <param name="Task">What it was taken for.</param>
/// <param name="Offering">Who answered.</param>
/// <param name="AtMs">When it began, Unix milliseconds.</param>
internal sealed record AnsweredRequest(string Id, string KeyId, ulong Session, RequestTask Task, string Offering, long AtMs)
{
    private int _wasJudged;

    /// <summary>True the first time.</summary>
    public bool TryJudge() => Interlocked.Exchange(ref _wasJudged, 1) == 0;
}
