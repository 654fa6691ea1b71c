using System.Data.Common;
using System.Text;
using Dapper;

namespace Trivet.Storage.Relay;

/// <summary>
/// When there last was an attempt of a kind, as the sums know it: whoever looks for attempts begins there, and need not look through days in which there are none. Days that are folded are looked through by their sums,
/// and the newest of them by its hours.
/// </summary>
internal sealed class NewestHour
{
    private readonly StringBuilder _filters = new();
    private readonly DynamicParameters _parameters = new();
    private readonly string? _organisation;

    /// <summary>Null asks for every organisation.</summary>
    public NewestHour(string? organisation)
    {
        _organisation = organisation;
        _parameters.Add("organisation", organisation);
    }

    /// <summary>Asks for those with a value in a column; null: with any.</summary>
    public NewestHour With(string column, string? value)
    {
        if (value is null)
            return this;
        _filters.Append($" AND {column} = @{column}");
        _parameters.Add(column, value);
        return this;
    }

    /// <summary>Asks for those that failed.</summary>
    public NewestHour Failed(bool onlyFailed)
    {
        if (onlyFailed)
            _filters.Append(" AND failed > 0");
        return this;
    }

    /// <summary>When the newest such hour within a span begins (Unix milliseconds); null: there is none.</summary>
    public async Task<long?> FindAsync(DbConnection connection, long fromMs, long untilMs)
    {
        var (fromHourMs, untilHourMs) = (Math.Max(0, fromMs) / HourlyKey.MsPerHour * HourlyKey.MsPerHour, untilMs > long.MaxValue - HourlyKey.MsPerHour ? (long?)null : (untilMs + HourlyKey.MsPerHour - 1) / HourlyKey.MsPerHour * HourlyKey.MsPerHour);
        foreach (var part in (await UsageParts.CutAsync(connection, null, fromHourMs, untilHourMs)).Reverse())
        {
            var foundMs = part.Grain == UsageGrain.Day
                ? await NewestAsync(connection, "usage_daily", "day_ms", part.FromMs, part.UntilMs) is { } dayMs ? await NewestAsync(connection, "usage_hourly", "hour_ms", dayMs, dayMs + UsageParts.MsPerDay) : null
                : await NewestAsync(connection, "usage_hourly", "hour_ms", part.FromMs, part.UntilMs);
            if (foundMs is not null)
                return foundMs;
        }

        return null;
    }

    private Task<long?> NewestAsync(DbConnection connection, string table, string column, long fromMs, long untilMs)
    {
        _parameters.Add("fromMs", fromMs);
        _parameters.Add("untilMs", untilMs);
        string OfOne(string organisation) => $"SELECT {column} FROM {table} WHERE organisation = {organisation} AND {column} >= @fromMs AND {column} < @untilMs{_filters} ORDER BY {column} DESC LIMIT 1";
        var sql = _organisation is not null
            ? OfOne("@organisation")
            : $"{KnownOrganisations.With(table)}SELECT MAX(newest_ms) FROM (SELECT ({OfOne("organisations.name")}) AS newest_ms FROM organisations WHERE name IS NOT NULL) AS newest";
        return connection.ExecuteScalarAsync<long?>(sql, _parameters);
    }
}
