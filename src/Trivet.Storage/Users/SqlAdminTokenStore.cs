using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.Storage.Users;

/// <summary>Tokens of the admin API in the table <c>admin_tokens</c>.</summary>
internal sealed class SqlAdminTokenStore(Database database) : IAdminTokenStore
{
    private const string Columns = "id, name, role, hash, hint, created_at_ms, expires_at_ms, revoked_at_ms";

    public ValueTask<StoreOutcome<IReadOnlyList<AdminToken>>> ListAsync(CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AdminToken>>(
            async connection => [.. (await connection.QueryAsync<Row>($"SELECT {Columns} FROM admin_tokens ORDER BY created_at_ms, id")).Select(row => row.ToToken())], cancellationToken);

    public ValueTask<StoreOutcome<AdminToken>> InsertAsync(AdminToken token, CancellationToken cancellationToken) =>
        database.WriteAsync<AdminToken>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync(
                    $"INSERT INTO admin_tokens ({Columns}) VALUES (@Id, @Name, @role, @HashHex, @Hint, @CreatedAtMs, @ExpiresAtMs, @RevokedAtMs)",
                    new { token.Id, token.Name, role = token.Role.ToString().ToLowerInvariant(), token.HashHex, token.Hint, token.CreatedAtMs, token.ExpiresAtMs, token.RevokedAtMs },
                    scope.Transaction);
                return token;
            },
            cancellationToken);

    public async ValueTask<StoreOutcome<AdminToken>> FindAsync(string hashHex, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            async connection => (await connection.QueryFirstOrDefaultAsync<Row>($"SELECT {Columns} FROM admin_tokens WHERE hash = @hashHex", new { hashHex }))?.ToToken(), cancellationToken);
        return found.Fault is { } fault ? fault : found.Value is { } token ? token : new StoreFault(StoreFaultKind.NotFound, "There is no such token.");
    }

    public ValueTask<StoreOutcome<AdminToken>> RevokeAsync(string idOrName, long revokedAtMs, CancellationToken cancellationToken) =>
        database.WriteAsync<AdminToken>(
            async scope =>
            {
                var row = await scope.Connection.QueryFirstOrDefaultAsync<Row>(
                    $"SELECT {Columns} FROM admin_tokens WHERE id = @idOrName OR name = @idOrName ORDER BY CASE WHEN id = @idOrName THEN 0 WHEN revoked_at_ms IS NULL THEN 1 ELSE 2 END, created_at_ms DESC LIMIT 1",
                    new { idOrName }, scope.Transaction);
                if (row is null)
                    return new StoreFault(StoreFaultKind.NotFound, $"There is no admin token {idOrName}.");
                if (row.RevokedAtMs is not null)
                    return row.ToToken();
                await scope.Connection.ExecuteAsync("UPDATE admin_tokens SET revoked_at_ms = @revokedAtMs WHERE id = @Id", new { revokedAtMs, row.Id }, scope.Transaction);
                return row.ToToken() with { RevokedAtMs = revokedAtMs };
            },
            cancellationToken);

    private sealed class Row
    {
        public string Id { get; init; } = "";
        public string Name { get; init; } = "";
        public string Role { get; init; } = "";
        public string Hash { get; init; } = "";
        public string Hint { get; init; } = "";
        public long CreatedAtMs { get; init; }
        public long? ExpiresAtMs { get; init; }
        public long? RevokedAtMs { get; init; }

        // A role that cannot be read must not turn into one that may more.
        public AdminToken ToToken() => new()
        {
            Id = Id,
            Name = Name,
            Role = Enum.TryParse<UserRole>(Role, ignoreCase: true, out var role) ? role : throw new FormatException($"A stored role is unreadable: {Role}"),
            HashHex = Hash,
            Hint = Hint,
            CreatedAtMs = CreatedAtMs,
            ExpiresAtMs = ExpiresAtMs,
            RevokedAtMs = RevokedAtMs,
        };
    }
}
