namespace Trivet.Core.Ledger.Spool;

/// <summary>What a read of a segment came to.</summary>
internal enum SpoolReadEnd
{
    /// <summary>There may be more behind these records.</summary>
    More,

    /// <summary>Nothing is written behind these records, now.</summary>
    End,

    /// <summary>Behind these records are bytes that are no sound record.</summary>
    Damaged,
}

/// <summary>Reads records back, a batch at a time, into one buffer that the records point into until the next read.</summary>
internal sealed class SpoolReader(SpoolMemory memory)
{
    private readonly byte[] _buffer = new byte[SpoolFrame.HeaderBytes + SpoolFrame.PayloadBytesMax];

    public List<SpoolRecord> Records { get; } = [];

    /// <summary>Reads up to <paramref name="recordsMax"/> records from <paramref name="offset"/>, which moves behind the last of them.</summary>
    public SpoolReadEnd Read(SpoolSegment segment, ref long offset, int recordsMax)
    {
        Records.Clear();
        var readBytes = segment.Read(_buffer, offset);
        var rest = _buffer.AsMemory(0, readBytes);
        while (Records.Count < recordsMax && SpoolFrame.TryRead(rest, out var record, out var frameBytes))
        {
            Records.Add(record with { Value = memory.Take(segment.Position + offset) });
            rest = rest[frameBytes..];
            offset += frameBytes;
        }

        if (Records.Count == recordsMax)
            return SpoolReadEnd.More;
        if (rest.IsEmpty || !rest.Span.ContainsAnyExcept((byte)0))
            return readBytes < _buffer.Length || Records.Count == 0 ? SpoolReadEnd.End : SpoolReadEnd.More; // space that was never written

        // The buffer holds any whole record, so a first one that cannot be read is damage; a later one may only be cut by the buffer's end.
        return readBytes < _buffer.Length || Records.Count == 0 ? SpoolReadEnd.Damaged : SpoolReadEnd.More;
    }
}
