using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>
/// Folds <c>usage_hourly</c> into <c>usage_daily</c> and <c>traffic_hourly</c>, a closed day at a time. Sound without anybody's clock: a day is closed while nobody books, so that whoever books into it afterwards finds it in
/// <c>usage_days</c> and marks it. The mark locks its row, so that of booking and folding one sees what the other did, or makes the day stale behind it.
/// </summary>
internal sealed class SqlRollupStore(Database database) : IRollupStore
{
    /// <summary>Older days stay sums by hour: a clock that was wrong once may have booked something in 1970.</summary>
    private const int DaysMax = 1100;

    private const string HourlyTable = "usage_hourly";

    // Ordered, like all who book: two nodes that mark the same days wait for each other, not in a circle.
    private const string MarkSql = "UPDATE usage_days SET is_stale = 1 WHERE day_ms = @dayMs";

    private static readonly string Sums = string.Join(", ", MeteringTables.SumNames);
    private static readonly string SumsOfSums = string.Join(", ", MeteringTables.SumNames.Select(name => $"CAST(SUM({name}) AS BIGINT)"));

    private static readonly string FirstHourSql = $"""
        {KnownOrganisations.With(HourlyTable)}SELECT MIN((SELECT MIN(hour_ms) FROM usage_hourly WHERE organisation = organisations.name)) FROM organisations WHERE name IS NOT NULL
        """;

    // Both tables are keyed by organisation before time.
    private string DailySql => $"""
        {KnownOrganisations.With(HourlyTable)}INSERT INTO usage_daily (organisation, day_ms, team, key_id, route, upstream, upstream_model, currency, {Sums})
        SELECT organisation, @dayMs, team, key_id, route, upstream, upstream_model, currency, {SumsOfSums}
        FROM usage_hourly WHERE {KnownOrganisations.Within(database.Engine)} AND hour_ms >= @dayMs AND hour_ms < @endMs
        GROUP BY organisation, team, key_id, route, upstream, upstream_model, currency
        """;

    private string TrafficSql => $"""
        {KnownOrganisations.With(HourlyTable)}INSERT INTO traffic_hourly (hour_ms, upstream, upstream_model, currency, {Sums})
        SELECT hour_ms, upstream, upstream_model, currency, {SumsOfSums}
        FROM usage_hourly WHERE {KnownOrganisations.Within(database.Engine)} AND hour_ms >= @dayMs AND hour_ms < @endMs
        GROUP BY hour_ms, upstream, upstream_model, currency
        """;

    private string ForgetDailySql => $"{KnownOrganisations.With("usage_daily")}DELETE FROM usage_daily WHERE {KnownOrganisations.Within(database.Engine)} AND day_ms = @dayMs";

    public async ValueTask<StoreOutcome<int>> CloseDaysAsync(long endedMs, CancellationToken cancellationToken)
    {
        var missing = await database.ReadAsync<IReadOnlyList<long>>(
            async connection =>
            {
                if (await connection.ExecuteScalarAsync<long?>(FirstHourSql) is not { } firstMs)
                    return [];
                var closed = (await connection.QueryAsync<long>("SELECT day_ms FROM usage_days")).ToHashSet();
                return [.. DaysBack(endedMs, firstMs).Where(dayMs => !closed.Contains(dayMs))];
            },
            cancellationToken);
        if (missing.Fault is not null || missing.Value.Count == 0)
            return missing.Fault is { } fault ? fault : 0;
        return await database.WriteAsync<int>(
            async scope =>
            {
                await database.Engine.WaitForWritersAsync(scope, HourlyTable, cancellationToken);
                var count = 0;
                foreach (var dayMs in missing.Value)
                    count += await scope.Connection.ExecuteAsync("INSERT INTO usage_days (day_ms, is_stale) VALUES (@dayMs, 1) ON CONFLICT (day_ms) DO NOTHING", new { dayMs }, scope.Transaction);
                return count;
            },
            cancellationToken);
    }

    public ValueTask<StoreOutcome<bool>> FoldNextAsync(CancellationToken cancellationToken) => database.WriteAsync<bool>(
        async scope =>
        {
            var next = await scope.Connection.ExecuteScalarAsync<long?>(
                $"SELECT day_ms FROM usage_days WHERE is_stale = 1 ORDER BY day_ms DESC LIMIT 1{database.Engine.LockFreeRowsSql}", null, scope.Transaction);
            if (next is not { } dayMs)
                return false;
            var day = new { dayMs, endMs = dayMs + UsageParts.MsPerDay };
            foreach (var sql in (string[])["UPDATE usage_days SET is_stale = 0 WHERE day_ms = @dayMs", ForgetDailySql, "DELETE FROM traffic_hourly WHERE hour_ms >= @dayMs AND hour_ms < @endMs", DailySql, TrafficSql])
                await scope.Connection.ExecuteAsync(sql, day, scope.Transaction);
            return true;
        },
        cancellationToken);

    /// <summary>Says that sums were added to hours, behind adding them and in the same transaction: closed days among theirs become stale. One statement for a batch, nearly all of which are of one day.</summary>
    public static async Task MarkAsync(WriteScope scope, IReadOnlyList<HourlyUsage> added)
    {
        var markedMs = -1L;
        foreach (var sum in added) // in the order of their hours
        {
            var dayMs = UsageParts.DayOf(sum.Key.HourMs);
            if (dayMs == markedMs)
                continue;
            markedMs = dayMs;
            await scope.Connection.ExecuteAsync(MarkSql, new { dayMs }, scope.Transaction);
        }
    }

    private static IEnumerable<long> DaysBack(long endedMs, long firstMs)
    {
        var count = 0;
        for (var dayMs = UsageParts.DayOf(endedMs) - UsageParts.MsPerDay; dayMs >= UsageParts.DayOf(firstMs) && count < DaysMax; dayMs -= UsageParts.MsPerDay, count++)
            yield return dayMs;
    }
}
