using System.Diagnostics.CodeAnalysis;
using Trivet.Core.Failures;

namespace Trivet.Core.Users;

/// <summary>Accounts for people: made by one-time links, signed in by name and password.</summary>
public sealed class UserAdmin(IUserStore store, TimeProvider time)
{
    /// <summary>Shorter ones are guessed; NIST SP 800-63B asks for no more rules than this.</summary>
    public const int PasswordCharsMin = 10;

    public const int PasswordCharsMax = 256;
    public const int NameCharsMax = 64;

    /// <summary>How long a session lives, whatever is done in it.</summary>
    public static readonly TimeSpan SessionLife = TimeSpan.FromDays(7);

    /// <summary>How long a link can be used.</summary>
    public static readonly TimeSpan InviteLife = TimeSpan.FromDays(1);

    // Spent on names that are nobody's, so that time tells nothing.
    private static readonly Lazy<string> NobodysHash = new(() => PasswordHash.Make("nobody"));

    /// <summary>What a new password costs to hash.</summary>
    internal int Iterations { get; init; } = PasswordHash.DefaultIterations;

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>Every account, oldest first.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<UserRecord>>> ListAsync(CancellationToken cancellationToken) => store.ListAsync(cancellationToken);

    /// <summary>A link for the first owner, where there is no account yet; else null.</summary>
    public async ValueTask<StoreOutcome<CreatedInvite?>> InviteFirstAsync(CancellationToken cancellationToken)
    {
        var created = NewInvite(UserRole.Owner, null);
        var outcome = await store.InviteAsync(created.Invite, onlyWithoutUsers: true, cancellationToken);
        if (outcome.Fault is { } fault)
            return fault;
        return outcome.Value ? created : (CreatedInvite?)null;
    }

    /// <summary>A link that makes an account of this role; or, with a user, one that sets that user's password anew.</summary>
    public async ValueTask<StoreOutcome<CreatedInvite>> InviteAsync(UserRole role, UserRecord? user, CancellationToken cancellationToken)
    {
        var created = NewInvite(user?.Role ?? role, user?.Id);
        var outcome = await store.InviteAsync(created.Invite, onlyWithoutUsers: false, cancellationToken);
        return outcome.Fault is { } fault ? fault : created;
    }

    /// <summary>What a link is good for.</summary>
    public ValueTask<StoreOutcome<UserInvite>> FindInviteAsync(string token, CancellationToken cancellationToken) => store.FindInviteAsync(SecretToken.Hash(token), NowMs, cancellationToken);

    /// <summary>Uses a link. Name and password have been checked by <see cref="TryCheckName"/> and <see cref="TryCheckPassword"/>.</summary>
    public ValueTask<StoreOutcome<UserRecord>> AcceptAsync(string token, string name, string password, CancellationToken cancellationToken)
    {
        var user = new UserRecord
        {
            Id = "user_" + SecretToken.Make()[..16],
            Name = name.Trim(),
            PasswordHash = PasswordHash.Make(password, Iterations),
            Role = UserRole.Viewer, // the invitation's role counts
            CreatedAtMs = NowMs,
        };
        return store.AcceptInviteAsync(SecretToken.Hash(token), user, NowMs, cancellationToken);
    }

    /// <summary>Opens a session; its cookie, or null where name or password is wrong. Takes the same time for names that are nobody's.</summary>
    public async ValueTask<StoreOutcome<string?>> SignInAsync(string name, string password, CancellationToken cancellationToken)
    {
        var found = await store.FindAsync(name.Trim(), cancellationToken);
        if (found.Fault is { Kind: not StoreFaultKind.NotFound } fault)
            return fault;
        var user = found.IsSuccess ? found.Value : null;
        var isRight = password.Length <= PasswordCharsMax && PasswordHash.Matches(password, user?.PasswordHash ?? NobodysHash.Value);
        if (!isRight || user is null || user.DisabledAtMs is not null)
            return (string?)null;
        var opened = await OpenSessionAsync(user, cancellationToken);
        return opened.Fault is { } openFault ? openFault : (string?)opened.Value;
    }

    /// <summary>Signs somebody in who has just shown who they are; the cookie.</summary>
    public async ValueTask<StoreOutcome<string>> OpenSessionAsync(UserRecord user, CancellationToken cancellationToken)
    {
        var token = SecretToken.Make();
        var now = NowMs;
        var opened = await store.OpenSessionAsync(new UserSession(SecretToken.Hash(token), user.Id, now, now + (long)SessionLife.TotalMilliseconds), cancellationToken);
        return opened.Fault is { } fault ? fault : token;
    }

    /// <summary>Whose cookie it is; null where nobody's any longer.</summary>
    public async ValueTask<StoreOutcome<UserRecord?>> FindSessionAsync(string token, CancellationToken cancellationToken)
    {
        var found = await store.FindSessionAsync(SecretToken.Hash(token), NowMs, cancellationToken);
        return found.Fault switch
        {
            null => found.Value,
            { Kind: StoreFaultKind.NotFound } => (UserRecord?)null,
            var fault => fault,
        };
    }

    /// <summary>Signs out.</summary>
    public ValueTask<StoreOutcome<int>> CloseSessionAsync(string token, CancellationToken cancellationToken) => store.CloseSessionAsync(SecretToken.Hash(token), cancellationToken);

    /// <summary>A new secret of an address under which a user's feed reader reads without signing in; the one before is refused from now on. The only copy.</summary>
    public async ValueTask<StoreOutcome<string>> MakeFeedTokenAsync(UserRecord user, CancellationToken cancellationToken)
    {
        var token = SecretToken.Make();
        var set = await store.SetFeedTokenAsync(user.Id, SecretToken.Hash(token), NowMs, cancellationToken);
        return set.Fault is { } fault ? fault : token;
    }

    /// <summary>Takes the address away.</summary>
    public ValueTask<StoreOutcome<int>> RevokeFeedTokenAsync(UserRecord user, CancellationToken cancellationToken) => store.SetFeedTokenAsync(user.Id, null, NowMs, cancellationToken);

    /// <summary>When it was made, Unix milliseconds; null where there is none.</summary>
    public ValueTask<StoreOutcome<long?>> FeedTokenMadeAsync(UserRecord user, CancellationToken cancellationToken) => store.FeedTokenMadeAsync(user.Id, cancellationToken);

    /// <summary>Whose feed a secret opens; null where nobody's any longer.</summary>
    public async ValueTask<StoreOutcome<UserRecord?>> FindFeedTokenAsync(string token, CancellationToken cancellationToken)
    {
        var found = await store.FindFeedTokenAsync(SecretToken.Hash(token), cancellationToken);
        return found.Fault switch
        {
            null => found.Value,
            { Kind: StoreFaultKind.NotFound } => (UserRecord?)null,
            var fault => fault,
        };
    }

    /// <summary>Gives a user another role; <see cref="StoreFaultKind.Conflict"/> where no owner would be left.</summary>
    public ValueTask<StoreOutcome<UserRecord>> SetRoleAsync(UserRecord user, UserRole role, CancellationToken cancellationToken) => store.UpdateAsync(user with { Role = role }, cancellationToken);

    /// <summary>Lets a user sign in, or not; <see cref="StoreFaultKind.Conflict"/> where no owner would be left.</summary>
    public ValueTask<StoreOutcome<UserRecord>> SetEnabledAsync(UserRecord user, bool isEnabled, CancellationToken cancellationToken) =>
        store.UpdateAsync(user with { DisabledAtMs = isEnabled ? null : user.DisabledAtMs ?? NowMs }, cancellationToken);

    /// <summary>Another password; every session of the user ends.</summary>
    public ValueTask<StoreOutcome<UserRecord>> SetPasswordAsync(UserRecord user, string password, CancellationToken cancellationToken) =>
        store.UpdateAsync(user with { PasswordHash = PasswordHash.Make(password, Iterations) }, cancellationToken);

    /// <summary>Whether a name can be an account's.</summary>
    public static bool TryCheckName([NotNullWhen(true)] string? name) => name?.Trim() is { Length: > 0 and <= NameCharsMax } trimmed && !trimmed.Any(char.IsControl);

    /// <summary>Whether a password is long enough.</summary>
    public static bool TryCheckPassword([NotNullWhen(true)] string? password) => password is { Length: >= PasswordCharsMin and <= PasswordCharsMax };

    private CreatedInvite NewInvite(UserRole role, string? userId)
    {
        var token = SecretToken.Make();
        return new CreatedInvite(new UserInvite(SecretToken.Hash(token), role, NowMs + (long)InviteLife.TotalMilliseconds, userId), token);
    }
}
