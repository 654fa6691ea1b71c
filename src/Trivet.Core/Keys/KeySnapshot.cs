using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Keys;

/// <summary>All keys at one version, frozen for looking up. Deny by default. Looking up allocates nothing.</summary>
public sealed class KeySnapshot
{
    /// <summary>Longer values are no key of ours; the bound keeps hashing on the stack.</summary>
    public const int PresentedKeyCharsMax = 512;

    private const int Utf8BytesPerCharMax = 3;

    // Ours are 50 characters. The stack is cleared before it is used, so a buffer for the longest would cost more than the rest.
    private const int UsualBytesMax = 192;

    private const int SeenMax = 1024;

    private readonly FrozenDictionary<KeyHash, KeyEntry> _entries;

    // The texts in which keys came that were found, by where they are in memory. The host gives every request of a kept connection the same string for the
    // same header, and hashing it again cost 4 µs of a request's 200. Never compared by contents, so timing tells nothing; gone with the snapshot.
    private readonly Seen?[] _seen = new Seen?[SeenMax];

    /// <summary>Knows no key and refuses all.</summary>
    public static KeySnapshot Empty { get; } = new(new KeySet(-1, []));

    public KeySnapshot(KeySet keys)
    {
        Version = keys.Version;
        var owners = keys.Owners.ToDictionary(owner => (owner.Organisation, owner.Team));
        Entries =
        [
            .. keys.Keys.Select(record => new KeyEntry(
                record, owners.GetValueOrDefault((record.Organisation, "")), record.Team.Length == 0 ? null : owners.GetValueOrDefault((record.Organisation, record.Team)))),
        ];
        _entries = Entries.ToFrozenDictionary(entry => KeyHash.FromHex(entry.Record.HashHex));
    }

    /// <summary>The store's version that this was made of; -1 before the first load.</summary>
    public long Version { get; }

    /// <summary>Every key, oldest first, for lists and not for looking up.</summary>
    public IReadOnlyList<KeyEntry> Entries { get; }

    /// <summary>Looks up a key as it came in a header or query, quickly where the very same string was looked up before. <paramref name="nowMs"/> is Unix milliseconds.</summary>
    public KeyVerdict Authenticate(ReadOnlyMemory<char> presented, long nowMs, out KeyEntry? entry)
    {
        if (!MemoryMarshal.TryGetString(presented, out var text, out var start, out var length))
            return Authenticate(presented.Span, nowMs, out entry);
        ref var slot = ref _seen[RuntimeHelpers.GetHashCode(text) % SeenMax];
        if (Volatile.Read(ref slot) is { } seen && ReferenceEquals(seen.Text, text) && seen.Start == start && seen.Length == length)
            return Judge(seen.Entry, nowMs, out entry);
        var verdict = Authenticate(presented.Span, nowMs, out entry);
        if (entry is not null)
            Volatile.Write(ref slot, new Seen(text, start, length, entry));
        return verdict;
    }

    /// <summary>Looks up a key. <paramref name="nowMs"/> is Unix milliseconds.</summary>
    public KeyVerdict Authenticate(ReadOnlySpan<char> presented, long nowMs, out KeyEntry? entry)
    {
        entry = null;
        if (presented.IsEmpty || presented.Length > PresentedKeyCharsMax)
            return KeyVerdict.Unknown;
        Span<byte> utf8 = presented.Length * Utf8BytesPerCharMax <= UsualBytesMax ? stackalloc byte[UsualBytesMax] : stackalloc byte[PresentedKeyCharsMax * Utf8BytesPerCharMax];
        var length = Encoding.UTF8.GetBytes(presented, utf8);
        var verdict = Authenticate(utf8[..length], nowMs, out entry);
        CryptographicOperations.ZeroMemory(utf8[..length]);
        return verdict;
    }

    /// <summary>The same for a key that is UTF-8 already.</summary>
    public KeyVerdict Authenticate(ReadOnlySpan<byte> presentedUtf8, long nowMs, out KeyEntry? entry)
    {
        entry = null;
        if (presentedUtf8.IsEmpty || presentedUtf8.Length > PresentedKeyCharsMax * Utf8BytesPerCharMax)
            return KeyVerdict.Unknown;

        // The table is searched by a hash of what the client sent, and hashes are compared whole and in constant time (KeyHash.Equals),
        // so timing says nothing about any stored key.
        return _entries.TryGetValue(KeyHash.Of(presentedUtf8), out var found) ? Judge(found, nowMs, out entry) : KeyVerdict.Unknown;
    }

    private static KeyVerdict Judge(KeyEntry found, long nowMs, out KeyEntry? entry)
    {
        entry = null;
        if (found.Record.RevokedAtMs is not null)
            return KeyVerdict.Revoked;
        if (found.Record.ExpiresAtMs <= nowMs)
            return KeyVerdict.Expired;
        entry = found;
        return KeyVerdict.Accepted;
    }

    private sealed record Seen(string Text, int Start, int Length, KeyEntry Entry);
}
