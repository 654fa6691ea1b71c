using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Scorecards;

namespace Trivet.Storage.Scorecards;

/// <summary>Scorecards in the table <c>scorecards</c>.</summary>
internal sealed class SqlScorecardStore(Database database) : IScorecardStore
{
    private const string LoadSql = "SELECT node, kind, subject, as_of_ms, content FROM scorecards WHERE as_of_ms > @sinceMs ORDER BY kind, subject, node";

    private static readonly BatchInsert<ScorecardRow> Rows = new(
        "scorecards", "(node, kind, subject) DO UPDATE SET as_of_ms = excluded.as_of_ms, content = excluded.content", null,
        [
            BatchColumn<ScorecardRow>.Text("node", row => row.Node),
            BatchColumn<ScorecardRow>.Text("kind", row => row.Kind),
            BatchColumn<ScorecardRow>.Text("subject", row => row.Subject),
            BatchColumn<ScorecardRow>.Number("as_of_ms", row => row.AsOfMs),
            BatchColumn<ScorecardRow>.Text("content", row => row.Content),
        ]);

    public ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<ScorecardRow> rows, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope =>
            {
                await database.Engine.InsertAsync(scope, Rows, rows, cancellationToken);
                return rows.Count;
            },
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<ScorecardRow>>> LoadAsync(long sinceMs, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<ScorecardRow>>(
            async connection => [.. await connection.QueryAsync<ScorecardRow>(new CommandDefinition(LoadSql, new { sinceMs }, cancellationToken: cancellationToken))],
            cancellationToken);

    public ValueTask<StoreOutcome<int>> DeleteAsync(string node, IReadOnlyList<ScoreSubject> subjects, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync(
                "DELETE FROM scorecards WHERE node = @node AND kind = @kind AND subject = @subject", subjects.Select(subject => new { node, kind = subject.KindWord, subject = subject.Id }), scope.Transaction),
            cancellationToken);

    public ValueTask<StoreOutcome<int>> ExpireAsync(long beforeMs, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(
            async scope => await scope.Connection.ExecuteAsync("DELETE FROM scorecards WHERE as_of_ms <= @beforeMs", new { beforeMs }, scope.Transaction),
            cancellationToken);
}
