using System.Text;
using Trivet.FunctionalTests.Replay.Meaning;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>
/// Whether a written stream is legal. Most inputs come to the same few outputs (an error, an empty answer), so the outputs already found legal are known by
/// their hashes.
/// </summary>
internal sealed class StreamCheck
{
    private const int KnownMax = 1 << 20;

    private readonly HashSet<UInt128> _known = [];

    /// <summary>What breaks the grammar of the protocol's streams; null where nothing does.</summary>
    public string? Check(FuzzDoor door, ReadOnlySpan<byte> stream)
    {
        var hash = HashOf(door.Name.Length, stream);
        if (_known.Contains(hash))
            return null;
        if (Judge(door, stream) is { } wrong)
            return wrong;
        if (_known.Count >= KnownMax)
            _known.Clear();
        _known.Add(hash);
        return null;
    }

    private static string? Judge(FuzzDoor door, ReadOnlySpan<byte> stream)
    {
        if (!System.Text.Unicode.Utf8.IsValid(stream))
            return $"{door.Name}: the stream is not UTF-8";
        var text = Encoding.UTF8.GetString(SurrogateHalves.MadeReadable(stream));
        try
        {
            var wrong = door.Illegal!(SseFrame.ReadAll(text));
            return wrong.Count == 0 ? null : $"{door.Name}: {string.Join("; ", wrong)}";
        }
        catch (ArgumentException)
        {
            return null; // a vendor's own block with a name twice or a number beyond measure: JSON all the same, but more than the checkers can take apart
        }
        catch (Exception exception) // the checkers take apart what they expect: whatever they trip over is not what a client expects
        {
            return $"{door.Name}: the checker fails with {exception.GetType().Name}: {exception.Message}";
        }
    }

    // Two products of eight bytes each: 128 bits, so that two outputs never count as one.
    private static UInt128 HashOf(int door, ReadOnlySpan<byte> bytes)
    {
        var (a, b) = ((ulong)door * 0x9E3779B97F4A7C15UL + (ulong)bytes.Length, 0xC2B2AE3D27D4EB4FUL);
        while (!bytes.IsEmpty)
        {
            ulong word;
            if (bytes.Length >= 8)
            {
                word = BitConverter.ToUInt64(bytes);
                bytes = bytes[8..];
            }
            else
            {
                word = 0;
                foreach (var value in bytes)
                    word = (word << 8) | value;
                bytes = default;
            }

            a = System.Numerics.BitOperations.RotateLeft((a ^ word) * 0x87C37B91114253D5UL, 31);
            b = System.Numerics.BitOperations.RotateLeft((b + word) * 0x4CF5AD432745937FUL, 27) ^ a;
        }

        return new UInt128(a, b);
    }
}
