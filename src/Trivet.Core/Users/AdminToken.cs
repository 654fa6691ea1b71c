using Trivet.Core.Failures;

namespace Trivet.Core.Users;

/// <summary>What opens the admin API for a program: a role and a name, and the hash of a secret that is nowhere. Times are Unix milliseconds.</summary>
public sealed record AdminToken
{
    public required string Id { get; init; }

    /// <summary>The operator's name for it; unique among those that are not revoked.</summary>
    public required string Name { get; init; }

    /// <summary>What its holder may do; the roles are those of people.</summary>
    public required UserRole Role { get; init; }

    /// <summary>SHA-256 of the secret's UTF-8 bytes, 64 lower-case hex digits.</summary>
    public required string HashHex { get; init; }

    /// <summary>The last four characters of the secret, so that a person can tell tokens apart.</summary>
    public required string Hint { get; init; }

    public required long CreatedAtMs { get; init; }

    public long? ExpiresAtMs { get; init; }

    public long? RevokedAtMs { get; init; }
}

/// <summary>A token just made. <paramref name="Secret"/> is its only copy: show it once, store it never.</summary>
public sealed record CreatedAdminToken(AdminToken Token, string Secret)
{
    /// <summary>Without the secret.</summary>
    public override string ToString() => $"CreatedAdminToken {{ Id = {Token.Id} }}";
}

/// <summary>Where admin tokens are kept.</summary>
public interface IAdminTokenStore
{
    /// <summary>Every one, revoked ones too, oldest first.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<AdminToken>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>Adds one. <see cref="StoreFaultKind.Conflict"/> where the name is taken.</summary>
    ValueTask<StoreOutcome<AdminToken>> InsertAsync(AdminToken token, CancellationToken cancellationToken);

    /// <summary>By its hash; <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<AdminToken>> FindAsync(string hashHex, CancellationToken cancellationToken);

    /// <summary>Revokes by id or name; revoking twice keeps the first time. <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<AdminToken>> RevokeAsync(string idOrName, long revokedAtMs, CancellationToken cancellationToken);
}
