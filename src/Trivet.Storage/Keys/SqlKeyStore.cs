using System.Text.Json;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Keys;
using Trivet.Core.Limits;

namespace Trivet.Storage.Keys;

/// <summary>Keys in the table <c>keys</c>. Every change raises the version in its own transaction and signals it.</summary>
internal sealed class SqlKeyStore(Database database) : IKeyStore
{
    private const string VersionName = "keys";

    private const string Columns = """
        id, organisation, team, name, hash, hint, allowed_models, budget, requests_per_minute, tokens_per_minute,
        created_at_ms, expires_at_ms, revoked_at_ms, logs_payloads, is_admin, concurrent_max, policy, old_hash, old_until_ms
        """;

    private const string InsertSql = $"""
        INSERT INTO keys ({Columns}) VALUES (@Id, @Organisation, @Team, @Name, @Hash, @Hint, @AllowedModels, @Budget, @RequestsPerMinute, @TokensPerMinute,
        @CreatedAtMs, @ExpiresAtMs, @RevokedAtMs, @LogsPayloads, @IsAdmin, @ConcurrentMax, @Policy, @OldHash, @OldUntilMs)
        """;

    private const string UpdateSql = """
        UPDATE keys SET team = @Team, name = @Name, hash = @Hash, hint = @Hint, allowed_models = @AllowedModels, budget = @Budget, requests_per_minute = @RequestsPerMinute,
            tokens_per_minute = @TokensPerMinute, concurrent_max = @ConcurrentMax, expires_at_ms = @ExpiresAtMs, logs_payloads = @LogsPayloads, policy = @Policy, old_hash = @OldHash, old_until_ms = @OldUntilMs
        WHERE id = @Id
        """;

    private const string VersionSql = "SELECT version FROM versions WHERE name = 'keys'";

    public ValueTask<StoreOutcome<KeySet>> LoadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                // The version first: a change in between makes the set newer than its version, which only means that it is loaded once more.
                var version = await connection.ExecuteScalarAsync<long>(VersionSql);
                var rows = await connection.QueryAsync<KeyRow>($"SELECT {Columns} FROM keys ORDER BY created_at_ms, id");
                return new KeySet(version, [.. rows.Select(row => row.ToRecord())]) { Owners = await SqlOwnerStore.ListAsync(connection) };
            },
            cancellationToken);

    public ValueTask<StoreOutcome<KeyRecord>> InsertAsync(KeyRecord key, CancellationToken cancellationToken) =>
        database.WriteAsync<KeyRecord>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync(InsertSql, KeyRow.Of(key), scope.Transaction);
                await AnnounceAsync(scope, cancellationToken);
                return key;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> InsertFirstAsync(KeyRecord key, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope =>
            {
                // Raising the version first locks its row: two nodes cannot both find the table empty.
                await AnnounceAsync(scope, cancellationToken);
                if (await scope.Connection.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM keys", transaction: scope.Transaction) > 0)
                    return false;
                await scope.Connection.ExecuteAsync(InsertSql, KeyRow.Of(key), scope.Transaction);
                return true;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<KeyRecord>> RevokeAsync(
        string idOrName, string organisation, long revokedAtMs, CancellationToken cancellationToken) =>
        database.WriteAsync<KeyRecord>(
            async scope =>
            {
                if (await FindAsync(scope, idOrName, organisation) is not { } key)
                    return Unknown(idOrName, organisation);
                if (key.RevokedAtMs is not null)
                    return key;
                await scope.Connection.ExecuteAsync(
                    "UPDATE keys SET revoked_at_ms = @revokedAtMs WHERE id = @Id AND revoked_at_ms IS NULL", new { revokedAtMs, key.Id }, scope.Transaction);
                await AnnounceAsync(scope, cancellationToken);
                return key with { RevokedAtMs = revokedAtMs };
            },
            cancellationToken);

    public ValueTask<StoreOutcome<KeyRecord>> ChangeAsync(string idOrName, string organisation, Func<KeyRecord, KeyRecord> change, CancellationToken cancellationToken) =>
        database.WriteAsync<KeyRecord>(
            async scope =>
            {
                // First, because it locks: of two people who change one key at the same time, neither undoes what the other did.
                await AnnounceAsync(scope, cancellationToken);
                if (await FindAsync(scope, idOrName, organisation) is not { RevokedAtMs: null } key)
                    return Unknown(idOrName, organisation);
                var changed = change(key) with { Id = key.Id, Organisation = key.Organisation, CreatedAtMs = key.CreatedAtMs };
                await scope.Connection.ExecuteAsync(UpdateSql, KeyRow.Of(changed), scope.Transaction);
                return changed;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken) => database.WaitForVersionAsync(VersionName, VersionSql, version, cancellationToken);

    // A name may have revoked predecessors; the living one, then the newest, is meant. An id beats a name.
    private static async Task<KeyRecord?> FindAsync(WriteScope scope, string idOrName, string organisation) =>
        (await scope.Connection.QueryFirstOrDefaultAsync<KeyRow>(
            $"""
            SELECT {Columns} FROM keys WHERE organisation = @organisation AND (id = @idOrName OR name = @idOrName)
            ORDER BY CASE WHEN id = @idOrName THEN 0 WHEN revoked_at_ms IS NULL THEN 1 ELSE 2 END, created_at_ms DESC LIMIT 1
            """,
            new { organisation, idOrName },
            scope.Transaction))?.ToRecord();

    private static StoreFault Unknown(string idOrName, string organisation) => new(StoreFaultKind.NotFound, $"There is no key {idOrName} in organisation {organisation}.");

    private Task AnnounceAsync(WriteScope scope, CancellationToken cancellationToken) => AnnounceAsync(database, scope, cancellationToken);

    /// <summary>Tells every node that keys or owners have changed.</summary>
    internal static async Task AnnounceAsync(Database database, WriteScope scope, CancellationToken cancellationToken)
    {
        await scope.Connection.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'keys'", transaction: scope.Transaction);
        await database.Engine.SignalAsync(scope, VersionName, cancellationToken);
    }

    /// <summary>A row as the engines have it: text and 64-bit integers.</summary>
    private sealed class KeyRow
    {
        public string Id { get; init; } = "";
        public string Organisation { get; init; } = "";
        public string Team { get; init; } = "";
        public string Name { get; init; } = "";
        public string Hash { get; init; } = "";
        public string Hint { get; init; } = "";
        public string? AllowedModels { get; init; }
        public string? Budget { get; init; }
        public long? RequestsPerMinute { get; init; }
        public long? TokensPerMinute { get; init; }
        public long CreatedAtMs { get; init; }
        public long? ExpiresAtMs { get; init; }
        public long? RevokedAtMs { get; init; }
        public long LogsPayloads { get; init; }
        public long IsAdmin { get; init; }
        public long? ConcurrentMax { get; init; }
        public string Policy { get; init; } = "";
        public string OldHash { get; init; } = "";
        public long? OldUntilMs { get; init; }

        public static KeyRow Of(KeyRecord key) => new()
        {
            Id = key.Id,
            Organisation = key.Organisation,
            Team = key.Team,
            Name = key.Name,
            Hash = key.HashHex,
            Hint = key.Hint,
            AllowedModels = key.AllowedModels is null ? null : JsonSerializer.Serialize(key.AllowedModels),
            Budget = key.Budgets.Count == 0 ? null : Core.Limits.Budget.Join(key.Budgets),
            RequestsPerMinute = key.RequestsPerMinute,
            TokensPerMinute = key.TokensPerMinute,
            CreatedAtMs = key.CreatedAtMs,
            ExpiresAtMs = key.ExpiresAtMs,
            RevokedAtMs = key.RevokedAtMs,
            LogsPayloads = key.LogsPayloads ? 1 : 0,
            IsAdmin = key.IsAdmin ? 1 : 0,
            ConcurrentMax = key.ConcurrentMax,
            Policy = key.Policy,
            OldHash = key.OldHashHex,
            OldUntilMs = key.OldUntilMs,
        };

        public KeyRecord ToRecord() => new()
        {
            Id = Id,
            Organisation = Organisation,
            Team = Team,
            Name = Name,
            HashHex = Hash,
            Hint = Hint,
            AllowedModels = AllowedModels is null ? null : JsonSerializer.Deserialize<string[]>(AllowedModels),
            Budgets = Budget is null ? [] : ParseBudgets(Budget),
            RequestsPerMinute = (int?)RequestsPerMinute,
            TokensPerMinute = (int?)TokensPerMinute,
            CreatedAtMs = CreatedAtMs,
            ExpiresAtMs = ExpiresAtMs,
            RevokedAtMs = RevokedAtMs,
            LogsPayloads = LogsPayloads != 0,
            IsAdmin = IsAdmin != 0,
            ConcurrentMax = (int?)ConcurrentMax,
            Policy = Policy,
            OldHashHex = OldHash,
            OldUntilMs = OldUntilMs,
        };

        // A budget that cannot be read must not turn into "no budget".
        private static IReadOnlyList<Budget> ParseBudgets(string text) =>
            Core.Limits.Budget.TryParseList(text, out var budgets) ? budgets : throw new FormatException($"A stored budget is unreadable: {text}");
    }
}
