using System.Buffers.Binary;
using System.Numerics;

namespace Trivet.Wire.Json;

/// <summary>
/// A 64-bit hash over pieces of bytes, the same on every node and run: sessions are recognised by it, nothing is secured by it. Multiply and
/// rotate over eight bytes at a time, as xxHash does.
/// </summary>
public struct PrefixHash
{
    private const ulong Prime1 = 0x9E3779B185EBCA87;
    private const ulong Prime2 = 0xC2B2AE3D27D4EB4F;
    private ulong _state;
    private ulong _length;

    /// <summary>Adds a piece.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        _length += (ulong)bytes.Length + 1;
        while (bytes.Length >= 8)
        {
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        var tail = (ulong)bytes.Length << 56;
        for (var i = 0; i < bytes.Length; i++)
            tail |= (ulong)bytes[i] << (8 * i);
        Mix(tail);
    }

    /// <summary>The hash; 0 where nothing was added.</summary>
    public readonly ulong Value
    {
        get
        {
            if (_length == 0)
                return 0;
            var hash = _state ^ _length;
            hash = (hash ^ (hash >> 33)) * Prime2;
            hash = (hash ^ (hash >> 29)) * Prime1;
            hash ^= hash >> 32;
            return hash == 0 ? 1 : hash;
        }
    }

    private void Mix(ulong word) => _state = BitOperations.RotateLeft(_state ^ (word * Prime2), 31) * Prime1;
}
