using System.Globalization;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>Sums from the hourly rollup, and from the attempts themselves for the part of an hour that a query starts in the middle of.</summary>
internal sealed class SqlUsageStore(Database database) : IUsageStore
{
    private const long MsPerDay = 24 * HourlyKey.MsPerHour;

    private static readonly string Sums = string.Join(", ", MeteringTables.SumNames.Select(name => $"CAST(SUM({name}) AS BIGINT) AS {name}"));

    // One attempt in the shape of a rollup row.
    private const string AttemptAsSums = """
        1 AS attempts, CASE WHEN failure = '' THEN 0 ELSE 1 END AS failed, estimated, CASE WHEN cost_nano IS NULL OR unpriced_meters <> '' THEN 1 ELSE 0 END AS unpriced,
        input_uncached_tokens, input_cache_read_tokens, input_cache_write5m_tokens, input_cache_write1h_tokens,
        output_text_tokens, output_reasoning_tokens, COALESCE(cost_nano, 0) AS cost_nano,
        CASE WHEN list_nano IS NOT NULL AND list_currency = currency THEN 1 ELSE 0 END AS listed,
        CASE WHEN list_nano IS NOT NULL AND list_currency = currency THEN list_nano ELSE 0 END AS list_nano,
        CASE WHEN charge_currency = currency THEN COALESCE(charged_nano, 0) ELSE 0 END AS charged_nano
        """;

    // What was billed in another currency than it cost, beside that.
    private static readonly string BilledAsSums = string.Join(", ", MeteringTables.SumNames.Select(name => name == "charged_nano" ? name : $"0 AS {name}"));

    public async ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var sinceMs = Math.Max(0, query.SinceMs);
        var fullHourMs = (sinceMs + HourlyKey.MsPerHour - 1) / HourlyKey.MsPerHour * HourlyKey.MsPerHour;
        var lines = await database.ReadAsync(
            async connection => (await connection.QueryAsync<UsageLine>(
                Sql(query), new { sinceMs, fullHourMs, partHourMs = fullHourMs - HourlyKey.MsPerHour, query.Organisation, query.Upstream })).AsList(),
            cancellationToken);
        if (lines.Fault is { } fault)
            return fault;
        return StoreOutcome.Of<IReadOnlyList<UsageLine>>(query.By == UsageGroup.Day ? [.. lines.Value.Select(WithDate)] : lines.Value);
    }

    private static string Sql(UsageQuery query)
    {
        var group = query.By switch
        {
            UsageGroup.Key => "key_id",
            UsageGroup.Model => "upstream_model",
            UsageGroup.Upstream => "upstream",
            UsageGroup.Day => $"CAST(time_ms / {MsPerDay} AS TEXT)",
            _ => throw new ArgumentOutOfRangeException(nameof(query)),
        };
        var whose = (query.Organisation is null ? "" : " AND organisation = @Organisation") + (query.Upstream is null ? "" : " AND upstream = @Upstream");

        // The list of organisations makes the first column of the attempts' key usable, so that no index by time alone is needed.
        return $"""
            SELECT {group} AS "group", currency, {Sums}
            FROM (
                SELECT hour_ms AS time_ms, key_id, upstream, upstream_model, currency, {string.Join(", ", MeteringTables.SumNames)}
                FROM usage_hourly WHERE hour_ms >= @fullHourMs{whose}
                UNION ALL
                SELECT started_ms, key_id, upstream, upstream_model, currency, {AttemptAsSums}
                FROM attempts WHERE started_ms >= @sinceMs AND started_ms < @fullHourMs{whose}
                    AND organisation IN (SELECT organisation FROM usage_hourly WHERE hour_ms = @partHourMs)
                UNION ALL
                SELECT started_ms, key_id, upstream, upstream_model, charge_currency, {BilledAsSums}
                FROM attempts WHERE started_ms >= @sinceMs AND started_ms < @fullHourMs{whose} AND charge_currency <> currency AND charged_nano > 0
                    AND organisation IN (SELECT organisation FROM usage_hourly WHERE hour_ms = @partHourMs)
            ) AS usage
            GROUP BY {group}, currency ORDER BY {group}, currency
            """;
    }

    private static UsageLine WithDate(UsageLine line)
    {
        var day = long.Parse(line.Group, CultureInfo.InvariantCulture);
        return line with { Group = DateTimeOffset.FromUnixTimeMilliseconds(day * MsPerDay).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture) };
    }
}
