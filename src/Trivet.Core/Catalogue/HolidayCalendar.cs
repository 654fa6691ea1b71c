using System.Collections.Frozen;

namespace Trivet.Core.Catalogue;

/// <summary>A country's public holidays and the days of the weekend on which it works instead, for the years that were announced.</summary>
public sealed class HolidayCalendar(string name, IEnumerable<int> years, IEnumerable<DateOnly> holidays, IEnumerable<DateOnly> makeUpDays)
{
    private readonly FrozenSet<int> _years = years.ToFrozenSet();
    private readonly FrozenSet<DateOnly> _holidays = holidays.ToFrozenSet();
    private readonly FrozenSet<DateOnly> _makeUpDays = makeUpDays.ToFrozenSet();

    /// <summary>Its name in files.</summary>
    public string Name => name;

    /// <summary>Whether a year is in it.</summary>
    public bool Knows(int year) => _years.Contains(year);

    /// <summary>Whether a date is a day off by announcement (weekends are not, unless within a holiday).</summary>
    public bool IsHoliday(DateOnly date) => _holidays.Contains(date);

    /// <summary>Whether a date of a weekend is a working day by announcement.</summary>
    public bool IsMakeUpDay(DateOnly date) => _makeUpDays.Contains(date);
}
