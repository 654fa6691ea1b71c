using Trivet.Core.Catalogue;
using static Trivet.Tests.Catalogue.Prices;

namespace Trivet.Tests.Catalogue;

public sealed class PriceMathTests
{
    [Theory]
    [InlineData(0, 1, 1_000_000, 0)]
    [InlineData(1, 1, 1_000_000, 1)]
    [InlineData(1000, 1, 1_000_000, 1)]
    [InlineData(1001, 1, 1_000_000, 2)]
    [InlineData(1000, 7, 1_000_000, 7)]
    [InlineData(1000, 100, 380_000, 38)]
    [InlineData(1000, 1, 1, 1)]
    [InlineData(1000, -5, 1_000_000, 0)]
    public void What_is_set_aside_is_never_less_than_the_exact_amount_nor_a_whole_nano_unit_more(long ratePico, long count, long factor, long nano) =>
        Assert.Equal(nano, PriceMath.LegNanoUp(ratePico, count, factor));

    [Fact]
    public void What_no_number_holds_stays_at_the_largest()
    {
        Assert.Equal(long.MaxValue, PriceMath.LegNano(long.MaxValue, long.MaxValue));
        Assert.Equal(long.MaxValue, PriceMath.LegNanoUp(1_000_000_000_000, long.MaxValue, 1_000_000));
        Assert.Equal(long.MaxValue, PriceMath.Add(long.MaxValue, 1));
        Assert.Equal(long.MaxValue, PriceMath.Add(long.MaxValue - 1, 1));
        Assert.Equal(long.MaxValue - 1, PriceMath.Add(long.MaxValue - 2, 1));
    }

    [Fact]
    public void A_length_is_the_sum_of_all_that_is_read_or_written()
    {
        var counts = new MeterCounts { Input = 1, CacheRead = 10, CacheWrite5m = 100, CacheWrite1h = 1000, AudioIn = 10_000, Output = 2, Reasoning = 20, Image = 200, AudioOut = 2000, Requests = 7, SearchCalls = 9 };

        Assert.Equal((11_111, 2222), (counts.InputLength, counts.OutputLength));
    }

    [Fact]
    public void A_price_without_an_open_last_step_is_none()
    {
        Assert.Throws<ArgumentException>(() => Stepped());
        Assert.Throws<ArgumentException>(() => Stepped(new PriceStep(1000, null, PerMillion(1, 1))));
        Assert.Throws<ArgumentException>(() => Stepped(new PriceStep(null, 1000, PerMillion(1, 1))));
        Assert.Equal(0, Stepped(new PriceStep(null, null, PerMillion(1, 1))).StepFor(long.MaxValue, long.MaxValue));
    }

    [Fact]
    public void The_worst_case_knows_a_price_that_comes_to_hold_within_half_an_hour_and_none_after()
    {
        var soon = List(
            Record(PerMillion(1, 1)),
            new PriceRecord("USD", [new PriceStep(null, null, PerMillion(5, 5))]) { Source = Source, ValidFrom = Now.AddMinutes(20) });
        var later = List(
            Record(PerMillion(1, 1)),
            new PriceRecord("USD", [new PriceStep(null, null, PerMillion(5, 5))]) { Source = Source, ValidFrom = Now.AddMinutes(40) });

        Assert.InRange(PriceBook.WithoutFx.WorstCase(soon, 1000, 1000, Now)!.Value.Nano, 10_000_000, 10_000_010);
        Assert.InRange(PriceBook.WithoutFx.WorstCase(later, 1000, 1000, Now)!.Value.Nano, 2_000_000, 2_000_010);
    }

    [Fact]
    public void A_cheaper_tier_that_the_list_lacks_costs_no_more_than_the_usual_and_a_dearer_one_is_unknown()
    {
        var price = List(Record(PerMillion(1, 1)));

        Assert.InRange(PriceBook.WithoutFx.WorstCase(price, 1000, 1000, Now, ServiceTier.Flex)!.Value.Nano, 2_000_000, 2_000_010);
        Assert.InRange(PriceBook.WithoutFx.WorstCase(price, 1000, 1000, Now, ServiceTier.Batch)!.Value.Nano, 2_000_000, 2_000_010);
        Assert.Null(PriceBook.WithoutFx.WorstCase(price, 1000, 1000, Now, ServiceTier.Priority));
    }

    [Fact]
    public void The_worst_case_has_the_price_of_a_request_and_the_dearest_meter_of_each_side_in_it()
    {
        var price = List(Record(PerMillion(1, 2) with { CacheWrite1hPico = 4_000_000, ReasoningPico = 8_000_000, PerRequestPico = 5_000_000 }));

        Assert.InRange(PriceBook.WithoutFx.WorstCase(price, 1000, 1000, Now)!.Value.Nano, 4_000_000 + 8_000_000 + 5_000, 4_000_000 + 8_000_000 + 5_010);
    }

    [Fact]
    public void An_explanation_says_why_there_is_no_price()
    {
        var ended = List(new PriceRecord("USD", [new PriceStep(null, null, PerMillion(1, 1))]) { Source = Source, ValidTo = Now.AddDays(-1) });

        Assert.Equal(["no price of the list holds at this time"], PriceBook.WithoutFx.Explain(ended, new MeterCounts { Input = 1 }, Now, ServiceTier.Standard).Notes);
        Assert.Equal(["the list has no price for the tier priority"], PriceBook.WithoutFx.Explain(ended, new MeterCounts { Input = 1 }, Now, ServiceTier.Priority).Notes);
        Assert.Equal(["unpriced in part: no price is known for cache_read, audio_in"], PriceBook.WithoutFx.Explain(List(Record(PerMillion(1, 1))), new MeterCounts { Input = 1, CacheRead = 1, AudioIn = 1 }, Now, ServiceTier.Standard).Notes);
        Assert.Empty(PriceBook.WithoutFx.Explain(List(Record(PerMillion(1, 1))), new MeterCounts { Input = 1 }, Now, ServiceTier.Standard).Notes);
    }

    [Fact]
    public void Of_a_pair_that_is_given_both_ways_the_newer_rate_counts_and_holds_from_its_first_day()
    {
        var rates = new FxRates(
        [
            new FxRate("USD", "CNY", 7_000_000_000, new DateOnly(2026, 10, 1), "file"), new FxRate("CNY", "USD", 125_000_000, new DateOnly(2026, 11, 1), "file"),
        ]);

        Assert.Equal(7_000_000_000, rates.Convert(1_000_000_000, "USD", "CNY", DateTimeOffset.Parse("2026-10-31T23:59Z"))?.Nano);
        Assert.Equal(8_000_000_000, rates.Convert(1_000_000_000, "USD", "CNY", DateTimeOffset.Parse("2026-11-01T00:00Z"))?.Nano);
        Assert.Equal(125_000_000, rates.Convert(1_000_000_000, "CNY", "USD", DateTimeOffset.Parse("2026-11-01T00:00Z"))?.Nano);
    }
}
