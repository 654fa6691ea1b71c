using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>How a stream arrives: whole, in two pieces, in many, byte by byte.</summary>
internal static class Feeding
{
    /// <summary>Feeds all of it, with a ping of ours in between now and then. False where an event is too large.</summary>
    public static bool Feed(SseReader reader, ReadOnlySpan<byte> bytes, ISseHandler handler, IStreamWriter? writer, ref FuzzRandom random)
    {
        var style = random.Below(20);
        while (!bytes.IsEmpty)
        {
            var length = style switch { < 10 => bytes.Length, < 14 => 1 + random.Below(bytes.Length), < 19 => 1 + random.Below(64), _ => 1 };
            length = bytes.Length > 16_384 && length < 64 ? 1024 : Math.Min(length, bytes.Length); // long ones in tiny pieces are the SSE reader's own test
            length = Math.Min(length, bytes.Length);
            if (!reader.Feed(bytes[..length], handler))
                return false;
            bytes = bytes[length..];
            if (writer is not null && random.OneIn(32))
                writer.WritePing();
        }

        reader.Complete(handler);
        return true;
    }
}
