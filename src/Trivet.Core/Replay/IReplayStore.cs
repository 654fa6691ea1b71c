using Trivet.Core.Failures;

namespace Trivet.Core.Replay;

/// <summary>The part of the replay store that all nodes share. What it keeps is opaque to it. Safe for concurrent use.</summary>
public interface IReplayStore
{
    /// <summary>Keeps turns and what leads to them. A key that is there already leads to the new turn from now on; what is kept twice is kept once.</summary>
    ValueTask<StoreOutcome<int>> SaveAsync(ReplayBatch batch, CancellationToken cancellationToken);

    /// <summary>What some keys of one organisation lead to, as far as they are there and not expired at <paramref name="nowMs"/>.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<ReplayFound>>> FindAsync(string organisation, IReadOnlyList<string> keys, long nowMs, CancellationToken cancellationToken);

    /// <summary>Deletes what has expired at <paramref name="nowMs"/>. Returns how many rows went.</summary>
    ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken);
}

/// <summary>What is written at once.</summary>
/// <param name="Turns">Answers.</param>
/// <param name="Keys">What leads to them, or to an opaque value's origin. No key occurs twice.</param>
public sealed record ReplayBatch(IReadOnlyList<ReplayTurnRow> Turns, IReadOnlyList<ReplayKeyRow> Keys);

/// <summary>An answer in the database.</summary>
/// <param name="Organisation">Whose.</param>
/// <param name="Id">Its name, unique for ever.</param>
/// <param name="Payload">JSON.</param>
/// <param name="ExpiresMs">Unix milliseconds.</param>
public sealed record ReplayTurnRow(string Organisation, string Id, string Payload, long ExpiresMs);

/// <summary>A key in the database.</summary>
/// <param name="Organisation">Whose.</param>
/// <param name="Key">32 hexadecimal digits.</param>
/// <param name="TurnId">The turn that it leads to; empty for an opaque value.</param>
/// <param name="CallOrdinal">Which call of the turn.</param>
/// <param name="Origin">Who issued the opaque value; empty for a turn.</param>
/// <param name="ExpiresMs">Unix milliseconds.</param>
public sealed record ReplayKeyRow(string Organisation, string Key, string TurnId, long CallOrdinal, string Origin, long ExpiresMs);

/// <summary>What a key led to.</summary>
public sealed record ReplayFound
{
    /// <summary>The key that was asked for.</summary>
    public string Key { get; init; } = "";

    /// <summary>Which call of the turn.</summary>
    public long CallOrdinal { get; init; }

    /// <summary>Who issued the opaque value; empty for a turn.</summary>
    public string Origin { get; init; } = "";

    /// <summary>The turn as JSON; null for an opaque value.</summary>
    public string? Payload { get; init; }
}
