using System.Data.Common;
using Dapper;

namespace Trivet.Storage.Relay;

/// <summary>Where the sums of a part of a span are.</summary>
internal enum UsageGrain
{
    /// <summary>Whole days that are folded: <c>usage_daily</c>, or <c>traffic_hourly</c> where it does not matter whose they are.</summary>
    Day,

    /// <summary>Whole hours: <c>usage_hourly</c>.</summary>
    Hour,

    /// <summary>What is beside whole hours: the attempts themselves.</summary>
    Attempt,
}

/// <summary>A part of a span of time; Unix milliseconds, its end exclusive.</summary>
internal readonly record struct UsagePart(UsageGrain Grain, long FromMs, long UntilMs);

/// <summary>A span of time, cut into days that are folded, hours, and what is left at its ends. Oldest first and without gaps.</summary>
internal static class UsageParts
{
    public const long MsPerDay = 24 * HourlyKey.MsPerHour;

    private const long Forever = long.MaxValue;

    // Each is a part of a statement. Days that are stale here and there are few, and soon folded again.
    private const int RunsMax = 8;

    public static long DayOf(long ms) => ms - (ms % MsPerDay);

    /// <summary>Asks which days are folded. In one snapshot with what is read of the parts then.</summary>
    public static async Task<IReadOnlyList<UsagePart>> CutAsync(DbConnection connection, DbTransaction? transaction, long sinceMs, long? untilMs)
    {
        var folded = (await connection.QueryAsync<long>(
            "SELECT day_ms FROM usage_days WHERE is_stale = 0 AND day_ms >= @sinceMs AND day_ms < @untilMs ORDER BY day_ms", new { sinceMs, untilMs = untilMs ?? Forever }, transaction)).AsList();
        return Cut(sinceMs, untilMs, folded);
    }

    /// <summary>The same with the folded days given, in their order; those that are not whole within the span are left out.</summary>
    public static IReadOnlyList<UsagePart> Cut(long sinceMs, long? untilMs, IReadOnlyList<long> foldedDays)
    {
        var endMs = untilMs ?? Forever;
        var fullFromMs = sinceMs > Forever - HourlyKey.MsPerHour ? sinceMs : (sinceMs + HourlyKey.MsPerHour - 1) / HourlyKey.MsPerHour * HourlyKey.MsPerHour;
        var fullUntilMs = untilMs is null ? Forever : endMs / HourlyKey.MsPerHour * HourlyKey.MsPerHour;
        if (fullFromMs > fullUntilMs)
            return [new UsagePart(UsageGrain.Attempt, sinceMs, endMs)];
        var parts = new List<UsagePart>();
        Add(UsageGrain.Attempt, sinceMs, fullFromMs);
        var atMs = fullFromMs;
        foreach (var run in Runs(foldedDays.Where(dayMs => dayMs >= fullFromMs && dayMs <= fullUntilMs - MsPerDay)))
        {
            Add(UsageGrain.Hour, atMs, run.FromMs);
            parts.Add(run);
            atMs = run.UntilMs;
        }

        Add(UsageGrain.Hour, atMs, fullUntilMs);
        Add(UsageGrain.Attempt, fullUntilMs, endMs);
        return parts.Count > 0 ? parts : [new UsagePart(UsageGrain.Hour, fullFromMs, fullFromMs)]; // of a span without length: a question all the same

        void Add(UsageGrain grain, long fromMs, long toMs)
        {
            if (fromMs < toMs)
                parts.Add(new UsagePart(grain, fromMs, toMs));
        }
    }

    /// <summary>Names the ends of the parts for a statement, as <see cref="Within"/> does.</summary>
    public static void AddTo(DynamicParameters parameters, IReadOnlyList<UsagePart> parts)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            parameters.Add($"from{i}", parts[i].FromMs);
            parameters.Add($"until{i}", parts[i].UntilMs);
        }
    }

    /// <summary>The condition on a column with a time.</summary>
    public static string Within(string column, int part) => $"{column} >= @from{part} AND {column} < @until{part}";

    // The longest runs of days, where there are too many.
    private static IEnumerable<UsagePart> Runs(IEnumerable<long> days)
    {
        var runs = new List<UsagePart>();
        foreach (var dayMs in days)
        {
            if (runs.Count > 0 && runs[^1].UntilMs == dayMs)
                runs[^1] = runs[^1] with { UntilMs = dayMs + MsPerDay };
            else
                runs.Add(new UsagePart(UsageGrain.Day, dayMs, dayMs + MsPerDay));
        }

        return runs.Count <= RunsMax ? runs : runs.OrderByDescending(run => run.UntilMs - run.FromMs).Take(RunsMax).OrderBy(run => run.FromMs);
    }
}
