namespace Trivet.Core.Ledger.Spool;

/// <summary>Settings of the spool and of the loop that empties it.</summary>
public sealed record SpoolOptions
{
    /// <summary>A folder on a local disk that belongs to this node alone.</summary>
    public required string Directory { get; init; }

    /// <summary>
    /// Size of one segment, allocated ahead. There is always one spare: when the disk is full there are still this many bytes
    /// for requests that were admitted before (about 10,000 records).
    /// </summary>
    public int SegmentBytes { get; init; } = 8 * 1024 * 1024;

    /// <summary>With so much waiting for the database, admission stops: about five million records.</summary>
    public long BytesMax { get; init; } = 4L * 1024 * 1024 * 1024;

    /// <summary>How long a written record may be lost to a power cut (never to a crash of the process).</summary>
    public TimeSpan SyncInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// How long records may wait for company before they go to the database in one transaction. A transaction costs an fsync and a copy of every page it
    /// touches, so fewer and larger ones are cheaper; people see a request in their traces within a second.
    /// </summary>
    public TimeSpan CommitInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long copies of segments that ended in a torn record are kept for people to look at.</summary>
    public TimeSpan KeepDamagedFor { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The most records in one transaction.</summary>
    public int BatchRecordsMax { get; init; } = 1000;
}
