using Trivet.Core.Failures;
using Trivet.Core.Replay;

namespace Trivet.Tests.Replay;

/// <summary>A database in memory that several nodes may share, and that may be away.</summary>
internal sealed class FakeReplayStore : IReplayStore
{
    private readonly Dictionary<(string, string), ReplayKeyRow> _keys = [];
    private readonly Dictionary<(string, string), ReplayTurnRow> _turns = [];

    public bool IsAway { get; set; }

    public int Lookups { get; private set; }

    public int TurnCount => _turns.Count;

    public ValueTask<StoreOutcome<int>> SaveAsync(ReplayBatch batch, CancellationToken cancellationToken)
    {
        if (IsAway)
            return new(new StoreFault(StoreFaultKind.Unavailable, "away"));
        foreach (var turn in batch.Turns)
            _turns[(turn.Organisation, turn.Id)] = turn;
        foreach (var key in batch.Keys)
            _keys[(key.Organisation, key.Key)] = key;
        return new((StoreOutcome<int>)batch.Turns.Count);
    }

    public ValueTask<StoreOutcome<IReadOnlyList<ReplayFound>>> FindAsync(string organisation, IReadOnlyList<string> keys, long nowMs, CancellationToken cancellationToken)
    {
        Lookups++;
        if (IsAway)
            return new(new StoreFault(StoreFaultKind.Unavailable, "away"));
        var found = new List<ReplayFound>();
        foreach (var key in keys)
        {
            if (_keys.TryGetValue((organisation, key), out var row) && row.ExpiresMs > nowMs)
                found.Add(new ReplayFound { Key = key, CallOrdinal = row.CallOrdinal, Origin = row.Origin, Payload = row.TurnId.Length == 0 ? null : _turns[(organisation, row.TurnId)].Payload });
        }

        return new(StoreOutcome.Of<IReadOnlyList<ReplayFound>>(found));
    }

    public ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken) => new((StoreOutcome<int>)0);
}
