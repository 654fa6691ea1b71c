namespace Trivet.Core.Ledger.Spool;

/// <summary>
/// What a spool record is about. The number is in files on disk: never renumber. 16–31 are kept for the ledger (reservation, settlement, void, …).
/// </summary>
public enum SpoolRecordKind : byte
{
    /// <summary>Zero is what unwritten, preallocated space reads as, so it is no record.</summary>
    None = 0,
    Attempt = 1,
    Request = 2,

    /// <summary>A request with its last attempt, which for nearly every request is its only one.</summary>
    RequestWithAttempt = 3,
}

/// <summary>Whether the node may take on more work that it would have to book.</summary>
public enum SpoolState
{
    Open,

    /// <summary>The disk (or the spool's own limit) leaves no room for the records of new requests. Admission stops; what runs may still be booked.</summary>
    Refusing,

    /// <summary>Shut down.</summary>
    Closed,
}

/// <summary>
/// The node-local, append-only record of what happened, written before the act it covers and committed to the database later.
/// <para>
/// Durability: when <see cref="Append"/> returns true, <c>write()</c> has completed: the record survives <c>kill -9</c> of this process.
/// It survives a power cut once the next group <c>fsync</c> ran, at most <see cref="SpoolOptions.SyncInterval"/> later.
/// </para>
/// </summary>
public interface ISpool
{
    /// <summary>Read it at admission: no new request unless <see cref="SpoolState.Open"/>.</summary>
    SpoolState State { get; }

    /// <summary>
    /// Appends one record. Thread-safe, allocates nothing, costs one buffered <c>write()</c> that concurrent callers share.
    /// False when the record is in memory only, because the disk is full or failing: it is written as soon as there is room, and <see cref="State"/> says Refusing.
    /// </summary>
    /// <param name="kind">What it is about.</param>
    /// <param name="payload">Its bytes.</param>
    /// <param name="value">The object that the payload was written from, if whoever commits it may be given that (<see cref="SpoolRecord.Value"/>); never changed again.</param>
    bool Append(SpoolRecordKind kind, ReadOnlySpan<byte> payload, object? value = null);
}

/// <summary>One record as read back. <paramref name="Payload"/> is valid only during the call it is given to.</summary>
public readonly record struct SpoolRecord(SpoolRecordKind Kind, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The object that the payload was written from, where this process wrote it lately; else null.</summary>
    public object? Value { get; init; }
}
