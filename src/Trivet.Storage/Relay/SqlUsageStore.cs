using System.Data.Common;
using System.Globalization;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>Sums of folded days, of hours beside them, and of the attempts themselves for the part of an hour that a query starts in the middle of.</summary>
internal sealed class SqlUsageStore(Database database) : IUsageStore
{
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

    private const string Group = "\"group\""; // a word of SQL's own

    private static readonly string[] Cost = ["cost_nano"];

    public ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken) =>
        database.ReadSnapshotAsync(async (connection, transaction) => await LinesAsync(connection, transaction, query, await PartsAsync(connection, transaction, query)), cancellationToken);

    public ValueTask<StoreOutcome<UsageChart>> ChartAsync(UsageQuery query, UsageGroup drawnBy, long stepMs, int groupsMax, CancellationToken cancellationToken) =>
        database.ReadSnapshotAsync(
            async (connection, transaction) =>
            {
                var drawn = query with { By = drawnBy, StepMs = stepMs };
                var parts = await PartsAsync(connection, transaction, drawn);
                var parameters = Parameters(drawn, parts);
                var lines = await LinesAsync(connection, transaction, query, parts);
                var costs = drawnBy == query.By
                    ? lines
                    : await connection.QueryAsync<UsageLine>(GroupCostsSql(drawn, parts), parameters, transaction);
                string[] groups = [.. costs.GroupBy(cost => cost.Group).OrderByDescending(same => same.Sum(cost => cost.CostNano)).Take(groupsMax).Select(same => same.Key)];
                for (var place = 0; place < groups.Length; place++)
                    parameters.Add($"Group{place}", groups[place]);
                return new UsageChart(lines, groups, (await connection.QueryAsync<UsageCost>(StepCostsSql(drawn, parts, groups.Length), parameters, transaction)).AsList());
            },
            cancellationToken);

    private static async Task<IReadOnlyList<UsagePart>> PartsAsync(DbConnection connection, DbTransaction? transaction, UsageQuery query)
    {
        var sinceMs = Math.Max(0, query.SinceMs);
        return AsksHours(query) ? UsageParts.Cut(sinceMs, query.UntilMs, []) : await UsageParts.CutAsync(connection, transaction, sinceMs, query.UntilMs);
    }

    private async Task<IReadOnlyList<UsageLine>> LinesAsync(DbConnection connection, DbTransaction? transaction, UsageQuery query, IReadOnlyList<UsagePart> parts)
    {
        var lines = (await connection.QueryAsync<UsageLine>(LinesSql(query, parts), Parameters(query, parts), transaction)).AsList();
        return query.By switch
        {
            UsageGroup.Day => [.. lines.Select(line => WithTime(line, UsageParts.MsPerDay, "yyyy-MM-dd"))],
            UsageGroup.Hour => [.. lines.Select(line => WithTime(line, HourlyKey.MsPerHour, "yyyy-MM-dd'T'HH:mm'Z'"))],
            _ => lines,
        };
    }

    // A day's sum says nothing of its hours.
    private static bool AsksHours(UsageQuery query) => query.By == UsageGroup.Hour || query.StepMs % UsageParts.MsPerDay != 0;

    private static DynamicParameters Parameters(UsageQuery query, IReadOnlyList<UsagePart> parts)
    {
        var parameters = new DynamicParameters(new { query.Organisation, query.Upstream, query.Team, query.KeyId, query.Route, query.Model, query.StepMs });
        UsageParts.AddTo(parameters, parts);

        // One by one: the drivers disagree about lists.
        for (var place = 0; place < query.Models?.Count; place++)
            parameters.Add($"Maker{place}", query.Models[place]);
        return parameters;
    }

    private string LinesSql(UsageQuery query, IReadOnlyList<UsagePart> parts) =>
        Sql(query, parts, time => query.StepMs > 0 ? [("start_ms", Step(time)), (Group, GroupOf(query, time))] : [(Group, GroupOf(query, time))], MeteringTables.SumNames);

    private string GroupCostsSql(UsageQuery query, IReadOnlyList<UsagePart> parts) => Sql(query, parts, time => [(Group, GroupOf(query, time))], Cost);

    // All groups but the drawn ones are one: ninety days of two hundred keys are some hundred lines, and not eighteen thousand.
    private string StepCostsSql(UsageQuery query, IReadOnlyList<UsagePart> parts, int drawnCount)
    {
        var places = string.Join(", ", Enumerable.Range(0, drawnCount).Select(place => $"@Group{place}"));
        return Sql(query, parts, time => [("start_ms", Step(time)), (Group, drawnCount == 0 ? "CAST(NULL AS TEXT)" : $"CASE WHEN {GroupOf(query, time)} IN ({places}) THEN {GroupOf(query, time)} END")], Cost);
    }

    // Each part is added up by itself first: what is added up of a union is copied row by row before, which takes longer than adding.
    private string Sql(UsageQuery query, IReadOnlyList<UsagePart> parts, Func<string, (string Name, string Value)[]> cut, IEnumerable<string> summed)
    {
        var by = string.Join(", ", cut("").Select(column => column.Name).Append("currency"));
        var sums = string.Join(", ", summed.Select(name => $"CAST(SUM({name}) AS BIGINT) AS {name}"));
        var added = Sources(query, parts).Select(source =>
        {
            var columns = cut(source.Time);
            return $"SELECT {string.Join(", ", columns.Select(column => $"{column.Value} AS {column.Name}"))}, currency, {sums} FROM {source.From} GROUP BY {string.Join(", ", Enumerable.Range(1, columns.Length + 1))}";
        });
        return $"""
            {(query.Organisation is null ? KnownOrganisations.With("usage_hourly") : "")}SELECT {by}, {sums} FROM (
            {string.Join("\nUNION ALL\n", added)}
            ) AS parts
            GROUP BY {by} ORDER BY {by}
            """;
    }

    private static string Step(string time) => $"{time} - {time} % @StepMs";

    private static string GroupOf(UsageQuery query, string time) => query.By switch
    {
        UsageGroup.Key => "key_id",
        UsageGroup.Model => "upstream_model",
        UsageGroup.Upstream => "upstream",
        UsageGroup.Organisation => "organisation",
        UsageGroup.Team => "organisation || '/' || team",
        UsageGroup.Route => "route",
        UsageGroup.Day => $"CAST({time} / {UsageParts.MsPerDay} AS TEXT)",
        UsageGroup.Hour => $"CAST({time} / {HourlyKey.MsPerHour} AS TEXT)",
        _ => throw new ArgumentOutOfRangeException(nameof(query)),
    };

    // What each part is read from, and its column with the time.
    private IEnumerable<(string Time, string From)> Sources(UsageQuery query, IReadOnlyList<UsagePart> parts)
    {
        var whose = (query.Organisation is null ? $" AND {KnownOrganisations.Within(database.Engine)}" : " AND organisation = @Organisation")
            + (query.Upstream is null ? "" : " AND upstream = @Upstream") + (query.Team is null ? "" : " AND team = @Team") + (query.KeyId is null ? "" : " AND key_id = @KeyId")
            + (query.Route is null ? "" : " AND route = @Route") + (query.Model is null ? "" : " AND upstream_model = @Model") + (query.Models is null ? "" : $" AND upstream_model IN ({string.Join(", ", query.Models.Select((_, place) => $"@Maker{place}"))})");
        const string Columns = "started_ms, organisation, team, key_id, route, upstream, upstream_model";
        for (var i = 0; i < parts.Count; i++)
        {
            switch (parts[i].Grain)
            {
                case UsageGrain.Day:
                    yield return ("day_ms", $"usage_daily WHERE {UsageParts.Within("day_ms", i)}{whose}");
                    break;
                case UsageGrain.Hour:
                    yield return ("hour_ms", $"usage_hourly WHERE {UsageParts.Within("hour_ms", i)}{whose}");
                    break;
                default:
                    var within = UsageParts.Within("started_ms", i);
                    yield return ("started_ms", $"(SELECT {Columns}, currency, {AttemptAsSums} FROM attempts WHERE {within}{whose}) AS spent");
                    yield return ("started_ms", $"(SELECT {Columns}, charge_currency AS currency, {BilledAsSums} FROM attempts WHERE {within}{whose} AND charge_currency <> currency AND charged_nano > 0) AS billed");
                    break;
            }
        }
    }

    private static UsageLine WithTime(UsageLine line, long unitMs, string format)
    {
        var unit = long.Parse(line.Group, CultureInfo.InvariantCulture);
        return line with { Group = DateTimeOffset.FromUnixTimeMilliseconds(unit * unitMs).ToString(format, CultureInfo.InvariantCulture) };
    }
}
