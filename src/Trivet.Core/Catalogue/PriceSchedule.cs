namespace Trivet.Core.Catalogue;

/// <summary>Hours of the week in which a price holds, such as a vendor's peak: local times in a fixed offset or time zone, on some days, without public holidays where the vendor says so.</summary>
public sealed record PriceSchedule
{
    /// <summary>Its name in the vendor's file.</summary>
    public required string Name { get; init; }

    /// <summary>Whose clock counts.</summary>
    public required TimeZoneInfo Zone { get; init; }

    /// <summary>Days of the week, one bit each, Sunday first.</summary>
    public required int Days { get; init; }

    /// <summary>Times of day: from (included) to (excluded), as minutes after midnight; a span never crosses midnight.</summary>
    public required IReadOnlyList<DayHours> Hours { get; init; }

    /// <summary>The calendar whose holidays are left out; null: holidays are days like others.</summary>
    public HolidayCalendar? WithoutHolidays { get; init; }

    /// <summary>True: days of the weekend on which that calendar has people work count as working days.</summary>
    public bool WithMakeUpDays { get; init; }

    /// <summary>Whether the price holds at a time.</summary>
    public bool Covers(DateTimeOffset time)
    {
        var local = TimeZoneInfo.ConvertTime(time, Zone);
        var date = DateOnly.FromDateTime(local.DateTime);
        return IsCoveredDay(date) && IsCoveredMinute(local.Hour * 60 + local.Minute);
    }

    /// <summary>False where the answer rests on a calendar that does not know the year yet: workdays are then taken for workdays.</summary>
    public bool IsCertainAt(DateTimeOffset time) =>
        WithoutHolidays is not { } calendar || calendar.Knows(TimeZoneInfo.ConvertTime(time, Zone).Year);

    private bool IsCoveredDay(DateOnly date)
    {
        if (WithoutHolidays is { } calendar)
        {
            if (calendar.IsHoliday(date))
                return false;
            if (WithMakeUpDays && calendar.IsMakeUpDay(date))
                return true;
        }

        return (Days & (1 << (int)date.DayOfWeek)) != 0;
    }

    private bool IsCoveredMinute(int minute)
    {
        for (var i = 0; i < Hours.Count; i++)
        {
            if (minute >= Hours[i].FromMinute && minute < Hours[i].ToMinute)
                return true;
        }

        return false;
    }
}

/// <summary>A span within a day, in minutes after midnight.</summary>
/// <param name="FromMinute">Included.</param>
/// <param name="ToMinute">Excluded; 1440 is the end of the day.</param>
public readonly record struct DayHours(int FromMinute, int ToMinute);
