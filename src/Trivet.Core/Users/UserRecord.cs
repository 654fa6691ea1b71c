namespace Trivet.Core.Users;

/// <summary>What a person may do in the console. Everyone who is signed in may read.</summary>
public enum UserRole
{
    /// <summary>Reads.</summary>
    Viewer,

    /// <summary>Reads, and books: top-ups, payments, reconciliation.</summary>
    Accountant,

    /// <summary>Reads, and runs the gateway: upstreams, routes, keys, notes.</summary>
    Operator,

    /// <summary>Everything, users included.</summary>
    Owner,
}

/// <summary>A person with an account of this installation.</summary>
public sealed record UserRecord
{
    public required string Id { get; init; }

    /// <summary>What they sign in with; unique without regard to case.</summary>
    public required string Name { get; init; }

    /// <summary>See <see cref="Users.PasswordHash"/>.</summary>
    public required string PasswordHash { get; init; }
    public required UserRole Role { get; init; }
    public required long CreatedAtMs { get; init; }

    /// <summary>Null while they may sign in.</summary>
    public long? DisabledAtMs { get; init; }
}

/// <summary>A link that makes one account, once.</summary>
/// <param name="Hash">Of its token; the token itself is nowhere.</param>
/// <param name="Role">Of the account.</param>
/// <param name="ExpiresAtMs">Until when it can be used.</param>
/// <param name="UserId">Whose password it sets anew; null where it makes an account.</param>
public sealed record UserInvite(string Hash, UserRole Role, long ExpiresAtMs, string? UserId = null);

/// <summary>Somebody is signed in, from one browser.</summary>
/// <param name="Hash">Of the cookie; the cookie itself is only in the browser.</param>
/// <param name="UserId">Who.</param>
/// <param name="CreatedAtMs">Since when.</param>
/// <param name="ExpiresAtMs">Until when, whatever happens.</param>
public sealed record UserSession(string Hash, string UserId, long CreatedAtMs, long ExpiresAtMs);

/// <summary>An invitation that was just made.</summary>
/// <param name="Invite">As stored.</param>
/// <param name="Token">What the link holds; its only copy.</param>
public sealed record CreatedInvite(UserInvite Invite, string Token);
