using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.Storage.Users;

/// <summary>Accounts, invitations, sessions and sent forms in their tables.</summary>
internal sealed class SqlUserStore(Database database) : IUserStore
{
    private const string Columns = "id, name, password_hash, role, created_at_ms, disabled_at_ms";

    /// <summary>How long it is remembered that a form was sent.</summary>
    private const long FormLifeMs = 24 * 60 * 60_000;

    public ValueTask<StoreOutcome<IReadOnlyList<UserRecord>>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<UserRecord>>(
            async connection => [.. (await connection.QueryAsync<UserRow>($"SELECT {Columns} FROM users ORDER BY created_at_ms, id")).Select(row => row.ToRecord())], cancellationToken);

    public async ValueTask<StoreOutcome<UserRecord>> FindAsync(string name, CancellationToken cancellationToken) =>
        OrNotFound(await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<UserRow>($"SELECT {Columns} FROM users WHERE folded_name = @name", new { name = Fold(name) }), cancellationToken));

    public ValueTask<StoreOutcome<UserRecord>> UpdateAsync(UserRecord user, CancellationToken cancellationToken) =>
        database.WriteAsync<UserRecord>(
            async scope =>
            {
                await LockAsync(scope);
                var before = await scope.Connection.QueryFirstOrDefaultAsync<UserRow>($"SELECT {Columns} FROM users WHERE id = @Id", new { user.Id }, scope.Transaction);
                if (before is null)
                    return NoUser();
                await scope.Connection.ExecuteAsync(
                    "UPDATE users SET password_hash = @PasswordHash, role = @Role, disabled_at_ms = @DisabledAtMs WHERE id = @Id",
                    new { user.Id, user.PasswordHash, Role = user.Role.ToString(), user.DisabledAtMs }, scope.Transaction);
                var owners = await scope.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users WHERE role = 'Owner' AND disabled_at_ms IS NULL", transaction: scope.Transaction);
                if (owners == 0)
                    return new StoreFault(StoreFaultKind.Conflict, "Nobody would be left who may manage users.");
                if (user.DisabledAtMs is not null || before.PasswordHash != user.PasswordHash)
                {
                    await EndSessionsAsync(scope, user.Id);
                    await EndInvitesAsync(scope, user.Id);
                }

                return user;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> InviteAsync(UserInvite invite, bool onlyWithoutUsers, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope =>
            {
                await LockAsync(scope);
                if (onlyWithoutUsers && await scope.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM users", transaction: scope.Transaction) > 0)
                    return false;
                await scope.Connection.ExecuteAsync(
                    "INSERT INTO user_invites (hash, role, expires_at_ms, user_id) VALUES (@Hash, @Role, @ExpiresAtMs, @UserId)",
                    new { invite.Hash, Role = invite.Role.ToString(), invite.ExpiresAtMs, invite.UserId }, scope.Transaction);
                return true;
            },
            cancellationToken);

    public async ValueTask<StoreOutcome<UserInvite>> FindInviteAsync(string hash, long nowMs, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<InviteRow>("SELECT hash, role, expires_at_ms, user_id FROM user_invites WHERE hash = @hash AND expires_at_ms > @nowMs", new { hash, nowMs }),
            cancellationToken);
        return found.Fault is { } fault ? fault : found.Value is { } row ? row.ToInvite() : NoInvite();
    }

    public ValueTask<StoreOutcome<UserRecord>> AcceptInviteAsync(string hash, UserRecord user, long nowMs, CancellationToken cancellationToken) =>
        database.WriteAsync<UserRecord>(
            async scope =>
            {
                await LockAsync(scope);
                var invite = await scope.Connection.QueryFirstOrDefaultAsync<InviteRow>(
                    "SELECT hash, role, expires_at_ms, user_id FROM user_invites WHERE hash = @hash AND expires_at_ms > @nowMs", new { hash, nowMs }, scope.Transaction);
                if (invite is null)
                    return NoInvite();
                var accepted = invite.UserId is { } userId ? await SetPasswordAsync(scope, userId, user.PasswordHash) : await InsertAsync(scope, user with { Role = Enum.Parse<UserRole>(invite.Role) });

                // Whoever has the first account needs no other link to make the first account.
                await scope.Connection.ExecuteAsync(
                    "DELETE FROM user_invites WHERE hash = @hash OR expires_at_ms <= @nowMs OR (user_id IS NULL AND role = 'Owner' AND (SELECT COUNT(*) FROM users) = 1)", new { hash, nowMs }, scope.Transaction);
                if (invite.UserId is not null)
                    await EndInvitesAsync(scope, invite.UserId);
                return accepted;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> OpenSessionAsync(UserSession session, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync("DELETE FROM user_sessions WHERE expires_at_ms <= @CreatedAtMs", new { session.CreatedAtMs }, scope.Transaction);
                return await scope.Connection.ExecuteAsync(
                    "INSERT INTO user_sessions (hash, user_id, created_at_ms, expires_at_ms) VALUES (@Hash, @UserId, @CreatedAtMs, @ExpiresAtMs)", session, scope.Transaction);
            },
            cancellationToken);

    public async ValueTask<StoreOutcome<UserRecord>> FindSessionAsync(string hash, long nowMs, CancellationToken cancellationToken) =>
        OrNotFound(await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<UserRow>(
                """
                SELECT u.id, u.name, u.password_hash, u.role, u.created_at_ms, u.disabled_at_ms FROM user_sessions AS s JOIN users AS u ON u.id = s.user_id
                WHERE s.hash = @hash AND s.expires_at_ms > @nowMs AND u.disabled_at_ms IS NULL
                """,
                new { hash, nowMs }),
            cancellationToken));

    public ValueTask<StoreOutcome<int>> CloseSessionAsync(string hash, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(async scope => await scope.Connection.ExecuteAsync("DELETE FROM user_sessions WHERE hash = @hash", new { hash }, scope.Transaction), cancellationToken);

    public ValueTask<StoreOutcome<int>> SetFeedTokenAsync(string userId, string? hash, long nowMs, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => hash is null
                ? await scope.Connection.ExecuteAsync("DELETE FROM feed_tokens WHERE user_id = @userId", new { userId }, scope.Transaction)
                : await scope.Connection.ExecuteAsync(
                    "INSERT INTO feed_tokens (hash, user_id, created_at_ms) VALUES (@hash, @userId, @nowMs) ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, created_at_ms = excluded.created_at_ms",
                    new { hash, userId, nowMs }, scope.Transaction),
            cancellationToken);

    public async ValueTask<StoreOutcome<UserRecord>> FindFeedTokenAsync(string hash, CancellationToken cancellationToken) =>
        OrNotFound(await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<UserRow>(
                """
                SELECT u.id, u.name, u.password_hash, u.role, u.created_at_ms, u.disabled_at_ms FROM feed_tokens AS f JOIN users AS u ON u.id = f.user_id
                WHERE f.hash = @hash AND u.disabled_at_ms IS NULL
                """,
                new { hash }),
            cancellationToken));

    public ValueTask<StoreOutcome<long?>> FeedTokenMadeAsync(string userId, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<long?>("SELECT created_at_ms FROM feed_tokens WHERE user_id = @userId", new { userId }), cancellationToken);

    public ValueTask<StoreOutcome<string?>> BeginFormAsync(string token, long nowMs, CancellationToken cancellationToken) =>
        database.WriteAsync<string?>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync("DELETE FROM form_uses WHERE at_ms < @before", new { before = nowMs - FormLifeMs }, scope.Transaction);
                var inserted = await scope.Connection.ExecuteAsync(
                    "INSERT INTO form_uses (token, at_ms, location) VALUES (@token, @nowMs, '') ON CONFLICT (token) DO NOTHING", new { token, nowMs }, scope.Transaction);
                return inserted == 1 ? (string?)null : await scope.Connection.ExecuteScalarAsync<string>("SELECT location FROM form_uses WHERE token = @token", new { token }, scope.Transaction) ?? "";
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> EndFormAsync(string token, string? location, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync(
                location is null ? "DELETE FROM form_uses WHERE token = @token" : "UPDATE form_uses SET location = @location WHERE token = @token", new { token, location }, scope.Transaction),
            cancellationToken);

    // A link that leaked is worth nothing once another was used.
    private static Task<int> EndInvitesAsync(WriteScope scope, string userId) => scope.Connection.ExecuteAsync("DELETE FROM user_invites WHERE user_id = @userId", new { userId }, scope.Transaction);

    // And with them the address of the feed: whoever knew the password may have made it.
    private static async Task EndSessionsAsync(WriteScope scope, string userId)
    {
        await scope.Connection.ExecuteAsync("DELETE FROM user_sessions WHERE user_id = @userId", new { userId }, scope.Transaction);
        await scope.Connection.ExecuteAsync("DELETE FROM feed_tokens WHERE user_id = @userId", new { userId }, scope.Transaction);
    }

    // One after the other: two who demote the last two owners, or use one link, must see each other.
    private static Task<int> LockAsync(WriteScope scope) => scope.Connection.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'users'", transaction: scope.Transaction);

    private static async Task<StoreOutcome<UserRecord>> InsertAsync(WriteScope scope, UserRecord user)
    {
        var inserted = await scope.Connection.ExecuteAsync(
            """
            INSERT INTO users (id, name, folded_name, password_hash, role, created_at_ms) VALUES (@Id, @Name, @FoldedName, @PasswordHash, @Role, @CreatedAtMs)
            ON CONFLICT (folded_name) DO NOTHING
            """,
            new { user.Id, user.Name, FoldedName = Fold(user.Name), user.PasswordHash, Role = user.Role.ToString(), user.CreatedAtMs }, scope.Transaction);
        return inserted == 1 ? user : new StoreFault(StoreFaultKind.Conflict, $"There is a user {user.Name} already.");
    }

    private static async Task<StoreOutcome<UserRecord>> SetPasswordAsync(WriteScope scope, string userId, string passwordHash)
    {
        await scope.Connection.ExecuteAsync("UPDATE users SET password_hash = @passwordHash WHERE id = @userId", new { userId, passwordHash }, scope.Transaction);
        await EndSessionsAsync(scope, userId);
        var row = await scope.Connection.QueryFirstOrDefaultAsync<UserRow>($"SELECT {Columns} FROM users WHERE id = @userId", new { userId }, scope.Transaction);
        return row is null ? NoUser() : row.ToRecord();
    }

    private static string Fold(string name) => name.ToLowerInvariant();

    private static StoreFault NoUser() => new(StoreFaultKind.NotFound, "There is no such user.");

    private static StoreFault NoInvite() => new(StoreFaultKind.NotFound, "The link was used already, or is too old.");

    private static StoreOutcome<UserRecord> OrNotFound(StoreOutcome<UserRow?> found) => found.Fault is { } fault ? fault : found.Value is { } row ? row.ToRecord() : NoUser();

    private sealed class UserRow
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string PasswordHash { get; init; } = "";
        public string Role { get; init; } = "";
        public long CreatedAtMs { get; init; }
        public long? DisabledAtMs { get; init; }

        public UserRecord ToRecord() => new() { Id = Id, Name = Name, PasswordHash = PasswordHash, Role = Enum.Parse<UserRole>(Role), CreatedAtMs = CreatedAtMs, DisabledAtMs = DisabledAtMs };
    }

    private sealed class InviteRow
    {
        public string Hash { get; init; } = "";
        public string Role { get; init; } = "";
        public long ExpiresAtMs { get; init; }
        public string? UserId { get; init; }

        public UserInvite ToInvite() => new(Hash, Enum.Parse<UserRole>(Role), ExpiresAtMs, UserId);
    }
}
