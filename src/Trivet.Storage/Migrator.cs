using System.Data.Common;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Dapper;
using Microsoft.Extensions.Logging;
using Trivet.Core.Failures;

namespace Trivet.Storage;

/// <summary>One numbered file of SQL, embedded in this assembly.</summary>
internal sealed record Migration(int Version, string Name, string Sql)
{
    public string Checksum { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql)));
}

/// <summary>
/// Brings the schema up to this program's, in one transaction under a lock, so that of many processes that start together one migrates and the others wait.
/// Refuses a database that is newer than the program, or whose history differs from the files here.
/// </summary>
internal sealed partial class Migrator(Database database, TimeProvider time, ILogger logger)
{
    private const string ResourcePrefix = "Trivet.Storage.Migrations.";

    private const string HistorySql = $"""
        CREATE TABLE IF NOT EXISTS {HistoryTable} (
            version       BIGINT NOT NULL PRIMARY KEY,
            name          TEXT   NOT NULL,
            checksum      TEXT   NOT NULL,
            applied_at_ms BIGINT NOT NULL
        )
        """;

    private const string HistoryTable = "schema_migrations";

    private const string AppliedSql = $"SELECT version, name, checksum FROM {HistoryTable} ORDER BY version";

    /// <summary>Files for every engine, and those for <paramref name="dialect"/> alone, in order.</summary>
    public static IReadOnlyList<Migration> For(string dialect)
    {
        var assembly = typeof(Migrator).Assembly;
        return
        [
            .. from resource in assembly.GetManifestResourceNames()
               where resource.StartsWith(ResourcePrefix, StringComparison.Ordinal)
               let parts = resource[ResourcePrefix.Length..].Split('.')
               where parts.Length == 2 || parts[1] == dialect
               let version = int.Parse(parts[0].AsSpan(0, parts[0].IndexOf('_')), NumberStyles.None, CultureInfo.InvariantCulture)
               orderby version
               select new Migration(version, parts[0], Read(resource)),
        ];

        string Read(string resource)
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!);
            return reader.ReadToEnd();
        }
    }

    public ValueTask<StoreFault?> MigrateAsync(CancellationToken cancellationToken) => MigrateAsync(For(database.Engine.DialectName), cancellationToken);

    /// <summary>Null when the schema is as <paramref name="migrations"/> have it.</summary>
    internal async ValueTask<StoreFault?> MigrateAsync(IReadOnlyList<Migration> migrations, CancellationToken cancellationToken)
    {
        // Nearly always it is: verbs beside a server that books must not wait for its commits only to learn that.
        var isDone = await database.ReadAsync(
            async connection => await connection.ExecuteScalarAsync<long>(database.Engine.TablesNamedSql, new { name = HistoryTable }) > 0
                && (await connection.QueryAsync<AppliedRow>(AppliedSql)).AsList() is { } seen && seen.Count == migrations.Count && Mismatch(seen, migrations) is null,
            cancellationToken);
        if (isDone is { IsSuccess: true, Value: true })
            return null;
        var outcome = await database.WriteAsync<int>(
            async scope =>
            {
                await database.Engine.LockSchemaAsync(scope, cancellationToken);
                await ExecuteAsync(scope, HistorySql, cancellationToken);
                var applied = (await scope.Connection.QueryAsync<AppliedRow>(AppliedSql, transaction: scope.Transaction)).AsList();
                if (Mismatch(applied, migrations) is { } fault)
                    return fault;
                foreach (var migration in migrations.Skip(applied.Count))
                    await ApplyAsync(scope, migration, cancellationToken);
                return migrations.Count - applied.Count;
            },
            cancellationToken);
        return outcome.Fault;
    }

    private static StoreFault? Mismatch(List<AppliedRow> applied, IReadOnlyList<Migration> migrations)
    {
        if (applied.Count > migrations.Count)
        {
            return new StoreFault(
                StoreFaultKind.SchemaMismatch,
                $"The database is at schema {applied[^1].Version} ({applied[^1].Name}), this program knows {migrations[^1].Version}. Start a newer trivet, or restore a backup of the older schema.");
        }

        foreach (var (row, migration) in applied.Zip(migrations))
        {
            if (row.Version != migration.Version || row.Checksum != migration.Checksum)
            {
                return new StoreFault(
                    StoreFaultKind.SchemaMismatch,
                    $"The database was made by another build: its schema step {row.Version} ({row.Name}) is not this program's {migration.Name}.");
            }
        }

        return null;
    }

    private async Task ApplyAsync(WriteScope scope, Migration migration, CancellationToken cancellationToken)
    {
        await ExecuteAsync(scope, migration.Sql, cancellationToken);
        await scope.Connection.ExecuteAsync(
            "INSERT INTO schema_migrations (version, name, checksum, applied_at_ms) VALUES (@Version, @Name, @Checksum, @AppliedAtMs)",
            new { migration.Version, migration.Name, migration.Checksum, AppliedAtMs = time.GetUtcNow().ToUnixTimeMilliseconds() },
            scope.Transaction);
        LogApplied(migration.Name);
    }

    private static async Task ExecuteAsync(WriteScope scope, string sql, CancellationToken cancellationToken)
    {
        await using DbCommand command = scope.Connection.CreateCommand();
        command.Transaction = scope.Transaction;
        command.CommandText = sql;
        await command.ExecuteNonQueryAsync(cancellationToken);
    }

    private sealed class AppliedRow
    {
        public long Version { get; init; }
        public string Name { get; init; } = "";
        public string Checksum { get; init; } = "";
    }

    [LoggerMessage(3010, LogLevel.Information, "Schema step {Name} applied")]
    private partial void LogApplied(string name);
}
