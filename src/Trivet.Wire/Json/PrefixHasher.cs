using System.Buffers.Binary;
using System.Numerics;

namespace Trivet.Wire.Json;

/// <summary>
/// A 64-bit mix over bytes for session affinity: fast and stable over processes and nodes, not secure. Eight bytes at a time, multiply and
/// rotate, with the finaliser of MurmurHash3.
/// </summary>
internal struct PrefixHasher
{
    private ulong _state;

    /// <summary>Mixes a run of bytes, its length included, so that the cut between two runs counts.</summary>
    public void Add(ReadOnlySpan<byte> bytes)
    {
        var state = _state ^ ((ulong)bytes.Length * 0x9E3779B97F4A7C15);
        while (bytes.Length >= 8)
        {
            state = Mix(state, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[8..];
        }

        ulong tail = 0;
        for (var i = 0; i < bytes.Length; i++)
            tail |= (ulong)bytes[i] << (8 * i);
        _state = Mix(state, tail);
    }

    /// <summary>The hash; never 0, which means "nothing to hash".</summary>
    public readonly ulong Value
    {
        get
        {
            var hash = _state;
            hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
            hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
            hash ^= hash >> 33;
            return hash == 0 ? 1 : hash;
        }
    }

    private static ulong Mix(ulong state, ulong value) => BitOperations.RotateLeft(state ^ (value * 0x87C37B91114253D5), 31) * 0x4CF5AD432745937F;
}
