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

    private readonly FrozenDictionary<KeyHash, Secret> _secrets;

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
        _secrets = Entries.SelectMany(SecretsOf).ToFrozenDictionary(secret => secret.Hash, secret => secret.Value);
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
            return Judge(seen.Secret, nowMs, out entry);
        var secret = Find(presented.Span);
        var verdict = Judge(secret, nowMs, out entry);
        if (verdict == KeyVerdict.Accepted)
            Volatile.Write(ref slot, new Seen(text, start, length, secret!));
        return verdict;
    }

    /// <summary>Looks up a key. <paramref name="nowMs"/> is Unix milliseconds.</summary>
    public KeyVerdict Authenticate(ReadOnlySpan<char> presented, long nowMs, out KeyEntry? entry) => Judge(Find(presented), nowMs, out entry);

    /// <summary>The same for a key that is UTF-8 already.</summary>
    public KeyVerdict Authenticate(ReadOnlySpan<byte> presentedUtf8, long nowMs, out KeyEntry? entry) => Judge(Find(presentedUtf8), nowMs, out entry);

    private Secret? Find(ReadOnlySpan<char> presented)
    {
        if (presented.IsEmpty || presented.Length > PresentedKeyCharsMax)
            return null;
        Span<byte> utf8 = presented.Length * Utf8BytesPerCharMax <= UsualBytesMax ? stackalloc byte[UsualBytesMax] : stackalloc byte[PresentedKeyCharsMax * Utf8BytesPerCharMax];
        var length = Encoding.UTF8.GetBytes(presented, utf8);
        var found = Find(utf8[..length]);
        CryptographicOperations.ZeroMemory(utf8[..length]);
        return found;
    }

    private Secret? Find(ReadOnlySpan<byte> presentedUtf8)
    {
        if (presentedUtf8.IsEmpty || presentedUtf8.Length > PresentedKeyCharsMax * Utf8BytesPerCharMax)
            return null;

        // The table is searched by a hash of what the client sent, and hashes are compared whole and in constant time (KeyHash.Equals),
        // so timing says nothing about any stored key.
        return _secrets.GetValueOrDefault(KeyHash.Of(presentedUtf8));
    }

    private static KeyVerdict Judge(Secret? found, long nowMs, out KeyEntry? entry)
    {
        entry = null;
        if (found is null)
            return KeyVerdict.Unknown;
        var record = found.Entry.Record;
        if (record.RevokedAtMs is not null)
            return KeyVerdict.Revoked;
        if (record.ExpiresAtMs <= nowMs || found.UntilMs <= nowMs)
            return KeyVerdict.Expired;
        entry = found.Entry;
        return KeyVerdict.Accepted;
    }

    // A key that was rotated may have two for a while.
    private static IEnumerable<(KeyHash Hash, Secret Value)> SecretsOf(KeyEntry entry)
    {
        yield return (KeyHash.FromHex(entry.Record.HashHex), new Secret(entry, null));
        if (entry.Record is { OldHashHex.Length: > 0, OldUntilMs: { } until })
            yield return (KeyHash.FromHex(entry.Record.OldHashHex), new Secret(entry, until));
    }

    private sealed record Secret(KeyEntry Entry, long? UntilMs);

    private sealed record Seen(string Text, int Start, int Length, Secret Secret);
}
