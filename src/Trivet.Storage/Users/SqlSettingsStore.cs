using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Users;

namespace Trivet.Storage.Users;

/// <summary>Settings in the table <c>settings</c>.</summary>
internal sealed class SqlSettingsStore(Database database, TimeProvider time) : ISettingsStore
{
    private const string FindSql = "SELECT value FROM settings WHERE name = @name";

    public ValueTask<StoreOutcome<string?>> FindAsync(string name, CancellationToken cancellationToken) =>
        database.ReadAsync(connection => connection.ExecuteScalarAsync<string?>(FindSql, new { name }), cancellationToken);

    public ValueTask<StoreOutcome<int>> SetAsync(string name, string value, string by, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync(
                """
                INSERT INTO settings (name, value, set_by, updated_at_ms) VALUES (@name, @value, @by, @nowMs)
                ON CONFLICT (name) DO UPDATE SET value = excluded.value, set_by = excluded.set_by, updated_at_ms = excluded.updated_at_ms
                """,
                new { name, value, by, nowMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, scope.Transaction),
            cancellationToken);

    public ValueTask<StoreOutcome<string>> GetOrAddAsync(string name, string value, CancellationToken cancellationToken) =>
        database.WriteAsync<string>(
            async scope =>
            {
                await scope.Connection.ExecuteAsync(
                    "INSERT INTO settings (name, value, set_by, updated_at_ms) VALUES (@name, @value, '', @nowMs) ON CONFLICT (name) DO NOTHING",
                    new { name, value, nowMs = time.GetUtcNow().ToUnixTimeMilliseconds() }, scope.Transaction);
                return (await scope.Connection.ExecuteScalarAsync<string>(FindSql, new { name }, scope.Transaction))!;
            },
            cancellationToken);
}
