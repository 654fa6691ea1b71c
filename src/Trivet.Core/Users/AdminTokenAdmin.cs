using System.Security.Cryptography;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Keys;

namespace Trivet.Core.Users;

/// <summary>Makes, lists, revokes and recognises the tokens of the admin API.</summary>
public sealed class AdminTokenAdmin(IAdminTokenStore store, TimeProvider time)
{
    /// <summary>Marks a token of ours, so that secret scanners and people tell it from a key that clients present.</summary>
    public const string SecretPrefix = "trva_";

    private const string IdPrefix = "adm_";
    private const int HintChars = 4;
    private const int SecretCharsMax = 128;

    /// <summary>Makes one. The answer holds the only copy of its secret.</summary>
    public async ValueTask<StoreOutcome<CreatedAdminToken>> CreateAsync(string name, UserRole role, long? expiresAtMs, CancellationToken cancellationToken)
    {
        var secret = SecretPrefix + KeyGenerator.NewSecret()[KeyGenerator.SecretPrefix.Length..];
        var token = new AdminToken
        {
            Id = IdPrefix + KeyGenerator.NewId()[KeyGenerator.IdPrefix.Length..],
            Name = name,
            Role = role,
            HashHex = Hash(secret),
            Hint = secret[^HintChars..],
            CreatedAtMs = NowMs,
            ExpiresAtMs = expiresAtMs,
        };
        var made = await store.InsertAsync(token, cancellationToken);
        return made.Fault is { } fault ? fault : new CreatedAdminToken(made.Value, secret);
    }

    /// <summary>Every one, oldest first.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<AdminToken>>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    /// <summary>Refuses one from now on.</summary>
    public ValueTask<StoreOutcome<AdminToken>> RevokeAsync(string idOrName, CancellationToken cancellationToken) => store.RevokeAsync(idOrName, NowMs, cancellationToken);

    /// <summary>Whose secret it is; null for nobody's, for one that is revoked and for one whose time is over.</summary>
    public async ValueTask<StoreOutcome<AdminToken?>> AuthenticateAsync(string secret, CancellationToken cancellationToken)
    {
        if (!secret.StartsWith(SecretPrefix, StringComparison.Ordinal) || secret.Length > SecretCharsMax)
            return (AdminToken?)null;
        var found = await store.FindAsync(Hash(secret), cancellationToken);
        if (found.Fault is { } fault)
            return fault.Kind == StoreFaultKind.NotFound ? (AdminToken?)null : fault;
        return found.Value is { RevokedAtMs: null } token && !(token.ExpiresAtMs <= NowMs) ? token : (AdminToken?)null;
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    // Looked up by a hash of what was sent: how long that takes says nothing of any secret.
    private static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
