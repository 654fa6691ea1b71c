using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Trivet.Core.Ledger.Spool;

/// <summary>
/// One record on disk: payload length (4 bytes, little-endian), CRC-32C of kind and payload (4), kind (1), payload. A kind of zero is no record,
/// so preallocated zeros read as the end.
/// </summary>
internal static class SpoolFrame
{
    public const int HeaderBytes = 9;

    /// <summary>Records are a few hundred bytes; a length above this is damage and not a record.</summary>
    public const int PayloadBytesMax = 1024 * 1024;

    private const int ChecksumOffset = 4;
    private const int KindOffset = 8;

    public static void Write(Span<byte> frame, SpoolRecordKind kind, ReadOnlySpan<byte> payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        frame[KindOffset] = (byte)kind;
        payload.CopyTo(frame[HeaderBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[ChecksumOffset..], Checksum(frame.Slice(KindOffset, 1 + payload.Length)));
    }

    /// <summary>Reads the frame at the start of <paramref name="bytes"/>. False when there is no whole, sound one.</summary>
    public static bool TryRead(ReadOnlyMemory<byte> bytes, out SpoolRecord record, out int frameBytes)
    {
        record = default;
        frameBytes = 0;
        var span = bytes.Span;
        if (span.Length < HeaderBytes)
            return false;
        var length = BinaryPrimitives.ReadInt32LittleEndian(span);
        if (length is < 0 or > PayloadBytesMax || span.Length - HeaderBytes < length || span[KindOffset] == 0)
            return false;
        if (BinaryPrimitives.ReadUInt32LittleEndian(span[ChecksumOffset..]) != Checksum(span.Slice(KindOffset, 1 + length)))
            return false;
        record = new SpoolRecord((SpoolRecordKind)span[KindOffset], bytes.Slice(HeaderBytes, length));
        frameBytes = HeaderBytes + length;
        return true;
    }

    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(bytes))
            crc = BitOperations.Crc32C(crc, word);
        foreach (var rest in bytes[(bytes.Length & ~7)..])
            crc = BitOperations.Crc32C(crc, rest);
        return ~crc;
    }
}
