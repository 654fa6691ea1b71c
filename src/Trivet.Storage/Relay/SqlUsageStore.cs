using System.Globalization;
using Dapper;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;

namespace Trivet.Storage.Relay;

/// <summary>Sums of folded days, of hours beside them, and of the attempts themselves for the part of an hour that a query starts in the middle of.</summary>
internal sealed class SqlUsageStore(Database database) : IUsageStore
{
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

    private static readonly string SumNames = string.Join(", ", MeteringTables.SumNames);

    public async ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var sinceMs = Math.Max(0, query.SinceMs);
        var lines = await database.ReadSnapshotAsync(
            async (connection, transaction) =>
            {
                var parts = AsksHours(query) ? UsageParts.Cut(sinceMs, query.UntilMs, []) : await UsageParts.CutAsync(connection, transaction, sinceMs, query.UntilMs);
                return (await connection.QueryAsync<UsageLine>(Sql(query, parts), Parameters(query, parts), transaction)).AsList();
            },
            cancellationToken);
        if (lines.Fault is { } fault)
            return fault;
        return query.By switch
        {
            UsageGroup.Day => StoreOutcome.Of<IReadOnlyList<UsageLine>>([.. lines.Value.Select(line => WithTime(line, UsageParts.MsPerDay, "yyyy-MM-dd"))]),
            UsageGroup.Hour => StoreOutcome.Of<IReadOnlyList<UsageLine>>([.. lines.Value.Select(line => WithTime(line, HourlyKey.MsPerHour, "yyyy-MM-dd'T'HH:mm'Z'"))]),
            _ => StoreOutcome.Of<IReadOnlyList<UsageLine>>(lines.Value),
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

    private string Sql(UsageQuery query, IReadOnlyList<UsagePart> parts)
    {
        var group = query.By switch
        {
            UsageGroup.Key => "key_id",
            UsageGroup.Model => "upstream_model",
            UsageGroup.Upstream => "upstream",
            UsageGroup.Organisation => "organisation",
            UsageGroup.Team => "organisation || '/' || team",
            UsageGroup.Route => "route",
            UsageGroup.Day => $"CAST(time_ms / {UsageParts.MsPerDay} AS TEXT)",
            UsageGroup.Hour => $"CAST(time_ms / {HourlyKey.MsPerHour} AS TEXT)",
            _ => throw new ArgumentOutOfRangeException(nameof(query)),
        };
        const string Step = "time_ms - time_ms % @StepMs";
        var (step, groupStep) = query.StepMs > 0 ? ($"{Step} AS start_ms, ", $"{Step}, ") : ("", "");
        var with = query.Organisation is null ? KnownOrganisations.With("usage_hourly") : "";
        return $"""
            {with}SELECT {group} AS "group", {step}currency, {Sums}
            FROM (
            {string.Join("\nUNION ALL\n", Selects(query, parts))}
            ) AS usage
            GROUP BY {groupStep}{group}, currency ORDER BY {groupStep}{group}, currency
            """;
    }

    private IEnumerable<string> Selects(UsageQuery query, IReadOnlyList<UsagePart> parts)
    {
        var whose = (query.Organisation is null ? $" AND {KnownOrganisations.Within(database.Engine)}" : " AND organisation = @Organisation")
            + (query.Upstream is null ? "" : " AND upstream = @Upstream") + (query.Team is null ? "" : " AND team = @Team") + (query.KeyId is null ? "" : " AND key_id = @KeyId")
            + (query.Route is null ? "" : " AND route = @Route") + (query.Model is null ? "" : " AND upstream_model = @Model") + (query.Models is null ? "" : $" AND upstream_model IN ({string.Join(", ", query.Models.Select((_, place) => $"@Maker{place}"))})");
        const string Columns = "organisation, team, key_id, route, upstream, upstream_model";
        for (var i = 0; i < parts.Count; i++)
        {
            switch (parts[i].Grain)
            {
                case UsageGrain.Day:
                    yield return $"SELECT day_ms AS time_ms, {Columns}, currency, {SumNames} FROM usage_daily WHERE {UsageParts.Within("day_ms", i)}{whose}";
                    break;
                case UsageGrain.Hour:
                    yield return $"SELECT hour_ms AS time_ms, {Columns}, currency, {SumNames} FROM usage_hourly WHERE {UsageParts.Within("hour_ms", i)}{whose}";
                    break;
                default:
                    var within = UsageParts.Within("started_ms", i);
                    yield return $"SELECT started_ms AS time_ms, {Columns}, currency, {AttemptAsSums} FROM attempts WHERE {within}{whose}";
                    yield return $"SELECT started_ms AS time_ms, {Columns}, charge_currency AS currency, {BilledAsSums} FROM attempts WHERE {within}{whose} AND charge_currency <> currency AND charged_nano > 0";
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
