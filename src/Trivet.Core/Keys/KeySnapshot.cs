using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace Trivet.Core.Keys;

/// <summary>All keys at one version, frozen for looking up. Deny by default. Looking up allocates nothing.</summary>
public sealed class KeySnapshot
{
    /// <summary>Longer values are no key of ours; the bound keeps hashing on the stack.</summary>
    public const int PresentedKeyCharsMax = 512;

    private const int Utf8BytesPerCharMax = 3;

    private readonly FrozenDictionary<KeyHash, KeyEntry> _entries;

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

    /// <summary>Looks up a key as it came in a header or query. <paramref name="nowMs"/> is Unix milliseconds.</summary>
    public KeyVerdict Authenticate(ReadOnlySpan<char> presented, long nowMs, out KeyEntry? entry)
    {
        entry = null;
        if (presented.IsEmpty || presented.Length > PresentedKeyCharsMax)
            return KeyVerdict.Unknown;
        Span<byte> utf8 = stackalloc byte[PresentedKeyCharsMax * Utf8BytesPerCharMax];
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
        if (!_entries.TryGetValue(KeyHash.Of(presentedUtf8), out var found))
            return KeyVerdict.Unknown;
        if (found.Record.RevokedAtMs is not null)
            return KeyVerdict.Revoked;
        if (found.Record.ExpiresAtMs <= nowMs)
            return KeyVerdict.Expired;
        entry = found;
        return KeyVerdict.Accepted;
    }
}
