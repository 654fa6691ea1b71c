using Trivet.Core.Failures;

namespace Trivet.Core.Users;

/// <summary>Where accounts, invitations and sessions are kept. Safe for concurrent use, also from several nodes on one database.</summary>
public interface IUserStore
{
    /// <summary>Every account, oldest first.</summary>
    ValueTask<StoreOutcome<IReadOnlyList<UserRecord>>> ListAsync(CancellationToken cancellationToken);

    /// <summary>By name, without regard to case. <see cref="StoreFaultKind.NotFound"/> where there is none.</summary>
    ValueTask<StoreOutcome<UserRecord>> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Changes role, password or being disabled; sessions end where it is disabled or has another password. <see cref="StoreFaultKind.Conflict"/> where no owner would be left.</summary>
    ValueTask<StoreOutcome<UserRecord>> UpdateAsync(UserRecord user, CancellationToken cancellationToken);

    /// <summary>Adds an invitation.</summary>
    /// <param name="invite">Which.</param>
    /// <param name="onlyWithoutUsers">Adds none, and answers false, where there is an account.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<StoreOutcome<bool>> InviteAsync(UserInvite invite, bool onlyWithoutUsers, CancellationToken cancellationToken);

    /// <summary>An invitation that can be used now; <see cref="StoreFaultKind.NotFound"/> else.</summary>
    ValueTask<StoreOutcome<UserInvite>> FindInviteAsync(string hash, long nowMs, CancellationToken cancellationToken);

    /// <summary>
    /// Uses an invitation: makes the account, or gives it another password and ends its sessions. Once: of two who try, one gets <see cref="StoreFaultKind.NotFound"/>.
    /// <see cref="StoreFaultKind.Conflict"/> where the name is taken; the invitation is then still good.
    /// </summary>
    ValueTask<StoreOutcome<UserRecord>> AcceptInviteAsync(string hash, UserRecord user, long nowMs, CancellationToken cancellationToken);

    /// <summary>Somebody signs in.</summary>
    ValueTask<StoreOutcome<int>> OpenSessionAsync(UserSession session, CancellationToken cancellationToken);

    /// <summary>Whose session it is; <see cref="StoreFaultKind.NotFound"/> where it has ended or its user may no longer sign in.</summary>
    ValueTask<StoreOutcome<UserRecord>> FindSessionAsync(string hash, long nowMs, CancellationToken cancellationToken);

    /// <summary>Somebody signs out.</summary>
    ValueTask<StoreOutcome<int>> CloseSessionAsync(string hash, CancellationToken cancellationToken);

    /// <summary>Gives a user the one address under which the journal's feed is read without signing in, in the place of any before; null takes it away.</summary>
    ValueTask<StoreOutcome<int>> SetFeedTokenAsync(string userId, string? hash, long nowMs, CancellationToken cancellationToken);

    /// <summary>Whose feed it is; <see cref="StoreFaultKind.NotFound"/> where it was taken away or its user may no longer sign in.</summary>
    ValueTask<StoreOutcome<UserRecord>> FindFeedTokenAsync(string hash, CancellationToken cancellationToken);

    /// <summary>When a user's address was made, Unix milliseconds; null for none.</summary>
    ValueTask<StoreOutcome<long?>> FeedTokenMadeAsync(string userId, CancellationToken cancellationToken);

    /// <summary>
    /// A form is sent: the first time null, and whoever asks does what it says. Again: where the first sending led to, empty while that is not known.
    /// </summary>
    ValueTask<StoreOutcome<string?>> BeginFormAsync(string token, long nowMs, CancellationToken cancellationToken);

    /// <summary>What the form says has been done and leads there; null where it was not done, and may be sent again.</summary>
    ValueTask<StoreOutcome<int>> EndFormAsync(string token, string? location, CancellationToken cancellationToken);
}

/// <summary>Small settings of the whole installation, by name, kept in the database.</summary>
public interface ISettingsStore
{
    /// <summary>Null where it was never set.</summary>
    ValueTask<StoreOutcome<string?>> FindAsync(string name, CancellationToken cancellationToken);

    /// <summary>Sets it; <paramref name="by"/> is who did.</summary>
    ValueTask<StoreOutcome<int>> SetAsync(string name, string value, string by, CancellationToken cancellationToken);

    /// <summary>The value that stands, or this one where none did: of two who ask, both get the same.</summary>
    ValueTask<StoreOutcome<string>> GetOrAddAsync(string name, string value, CancellationToken cancellationToken);
}
