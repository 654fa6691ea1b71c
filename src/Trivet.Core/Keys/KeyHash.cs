using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Trivet.Core.Keys;

/// <summary>
/// SHA-256 of a key. Plain and unsalted on purpose: our keys are 32 random bytes, which no dictionary holds and no stretching makes harder, and a slow hash
/// on every request would be a denial of service. A key that the operator gives (<c>TRIVET_KEY</c>, at least 8 characters) takes the same path because a lookup needs
/// one hash for all; its strength is the operator's choice, and only someone who has the database already could guess at it.
/// </summary>
internal readonly struct KeyHash : IEquatable<KeyHash>
{
    private readonly ulong _a, _b, _c, _d;

    private KeyHash(ReadOnlySpan<byte> hash)
    {
        _a = BinaryPrimitives.ReadUInt64LittleEndian(hash);
        _b = BinaryPrimitives.ReadUInt64LittleEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64LittleEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]);
    }

    public static KeyHash Of(ReadOnlySpan<byte> keyUtf8)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(keyUtf8, hash);
        return new KeyHash(hash);
    }

    public static KeyHash FromHex(string hex) => new(Convert.FromHexString(hex));

    // No early exit: all four words are always looked at.
    public bool Equals(KeyHash other) => ((_a ^ other._a) | (_b ^ other._b) | (_c ^ other._c) | (_d ^ other._d)) == 0;

    public override bool Equals(object? obj) => obj is KeyHash other && Equals(other);

    public override int GetHashCode() => _a.GetHashCode();
}
