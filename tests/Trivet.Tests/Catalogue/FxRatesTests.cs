using Trivet.Core.Catalogue;

namespace Trivet.Tests.Catalogue;

public sealed class FxRatesTests
{
    private static readonly FxRates Rates = new(
    [
        new FxRate("USD", "CNY", 7_120_000_000, new DateOnly(2026, 11, 1), "file"),
        new FxRate("USD", "CNY", 7_000_000_000, new DateOnly(2026, 10, 1), "file"),
        new FxRate("USD", "CNY", 7_200_000_000, new DateOnly(2026, 11, 1), "operator"),
    ]);

    [Fact]
    public void The_newest_rate_that_held_counts_and_the_later_of_two_for_one_day()
    {
        Assert.Equal(7_200_000_000, Rates.Convert(1_000_000_000, "USD", "CNY", DateTimeOffset.Parse("2026-11-30T00:00Z"))?.Nano);
        Assert.Equal(7_000_000_000, Rates.Convert(1_000_000_000, "USD", "CNY", DateTimeOffset.Parse("2026-10-31T23:59Z"))?.Nano);
        Assert.Null(Rates.Convert(1, "USD", "CNY", DateTimeOffset.Parse("2026-09-30T00:00Z")));
    }

    [Fact]
    public void A_pair_is_known_both_ways_and_rounded_once()
    {
        var converted = Rates.Convert(1_000_000_000, "CNY", "USD", DateTimeOffset.Parse("2026-10-02T00:00Z"));

        Assert.Equal(142_857_143, converted?.Nano);
        Assert.Equal("USD/CNY 7 2026-10-01", converted?.Rate?.ToString());
        Assert.Equal(-142_857_143, Rates.Convert(-1_000_000_000, "CNY", "USD", DateTimeOffset.Parse("2026-10-02T00:00Z"))?.Nano);
    }

    [Fact]
    public void The_same_currency_needs_no_rate_and_an_unknown_pair_has_none()
    {
        Assert.Equal(new Converted(5, null), Rates.Convert(5, "EUR", "EUR", DateTimeOffset.UnixEpoch));
        Assert.Null(Rates.Convert(5, "EUR", "USD", DateTimeOffset.Parse("2026-11-30T00:00Z")));
    }
}
