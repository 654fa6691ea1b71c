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
