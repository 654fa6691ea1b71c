using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>How traffic went: hours from the rollup, attempts by the index of their requests, whose ids are in the order of time.</summary>
internal sealed class SqlTrafficStore(Database database) : ITrafficStore
{
    private static readonly string AttemptColumns = MeteringTables.Names(MeteringTables.Attempts);

    private static readonly string[] Sums =
    [
        "attempts", "failed", "unpriced", "input_uncached_tokens", "input_cache_read_tokens", "input_cache_write5m_tokens", "input_cache_write1h_tokens", "output_text_tokens",
        "output_reasoning_tokens", "cost_nano", "listed", "list_nano",
    ];

    private static readonly string SumColumns = string.Join(", ", Sums.Select(name => $"CAST(SUM({name}) AS BIGINT) AS {name}"));

    public ValueTask<StoreOutcome<IReadOnlyList<TrafficHour>>> HoursAsync(long sinceMs, string? upstream, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<TrafficHour>>(
            async connection => (await connection.QueryAsync<TrafficHour>(
                $"""
                SELECT hour_ms, upstream, upstream_model, currency, {SumColumns} FROM usage_hourly
                WHERE hour_ms >= @fromMs{(upstream is null ? "" : " AND upstream = @upstream")}
                GROUP BY hour_ms, upstream, upstream_model, currency ORDER BY hour_ms, upstream, upstream_model, currency
                """,
                new { fromMs = sinceMs / HourlyKey.MsPerHour * HourlyKey.MsPerHour, upstream })).AsList(),
            cancellationToken);

    public ValueTask<StoreOutcome<IReadOnlyList<AttemptRecord>>> AttemptsAsync(long sinceMs, string? upstream, bool onlyFailed, int countMax, CancellationToken cancellationToken) =>
        database.ReadAsync<IReadOnlyList<AttemptRecord>>(
            async connection => (await connection.QueryAsync<AttemptRecord>(
                $"""
                SELECT {AttemptColumns} FROM attempts
                WHERE request_id >= @fromId{(upstream is null ? "" : " AND upstream = @upstream")}{(onlyFailed ? " AND failure <> ''" : "")}
                ORDER BY request_id DESC, ordinal DESC LIMIT @countMax
                """,
                new { fromId = $"req_{Math.Max(sinceMs, 0):x12}", upstream, countMax })).AsList(),
            cancellationToken);
}
