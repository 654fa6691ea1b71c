using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>Reads attempts in the order of their requests' ids, which begin with the time: by an index that is there anyway, and no further than asked.</summary>
internal sealed class SqlAttemptLog(Database database) : IAttemptLog
{
    private static readonly string Columns = MeteringTables.Names(MeteringTables.Attempts);

    public ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> ReadAsync(long sinceMs, int countMax, string? route, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AttemptRecord>>(
            async connection =>
            {
                // The index alone says where to stop; rows of other routes are not taken out of the database.
                var fromId = string.Create(null, stackalloc char[32], $"req_{Math.Max(0, sinceMs):x12}");
                fromId = await connection.ExecuteScalarAsync<string?>("SELECT request_id FROM attempts WHERE request_id >= @fromId ORDER BY request_id DESC LIMIT 1 OFFSET @last", new { fromId, last = countMax - 1 }) ?? fromId;
                var newest = await connection.QueryAsync<AttemptRecord>(
                    $"SELECT {Columns} FROM attempts WHERE request_id >= @fromId AND started_ms >= @sinceMs{(route is null ? "" : " AND route = @route")} ORDER BY request_id DESC LIMIT @countMax", new { fromId, sinceMs, route, countMax });
                return [.. newest.OrderBy(attempt => attempt.StartedMs).ThenBy(attempt => attempt.Id, StringComparer.Ordinal)];
            },
            cancellationToken);
}
