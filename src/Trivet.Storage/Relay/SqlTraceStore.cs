using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>Reads single requests back.</summary>
internal sealed class SqlTraceStore(Database database) : ITraceStore
{
    private static readonly string RequestColumns = MeteringTables.Names(MeteringTables.Requests);
    private static readonly string AttemptColumns = MeteringTables.Names(MeteringTables.Attempts);

    public async ValueTask<StoreOutcome<RequestTrace>> FindAsync(string requestId, CancellationToken cancellationToken)
    {
        var found = await database.ReadAsync(
            async connection =>
            {
                var request = await connection.QueryFirstOrDefaultAsync<RequestRecord>(
                    $"SELECT {RequestColumns} FROM requests WHERE id = @requestId", new { requestId });
                var attempts = await connection.QueryAsync<AttemptRecord>(
                    $"SELECT {AttemptColumns} FROM attempts WHERE request_id = @requestId ORDER BY ordinal, started_ms, id", new { requestId });
                return new RequestTrace(request, attempts.AsList());
            },
            cancellationToken);
        return found is { IsSuccess: true, Value: { Request: null, Attempts.Count: 0 } }
            ? new StoreFault(StoreFaultKind.NotFound, $"No request {requestId} is booked. A request shows up here within a second of its end.")
            : found;
    }

    public ValueTask<StoreOutcome<IReadOnlyList<RequestRecord>>> ListRecentAsync(int countMax, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<RequestRecord>>(
            async connection => (await connection.QueryAsync<RequestRecord>(
                $"SELECT {RequestColumns} FROM requests ORDER BY id DESC LIMIT @countMax", new { countMax })).AsList(),
            cancellationToken);
}
