using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>Reads attempts in the order of their requests' ids, which begin with the time: by an index that is there anyway, and no further than asked.</summary>
internal sealed class SqlAttemptLog(Database database) : IAttemptLog
{
    private static readonly string Columns = MeteringTables.Names(MeteringTables.Attempts);

    public ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> ReadAsync(long sinceMs, int countMax, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AttemptRecord>>(
            async connection =>
            {
                var newest = await connection.QueryAsync<AttemptRecord>(
                    $"SELECT {Columns} FROM attempts WHERE request_id >= @from AND started_ms >= @sinceMs ORDER BY request_id DESC LIMIT @countMax",
                    new { from = string.Create(null, stackalloc char[32], $"req_{Math.Max(0, sinceMs):x12}"), sinceMs, countMax });
                return [.. newest.OrderBy(attempt => attempt.StartedMs).ThenBy(attempt => attempt.Id, StringComparer.Ordinal)];
            },
            cancellationToken);
}
