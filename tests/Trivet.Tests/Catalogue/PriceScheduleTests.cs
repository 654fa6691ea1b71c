using Trivet.Core.Catalogue;

namespace Trivet.Tests.Catalogue;

public sealed class PriceScheduleTests
{
    private static readonly PriceSchedule Peak = new()
    {
        Name = "peak",
        Zone = TimeZoneInfo.CreateCustomTimeZone("UTC+08:00", TimeSpan.FromHours(8), null, null),
        Days = 0b0111110,
        Hours = [new DayHours(9 * 60, 12 * 60), new DayHours(14 * 60, 18 * 60)],
        WithoutHolidays = ModelCatalogue.Calendar("china"),
    };

    [Theory]
    [InlineData("2026-11-30T09:00+08:00", true)]   // a Monday
    [InlineData("2026-11-30T08:59+08:00", false)]
    [InlineData("2026-11-30T11:59+08:00", true)]
    [InlineData("2026-11-30T12:00+08:00", false)]  // lunch
    [InlineData("2026-11-30T12:59+08:00", false)]
    [InlineData("2026-11-30T09:01+08:00", true)]
    [InlineData("2026-11-30T14:00+08:00", true)]
    [InlineData("2026-11-30T18:00+08:00", false)]
    [InlineData("2026-11-30T01:00Z", true)]        // the same clock, written otherwise
    [InlineData("2026-11-30T04:00Z", false)]
    [InlineData("2026-11-28T10:00+08:00", false)]  // a Saturday
    [InlineData("2026-11-29T23:30-10:00", true)]   // Monday there, Sunday here
    [InlineData("2026-10-01T10:00+08:00", false)]  // National Day, a Thursday
    [InlineData("2026-10-07T10:00+08:00", false)]
    [InlineData("2026-10-08T10:00+08:00", true)]
    [InlineData("2026-09-25T10:00+08:00", false)]  // Mid-Autumn, a Friday
    [InlineData("2026-10-10T10:00+08:00", false)]  // a Saturday that is worked: still no weekday
    public void Hours_are_of_the_vendors_clock_and_holidays_have_none(string time, bool covers) => Assert.Equal(covers, Peak.Covers(DateTimeOffset.Parse(time)));

    [Fact]
    public void Worked_weekends_count_where_the_vendor_counts_them()
    {
        var peak = Peak with { WithMakeUpDays = true };

        Assert.True(peak.Covers(DateTimeOffset.Parse("2026-10-10T10:00+08:00")));
        Assert.False(peak.Covers(DateTimeOffset.Parse("2026-10-17T10:00+08:00")));
    }

    [Fact]
    public void A_year_that_nobody_has_announced_is_told_as_such()
    {
        Assert.True(Peak.IsCertainAt(DateTimeOffset.Parse("2026-12-31T10:00+08:00")));
        Assert.False(Peak.IsCertainAt(DateTimeOffset.Parse("2031-01-01T10:00+08:00")));
        Assert.True((Peak with { WithoutHolidays = null }).IsCertainAt(DateTimeOffset.Parse("2031-01-01T10:00+08:00")));
    }
}
