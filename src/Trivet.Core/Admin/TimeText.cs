using System.Globalization;

namespace Trivet.Core.Admin;

/// <summary>Points in time as operators type them: a span (<c>30m</c>, <c>24h</c>, <c>7d</c>, <c>2w</c>), a date (<c>2026-11-01</c>, midnight UTC) or RFC 3339.</summary>
public static class TimeText
{
    /// <summary>What is accepted, for messages.</summary>
    public const string Forms = "a span such as 24h or 7d, a date such as 2026-11-01, or a time such as 2026-11-01T08:00:00Z";

    private const int YearsMax = 100;

    /// <summary>A time in the past: a span counts back from <paramref name="now"/>.</summary>
    public static bool TryParseSince(string text, DateTimeOffset now, out DateTimeOffset since) => TryParse(text, now, -1, out since);

    /// <summary>A time in the future: a span counts on from <paramref name="now"/>.</summary>
    public static bool TryParseUntil(string text, DateTimeOffset now, out DateTimeOffset until) => TryParse(text, now, 1, out until);

    private static bool TryParse(string text, DateTimeOffset now, int direction, out DateTimeOffset time)
    {
        text = text.Trim();
        if (TryParseSpan(text, out var span))
        {
            time = now + direction * span;
            return true;
        }

        return DateTimeOffset.TryParseExact(
            text, ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK", "yyyy-MM-dd'T'HH:mmK"], CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out time);
    }

    private static bool TryParseSpan(string text, out TimeSpan span)
    {
        span = default;
        if (text.Length < 2 || !int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count))
            return false;
        var unit = text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            'd' => TimeSpan.FromDays(1),
            'w' => TimeSpan.FromDays(7),
            _ => TimeSpan.Zero,
        };
        if (unit == TimeSpan.Zero || count * unit.TotalDays > YearsMax * 365)
            return false;
        span = count * unit;
        return true;
    }
}
