using System.Text.Json;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.Storage.Snapshots;

/// <summary>Upstreams of the console in the table <c>console_upstreams</c>. Every change raises the version in its own transaction and signals it.</summary>
internal sealed class SqlConsoleUpstreamStore(Database database) : IConsoleUpstreamStore
{
    private const string SignalName = "console_upstreams";
    private const string VersionSql = "SELECT version FROM versions WHERE name = 'console_upstreams'";

    public ValueTask<StoreOutcome<ConsoleUpstreamSet>> LoadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                // The version first: a change in between makes the set newer than its version, which only means that it is loaded once more.
                var version = await connection.ExecuteScalarAsync<long>(VersionSql);
                var rows = await connection.QueryAsync<Row>("SELECT name, definition, credentials, is_disabled, set_by, updated_at_ms FROM console_upstreams ORDER BY name");
                return new ConsoleUpstreamSet(version, [.. rows.Select(row => row.ToRecord())]);
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> SaveAsync(ConsoleUpstream upstream, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                var count = await scope.Connection.ExecuteAsync(
                    """
                    INSERT INTO console_upstreams (name, definition, credentials, is_disabled, set_by, updated_at_ms) VALUES (@Name, @Definition, @Credentials, @IsDisabled, @SetBy, @UpdatedAtMs)
                    ON CONFLICT (name) DO UPDATE SET definition = excluded.definition, credentials = excluded.credentials, is_disabled = excluded.is_disabled,
                        set_by = excluded.set_by, updated_at_ms = excluded.updated_at_ms
                    """,
                    new { upstream.Name, upstream.Definition, Credentials = JsonSerializer.Serialize(upstream.SealedKeys), IsDisabled = upstream.IsDisabled ? 1L : 0, upstream.SetBy, upstream.UpdatedAtMs }, scope.Transaction);
                await AnnounceAsync(scope, cancellationToken);
                return count;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> DeleteAsync(string name, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope =>
            {
                var count = await scope.Connection.ExecuteAsync("DELETE FROM console_upstreams WHERE name = @name", new { name }, scope.Transaction);
                await AnnounceAsync(scope, cancellationToken);
                return count > 0;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken) => database.WaitForVersionAsync(SignalName, VersionSql, version, cancellationToken);

    private async Task AnnounceAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        await scope.Connection.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'console_upstreams'", transaction: scope.Transaction);
        await database.Engine.SignalAsync(scope, SignalName, cancellationToken);
    }

    private sealed class Row
    {
        public string Name { get; init; } = "";
        public string Definition { get; init; } = "";
        public string Credentials { get; init; } = "";
        public long IsDisabled { get; init; }
        public string SetBy { get; init; } = "";
        public long UpdatedAtMs { get; init; }

        public ConsoleUpstream ToRecord() => new()
        {
            Name = Name,
            Definition = Definition,
            SealedKeys = JsonSerializer.Deserialize<string[]>(Credentials) ?? [],
            IsDisabled = IsDisabled != 0,
            SetBy = SetBy,
            UpdatedAtMs = UpdatedAtMs,
        };
    }
}
