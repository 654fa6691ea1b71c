using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>How traffic went: hours from the rollup, attempts by the index of their requests, whose ids are in the order of time.</summary>
internal sealed class SqlTrafficStore(Database database) : ITrafficStore
{
    private const int LookMax = 6_000;

    private static readonly string AttemptColumns = MeteringTables.Names(MeteringTables.Attempts);

    private static readonly string[] Sums =
    [
        "attempts", "failed", "unpriced", "input_uncached_tokens", "input_cache_read_tokens", "input_cache_write5m_tokens", "input_cache_write1h_tokens", "output_text_tokens",
        "output_reasoning_tokens", "cost_nano", "listed", "list_nano",
    ];

    private static readonly string SumColumns = string.Join(", ", Sums.Select(name => $"CAST(SUM({name}) AS BIGINT) AS {name}"));

    public ValueTask<StoreOutcome<IReadOnlyList<TrafficHour>>> HoursAsync(TrafficBy by, long sinceMs, string? upstream, CancellationToken cancellationToken) =>
        database.ReadSnapshotAsync<IReadOnlyList<TrafficHour>>(
            async (connection, transaction) =>
            {
                var parts = await UsageParts.CutAsync(connection, transaction, Math.Max(0, sinceMs) / HourlyKey.MsPerHour * HourlyKey.MsPerHour, null);
                var parameters = new DynamicParameters(new { upstream });
                UsageParts.AddTo(parameters, parts);
                var names = Names(by);
                var sql = $"""
                    {KnownOrganisations.With("usage_hourly")}SELECT {names}, {SumColumns} FROM (
                    {string.Join("\nUNION ALL\n", parts.Select((part, i) => $"SELECT {names}, {SumColumns} FROM {Source(part, i)}{(upstream is null ? "" : " AND upstream = @upstream")} GROUP BY {names}"))}
                    ) AS hours
                    GROUP BY {names} ORDER BY {names}
                    """;
                return (await connection.QueryAsync<TrafficHour>(sql, parameters, transaction)).AsList();
            },
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> AttemptsAsync(long sinceMs, string? upstream, bool onlyFailed, int countMax, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AttemptRecord>>(
            async connection =>
            {
                // From the newest hour on that has any, and no further than is quick: what is found is the newest.
                if (await new NewestHour(null).With("upstream", upstream).Failed(onlyFailed).FindAsync(connection, sinceMs, long.MaxValue) is not { } hourMs)
                    return [];
                var (fromId, untilId) = (IdAt(sinceMs), IdAt(hourMs + HourlyKey.MsPerHour));
                fromId = await connection.ExecuteScalarAsync<string?>(
                    "SELECT request_id FROM attempts WHERE request_id >= @fromId AND request_id < @untilId ORDER BY request_id DESC LIMIT 1 OFFSET @look", new { fromId, untilId, look = LookMax }) ?? fromId;
                return (await connection.QueryAsync<AttemptRecord>(
                    $"""
                    SELECT {AttemptColumns} FROM attempts
                    WHERE request_id >= @fromId AND request_id < @untilId{(upstream is null ? "" : " AND upstream = @upstream")}{(onlyFailed ? " AND failure <> ''" : "")}
                    ORDER BY request_id DESC, ordinal DESC LIMIT @countMax
                    """,
                    new { fromId, untilId, upstream, countMax })).AsList();
            },
            cancellationToken);

    private static string Names(TrafficBy by) => (by.HasFlag(TrafficBy.Hour) ? "hour_ms, " : "") + (by.HasFlag(TrafficBy.Offering) ? "upstream, upstream_model, " : "") + "currency";

    private static string IdAt(long ms) => $"req_{Math.Max(ms, 0):x12}";

    private string Source(UsagePart part, int i) => part.Grain == UsageGrain.Day
        ? $"traffic_hourly WHERE {UsageParts.Within("hour_ms", i)}"
        : $"usage_hourly WHERE {KnownOrganisations.Within(database.Engine)} AND {UsageParts.Within("hour_ms", i)}";
}
