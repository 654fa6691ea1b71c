using System.Buffers;
using System.Buffers.Binary;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse.Streams;

/// <summary>
/// <c>application/vnd.amazon.eventstream</c>, the binary frames of AWS: total length, headers' length, checksum; headers; payload; checksum, big-endian.
/// Written anew as server-sent events, so that everything behind it is as for any other stream: <c>event:</c> is the frame's <c>:event-type</c> (or
/// <c>exception:</c> and its <c>:exception-type</c>), <c>data:</c> its payload. Checksums are not verified: TCP and TLS have.
/// </summary>
public static class BedrockEventStream
{
    /// <summary>The content type.</summary>
    public const string MediaType = "application/vnd.amazon.eventstream";

    /// <summary>The longest frame: AWS allows 24 MiB with its headers.</summary>
    private const int FrameBytesMax = 25 << 20;

    private const int PreludeBytes = 12;
    private const int ChecksumBytes = 4;

    /// <summary>
    /// Writes the whole frames at the start of <paramref name="bytes"/> as events and returns how many bytes they take; what is left over is the beginning
    /// of a frame. Negative where it is no frame.
    /// </summary>
    public static int Transcribe(ReadOnlySpan<byte> bytes, IBufferWriter<byte> output)
    {
        var taken = 0;
        while (bytes.Length - taken >= PreludeBytes)
        {
            var frame = bytes[taken..];
            var total = BinaryPrimitives.ReadUInt32BigEndian(frame);
            var headers = BinaryPrimitives.ReadUInt32BigEndian(frame[4..]);
            if (total is < PreludeBytes + ChecksumBytes or > FrameBytesMax || headers > total - PreludeBytes - ChecksumBytes)
                return -1;
            if (frame.Length < total)
                break;
            var payload = frame[(PreludeBytes + (int)headers)..((int)total - ChecksumBytes)];
            if (!TryWrite(frame.Slice(PreludeBytes, (int)headers), payload, output))
                return -1;
            taken += (int)total;
        }

        return taken;
    }

    private static bool TryWrite(ReadOnlySpan<byte> headers, ReadOnlySpan<byte> payload, IBufferWriter<byte> output)
    {
        ReadOnlySpan<byte> eventType = default, exceptionType = default;
        while (!headers.IsEmpty)
        {
            var nameLength = headers[0];
            if (headers.Length < nameLength + 2)
                return false;
            var name = headers.Slice(1, nameLength);
            var valueType = headers[nameLength + 1];
            headers = headers[(nameLength + 2)..];
            var length = ValueLength(valueType, ref headers);
            if (length < 0 || length > headers.Length)
                return false;
            if (name.SequenceEqual(":event-type"u8))
                eventType = headers[..length];
            else if (name.SequenceEqual(":exception-type"u8) || name.SequenceEqual(":error-code"u8))
                exceptionType = headers[..length];
            headers = headers[length..];
        }

        var type = exceptionType.IsEmpty ? eventType : exceptionType;
        if (type.ContainsAny((byte)'\r', (byte)'\n'))
            return false; // it would end the line that it is written on
        output.Write(exceptionType.IsEmpty ? "event: "u8 : "event: exception:"u8);
        output.Write(type);
        output.Write("\ndata: "u8);
        output.Write(payload.IsEmpty ? "{}"u8 : JsonTokens.OnOneLine(payload));
        output.Write("\n\n"u8);
        return true;
    }

    // Types of header values: true, false, byte, int16, int32, int64, bytes, string, timestamp, UUID.
    private static int ValueLength(byte type, ref ReadOnlySpan<byte> rest)
    {
        switch (type)
        {
            case 0 or 1:
                return 0;
            case 2:
                return 1;
            case 3:
                return 2;
            case 4:
                return 4;
            case 5 or 8:
                return 8;
            case 9:
                return 16;
            case 6 or 7 when rest.Length >= 2:
                var length = BinaryPrimitives.ReadUInt16BigEndian(rest);
                rest = rest[2..];
                return length;
            default:
                return -1;
        }
    }
}
