using System.Buffers.Binary;
using System.Numerics;

namespace Trivet.Wire.Json;

/// <summary>
/// A 64-bit hash over pieces of bytes, the same on every node and run: sessions are recognised by it, nothing is secured by it. Multiply and
/// rotate over eight bytes at a time, as xxHash does, and over four words side by side in long pieces: a multiplication need not wait for the one before it.
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
        if (bytes.Length >= 128)
            bytes = MixLanes(bytes);
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

    private ReadOnlySpan<byte> MixLanes(ReadOnlySpan<byte> bytes)
    {
        var (a, b, c, d) = (_state, _state + Prime1, _state ^ Prime2, _state - Prime1);
        while (bytes.Length >= 32)
        {
            a = Mix(a, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            b = Mix(b, BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]));
            c = Mix(c, BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]));
            d = Mix(d, BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..]));
            bytes = bytes[32..];
        }

        _state = Mix(Mix(Mix(a, b), c), d);
        return bytes;
    }

    private void Mix(ulong word) => _state = Mix(_state, word);

    private static ulong Mix(ulong state, ulong word) => BitOperations.RotateLeft(state ^ (word * Prime2), 31) * Prime1;
}
