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

    private static readonly string HourlySums = string.Join(", ", MeteringTables.SumNames);

    public async ValueTask<StoreOutcome<IReadOnlyList<UsageLine>>> QueryAsync(UsageQuery query, CancellationToken cancellationToken)
    {
        var span = new HourSpan(Math.Max(0, query.SinceMs), query.UntilMs);
        var lines = await database.ReadAsync(
            async connection => (await connection.QueryAsync<UsageLine>(
                Sql(query, span),
                Parameters(query, span))).AsList(),
            cancellationToken);
        if (lines.Fault is { } fault)
            return fault;
        return query.By switch
        {
            UsageGroup.Day => StoreOutcome.Of<IReadOnlyList<UsageLine>>([.. lines.Value.Select(line => WithTime(line, MsPerDay, "yyyy-MM-dd"))]),
            UsageGroup.Hour => StoreOutcome.Of<IReadOnlyList<UsageLine>>([.. lines.Value.Select(line => WithTime(line, HourlyKey.MsPerHour, "yyyy-MM-dd'T'HH:mm'Z'"))]),
            _ => StoreOutcome.Of<IReadOnlyList<UsageLine>>(lines.Value),
        };
    }

    // One by one: the drivers disagree about lists.
    private static DynamicParameters Parameters(UsageQuery query, HourSpan span)
    {
        var parameters = new DynamicParameters(new { span.SinceMs, span.FullFromMs, span.FullUntilMs, span.UntilMs, query.Organisation, query.Upstream, query.Team, query.KeyId, query.Route, query.Model, query.StepMs });
        for (var place = 0; place < query.Models?.Count; place++)
            parameters.Add($"Maker{place}", query.Models[place]);
        return parameters;
    }

    private static string Sql(UsageQuery query, HourSpan span)
    {
        var group = query.By switch
        {
            UsageGroup.Key => "key_id",
            UsageGroup.Model => "upstream_model",
            UsageGroup.Upstream => "upstream",
            UsageGroup.Organisation => "organisation",
            UsageGroup.Team => "organisation || '/' || team",
            UsageGroup.Route => "route",
            UsageGroup.Day => $"CAST(time_ms / {MsPerDay} AS TEXT)",
            UsageGroup.Hour => $"CAST(time_ms / {HourlyKey.MsPerHour} AS TEXT)",
            _ => throw new ArgumentOutOfRangeException(nameof(query)),
        };
        const string Step = "time_ms - time_ms % @StepMs";
        var (step, groupStep) = query.StepMs > 0 ? ($"{Step} AS start_ms, ", $"{Step}, ") : ("", "");
        var with = query.Organisation is null ? KnownOrganisations.With("usage_hourly") : "";
        return $"""
            {with}SELECT {group} AS "group", {step}currency, {Sums}
            FROM (
            {string.Join("\nUNION ALL\n", Parts(query, span))}
            ) AS usage
            GROUP BY {groupStep}{group}, currency ORDER BY {groupStep}{group}, currency
            """;
    }

    // Whole hours from the rollup, what is beside them from the attempts.
    private static IEnumerable<string> Parts(UsageQuery query, HourSpan span)
    {
        var whose = (query.Organisation is null ? $" AND organisation IN {KnownOrganisations.Set}" : " AND organisation = @Organisation")
            + (query.Upstream is null ? "" : " AND upstream = @Upstream") + (query.Team is null ? "" : " AND team = @Team") + (query.KeyId is null ? "" : " AND key_id = @KeyId")
            + (query.Route is null ? "" : " AND route = @Route") + (query.Model is null ? "" : " AND upstream_model = @Model") + (query.Models is null ? "" : $" AND upstream_model IN ({string.Join(", ", query.Models.Select((_, place) => $"@Maker{place}"))})");
        const string Columns = "organisation, team, key_id, route, upstream, upstream_model";
        yield return $"SELECT hour_ms AS time_ms, {Columns}, currency, {HourlySums} FROM usage_hourly WHERE hour_ms >= @FullFromMs AND hour_ms < @FullUntilMs{whose}";
        foreach (var within in span.Rests)
        {
            yield return $"SELECT started_ms, {Columns}, currency, {AttemptAsSums} FROM attempts WHERE {within}{whose}";
            yield return $"SELECT started_ms, {Columns}, charge_currency, {BilledAsSums} FROM attempts WHERE {within}{whose} AND charge_currency <> currency AND charged_nano > 0";
        }
    }

    private static UsageLine WithTime(UsageLine line, long unitMs, string format)
    {
        var unit = long.Parse(line.Group, CultureInfo.InvariantCulture);
        return line with { Group = DateTimeOffset.FromUnixTimeMilliseconds(unit * unitMs).ToString(format, CultureInfo.InvariantCulture) };
    }

    /// <summary>A span of time, the whole hours in it, and what is left at its ends. Unix milliseconds; ends are exclusive.</summary>
    private sealed class HourSpan
    {
        private const long Forever = long.MaxValue;

        public HourSpan(long sinceMs, long? untilMs)
        {
            SinceMs = sinceMs;
            UntilMs = untilMs ?? Forever;
            FullFromMs = sinceMs > Forever - HourlyKey.MsPerHour ? sinceMs : (sinceMs + HourlyKey.MsPerHour - 1) / HourlyKey.MsPerHour * HourlyKey.MsPerHour;
            FullUntilMs = untilMs is null ? Forever : UntilMs / HourlyKey.MsPerHour * HourlyKey.MsPerHour;
        }

        public long SinceMs { get; }
        public long UntilMs { get; }
        public long FullFromMs { get; }
        public long FullUntilMs { get; }

        /// <summary>Conditions on attempts for what is beside the whole hours.</summary>
        public IEnumerable<string> Rests
        {
            get
            {
                if (FullFromMs > FullUntilMs)
                {
                    yield return "started_ms >= @SinceMs AND started_ms < @UntilMs";
                    yield break;
                }

                if (SinceMs < FullFromMs)
                    yield return "started_ms >= @SinceMs AND started_ms < @FullFromMs";
                if (FullUntilMs < UntilMs)
                    yield return "started_ms >= @FullUntilMs AND started_ms < @UntilMs";
            }
        }
    }
}
