using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Storage.Payloads;

/// <summary>Recorded payloads in the table <c>payloads</c>.</summary>
internal sealed class SqlPayloadStore(Database database) : IPayloadStore
{
    private const string Columns = "request_id, organisation, at_ms, expires_ms, request, request_bytes, answer, answer_bytes";

    private const string InsertSql = $"""
        INSERT INTO payloads ({Columns}) VALUES (@RequestId, @Organisation, @AtMs, @ExpiresMs, @Request, @RequestBytes, @Answer, @AnswerBytes)
        ON CONFLICT (request_id) DO NOTHING
        """;

    public ValueTask<StoreOutcome<int>> SaveAsync(IReadOnlyList<RecordedPayload> payloads, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(async scope => await scope.Connection.ExecuteAsync(InsertSql, payloads, scope.Transaction), cancellationToken);

    public async ValueTask<StoreOutcome<RecordedPayload>> FindAsync(string requestId, long nowMs, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            connection => connection.QueryFirstOrDefaultAsync<RecordedPayload>($"SELECT {Columns} FROM payloads WHERE request_id = @requestId AND expires_ms > @nowMs", new { requestId, nowMs }), cancellationToken);
        return found.Fault is { } fault ? fault : found.Value is { } payload ? payload : new StoreFault(StoreFaultKind.NotFound, $"No payload of {requestId} is kept.");
    }

    public ValueTask<StoreOutcome<int>> ExpireAsync(long nowMs, CancellationToken cancellationToken) =>
        database.WriteAsync<int>(async scope => await scope.Connection.ExecuteAsync("DELETE FROM payloads WHERE expires_ms <= @nowMs", new { nowMs }, scope.Transaction), cancellationToken);
}
