using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Snapshots.ConsoleMade;

namespace Trivet.Storage.Snapshots;

/// <summary>Policies and routes of the console in the table <c>console_rules</c>. Every change raises the version in its own transaction and signals it.</summary>
internal sealed class SqlConsoleRuleStore(Database database) : IConsoleRuleStore
{
    private const string SignalName = "console_rules";
    private const string VersionSql = "SELECT version FROM versions WHERE name = 'console_rules'";

    public ValueTask<StoreOutcome<ConsoleRuleSet>> LoadAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            async connection =>
            {
                // The version first: a change in between makes the set newer than its version, which only means that it is loaded once more.
                var version = await connection.ExecuteScalarAsync<long>(VersionSql);
                var rows = await connection.QueryAsync<Row>("SELECT kind, name, definition, set_by, updated_at_ms FROM console_rules ORDER BY kind, name");
                return new ConsoleRuleSet(version, [.. rows.Select(row => row.ToRecord())]);
            },
            cancellationToken);

    public ValueTask<StoreOutcome<int>> SaveAsync(ConsoleRule rule, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                var count = await scope.Connection.ExecuteAsync(
                    """
                    INSERT INTO console_rules (kind, name, definition, set_by, updated_at_ms) VALUES (@Kind, @Name, @Definition, @SetBy, @UpdatedAtMs)
                    ON CONFLICT (kind, name) DO UPDATE SET definition = excluded.definition, set_by = excluded.set_by, updated_at_ms = excluded.updated_at_ms
                    """,
                    new { Kind = Word(rule.Kind), rule.Name, rule.Definition, rule.SetBy, rule.UpdatedAtMs }, scope.Transaction);
                await AnnounceAsync(scope, cancellationToken);
                return count;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<bool>> DeleteAsync(ConsoleRuleKind kind, string name, CancellationToken cancellationToken) =>
        database.WriteAsync<bool>(
            async scope =>
            {
                var count = await scope.Connection.ExecuteAsync("DELETE FROM console_rules WHERE kind = @kind AND name = @name", new { kind = Word(kind), name }, scope.Transaction);
                await AnnounceAsync(scope, cancellationToken);
                return count > 0;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<long>> WaitForChangeAsync(long version, CancellationToken cancellationToken) => database.WaitForVersionAsync(SignalName, VersionSql, version, cancellationToken);

    private static string Word(ConsoleRuleKind kind) => kind switch
    {
        ConsoleRuleKind.Policy => "policy",
        ConsoleRuleKind.Route => "route",
        _ => "audits",
    };

    private async Task AnnounceAsync(WriteScope scope, CancellationToken cancellationToken)
    {
        await scope.Connection.ExecuteAsync("UPDATE versions SET version = version + 1 WHERE name = 'console_rules'", transaction: scope.Transaction);
        await database.Engine.SignalAsync(scope, SignalName, cancellationToken);
    }

    private sealed class Row
    {
        public string Kind { get; init; } = "";
        public string Name { get; init; } = "";
        public string Definition { get; init; } = "";
        public string SetBy { get; init; } = "";
        public long UpdatedAtMs { get; init; }

        public ConsoleRule ToRecord() => new(Kind switch { "policy" => ConsoleRuleKind.Policy, "route" => ConsoleRuleKind.Route, _ => ConsoleRuleKind.Audits }, Name, Definition) { SetBy = SetBy, UpdatedAtMs = UpdatedAtMs };
    }
}
