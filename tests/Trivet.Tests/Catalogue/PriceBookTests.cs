using Trivet.Core.Catalogue;
using static Trivet.Tests.Catalogue.Prices;

namespace Trivet.Tests.Catalogue;

public sealed class PriceBookTests
{
    private static readonly PriceBook Book = PriceBook.WithoutFx;

    [Fact]
    public void A_price_is_the_sum_of_its_legs()
    {
        var price = List(Record(PerMillion(3, 15, 0.3m) with { CacheWrite5mPico = 3_750_000, CacheWrite1hPico = 6_000_000 }));
        var counts = new MeterCounts { Input = 1000, CacheRead = 20_000, CacheWrite5m = 400, CacheWrite1h = 100, Output = 500, Requests = 1 };

        var quote = Book.Price(price, counts, Now, ServiceTier.Standard);

        Assert.Equal(3_000_000 + 6_000_000 + 1_500_000 + 600_000 + 7_500_000, quote.BilledNano);
        Assert.Equal(quote.BilledNano, quote.ListNano);
        Assert.Equal(("USD", "USD", true), (quote.Currency, quote.ListCurrency, quote.IsComplete));
    }

    [Theory]
    [InlineData(1, 0)] // 0.5 nano-units: half to even, down
    [InlineData(3, 2)] // 1.5: up
    [InlineData(5, 2)] // 2.5: down
    [InlineData(7, 4)]
    public void A_leg_is_rounded_once_half_to_even(long tokens, long nano)
    {
        var price = List(Record(new MeterRates { InputPico = 500, OutputPico = 500 }));

        Assert.Equal(nano, Book.Price(price, new MeterCounts { Input = tokens }, Now, ServiceTier.Standard).BilledNano);
        Assert.Equal(2 * nano, Book.Price(price, new MeterCounts { Input = tokens, Output = tokens }, Now, ServiceTier.Standard).BilledNano);
    }

    [Fact]
    public void A_factor_is_taken_of_the_exact_price_and_not_of_the_rounded_one()
    {
        var price = List(380_000, Record(new MeterRates { InputPico = 1_001, OutputPico = 1 }));

        var quote = Book.Price(price, new MeterCounts { Input = 50 }, Now, ServiceTier.Standard);

        Assert.Equal(19, quote.BilledNano);       // 50,050 pico × 0.38 = 19.019 nano
        Assert.Equal(50, quote.ListNano);         // 50.05
        Assert.Equal(380_000, quote.FactorMillionths);
    }

    [Fact]
    public void Thoughts_without_a_rate_are_charged_as_output_and_with_one_by_it()
    {
        var counts = new MeterCounts { Output = 10, Reasoning = 100 };

        Assert.Equal(110_000, Book.Price(List(Record(PerMillion(1, 1))), counts, Now, ServiceTier.Standard).BilledNano);
        Assert.Equal(410_000, Book.Price(List(Record(PerMillion(1, 1) with { ReasoningPico = 4_000_000 })), counts, Now, ServiceTier.Standard).BilledNano);
    }

    [Fact]
    public void A_meter_that_was_used_and_has_no_price_leaves_the_attempt_unpriced_in_part()
    {
        var quote = Book.Price(List(Record(PerMillion(3, 15))), new MeterCounts { Input = 1000, CacheRead = 5, AudioIn = 1 }, Now, ServiceTier.Standard);

        Assert.False(quote.IsComplete);
        Assert.Equal(3_000_000, quote.BilledNano);
        Assert.Equal("cache_read,audio_in", Meters.Text(quote.Missing));
        Assert.Null(quote.ListNano);
    }

    [Fact]
    public void Where_no_used_meter_has_a_price_nothing_is_known_and_it_is_not_zero()
    {
        var perRequestOnly = List(Record(new MeterRates { AudioInPico = 1 }));

        var quote = Book.Price(perRequestOnly, new MeterCounts { Input = 1000, Requests = 1 }, Now, ServiceTier.Standard);

        Assert.Null(quote.BilledNano);
        Assert.Equal("", quote.Currency);
        Assert.False(perRequestOnly.IsPriced);
        Assert.Equal(PriceQuote.Unpriced, Book.Price(OfferingPrice.None, new MeterCounts { Input = 1 }, Now, ServiceTier.Standard));
    }

    [Fact]
    public void A_free_model_is_priced_at_zero()
    {
        var price = List(Record(PerMillion(0, 0)));

        var quote = Book.Price(price, new MeterCounts { Input = 1000, Output = 10, Requests = 1 }, Now, ServiceTier.Standard);

        Assert.Equal(0, quote.BilledNano);
        Assert.True(quote.IsComplete);
        Assert.True(price.IsPriced);
    }

    [Fact]
    public void The_whole_request_is_charged_by_the_step_that_has_room_for_prompt_and_answer()
    {
        // As GLM's list is made: by prompt, and for short prompts by answer too.
        var price = List(Stepped(
            new PriceStep(31_999, 199, PerMillion(2, 8)), new PriceStep(31_999, null, PerMillion(3, 14)), new PriceStep(null, null, PerMillion(4, 16))));

        Assert.Equal(2_000 * 2_000 + 199 * 8_000, Nano(2_000, 199));
        Assert.Equal(2_000 * 3_000 + 200 * 14_000, Nano(2_000, 200));
        Assert.Equal(31_999 * 2_000L, Nano(31_999, 0));
        Assert.Equal(32_000 * 4_000L + 16_000, Nano(32_000, 1));

        long? Nano(long input, long output) => Book.Price(price, new MeterCounts { Input = input, Output = output }, Now, ServiceTier.Standard).BilledNano;
    }

    [Fact]
    public void Cached_tokens_count_for_the_length_by_which_a_step_is_chosen()
    {
        var price = List(Stepped(new PriceStep(200_000, null, PerMillion(1.25m, 10, 0.125m)), new PriceStep(null, null, PerMillion(2.5m, 15, 0.25m))));

        var counts = new MeterCounts { Input = 1, CacheRead = 200_000, Output = 1 };

        Assert.Equal(2_500 + 200_000 * 250 + 15_000, Book.Price(price, counts, Now, ServiceTier.Standard).BilledNano);
        Assert.Equal(1_250 + 199_999 * 125L + 10_000, Book.Price(price, counts with { CacheRead = 199_999 }, Now, ServiceTier.Standard).BilledNano);
    }

    [Fact]
    public void A_price_holds_from_its_first_moment_to_before_its_last()
    {
        var change = new DateTimeOffset(2026, 9, 1, 0, 0, 0, TimeSpan.FromHours(8));
        var before = new PriceRecord("USD", [new PriceStep(null, null, PerMillion(1, 1))]) { Source = Source, ValidTo = change };
        var after = new PriceRecord("USD", [new PriceStep(null, null, PerMillion(2, 2))]) { Source = Source, ValidFrom = change, ValidTo = change.AddDays(1) };
        var price = List(after, before);

        Assert.Equal(1_000, At(change.AddTicks(-1)));
        Assert.Equal(2_000, At(change));
        Assert.Null(At(change.AddDays(1)));

        long? At(DateTimeOffset when) => Book.Price(price, new MeterCounts { Input = 1 }, when, ServiceTier.Standard).BilledNano;
    }

    [Fact]
    public void A_promotion_goes_before_the_price_that_it_discounts()
    {
        var promotion = new PriceRecord("USD", [new PriceStep(null, null, PerMillion(1, 1))]) { Source = Source, IsPromotion = true, ValidTo = Now };
        var price = List(Record(PerMillion(2, 2)), promotion);

        Assert.Equal(1_000, Book.Price(price, new MeterCounts { Input = 1 }, Now.AddTicks(-1), ServiceTier.Standard).BilledNano);
        Assert.Equal(2_000, Book.Price(price, new MeterCounts { Input = 1 }, Now, ServiceTier.Standard).BilledNano);
    }

    [Theory]
    [InlineData(null, 2_000L)]
    [InlineData("default", 2_000L)]
    [InlineData("auto", 2_000L)]
    [InlineData("standard", 2_000L)]
    [InlineData("flex", 1_000L)]
    [InlineData("priority", null)]
    [InlineData("ultra", null)]
    public void The_tier_that_answered_decides_and_one_that_the_list_does_not_have_is_unknown(string? word, long? nano)
    {
        var flex = new PriceRecord("USD", [new PriceStep(null, null, PerMillion(1, 1))]) { Source = Source, Tier = ServiceTier.Flex };

        Assert.Equal(nano, Book.Price(List(Record(PerMillion(2, 2)), flex), new MeterCounts { Input = 1 }, Now, ServiceTiers.Parse(word)).BilledNano);
    }

    [Fact]
    public void An_operators_own_rates_hold_whatever_the_list_says_and_the_list_stands_beside_them()
    {
        var list = Record(PerMillion(3, 15));
        var price = OfferingPrice.OfRates(PerMillion(1, 2), "USD", null, [list]);

        var quote = Book.Price(price, new MeterCounts { Input = 1000, Output = 100, Requests = 1 }, Now, ServiceTier.Standard);

        Assert.Equal(1_200_000, quote.BilledNano);
        Assert.Equal(4_500_000, quote.ListNano);
        Assert.NotEqual(list.Version, quote.Version);
        Assert.Equal(quote.Version, Book.Price(OfferingPrice.OfRates(PerMillion(1, 2), "USD"), new MeterCounts { Input = 1 }, Now, ServiceTier.Standard).Version);
        Assert.NotEqual(quote.Version, OfferingPrice.OfRates(PerMillion(1, 2), "CNY").OwnVersion);
    }

    [Fact]
    public void A_relay_whose_price_nobody_gave_is_unpriced_and_shows_the_makers_list()
    {
        var record = Record(PerMillion(3, 15));
        var price = OfferingPrice.OfList(new CatalogueModel { Vendor = "maker", Id = "m", Source = Source }, [record], null, isListOnly: true);

        var quote = Book.Price(price, new MeterCounts { Input = 1000 }, Now, ServiceTier.Standard);

        Assert.False(price.IsPriced);
        Assert.Null(quote.BilledNano);
        Assert.Equal(3_000_000, quote.ListNano);
        Assert.Null(Book.WorstCase(price, 1, 1, Now));
    }

    [Fact]
    public void A_plan_costs_nothing_by_the_request_and_still_says_what_the_list_would()
    {
        var price = OfferingPrice.OfPlan("CNY", null, [Record(PerMillion(3, 15), "CNY")]);

        var quote = Book.Price(price, new MeterCounts { Input = 1000 }, Now, ServiceTier.Standard);

        Assert.Equal((0L, "CNY", 3_000_000L, true), (quote.BilledNano, quote.Currency, quote.ListNano, quote.IsComplete));
        Assert.Equal(new WorstCase(0, "CNY"), Book.WorstCase(price, 1_000_000, 1_000_000, Now));
    }

    [Fact]
    public void A_version_names_the_content_and_not_where_it_was_read()
    {
        var price = Record(PerMillion(3, 15));

        Assert.Equal(price.Version, new PriceRecord("USD", price.Steps) { Source = Source with { Url = "https://elsewhere.example" } }.Version);
        Assert.NotEqual(price.Version, Record(PerMillion(3, 15.000001m)).Version);
        Assert.NotEqual(price.Version, Record(PerMillion(3, 15), "CNY").Version);
        Assert.NotEqual(price.Version, new PriceRecord("USD", price.Steps) { Source = Source, ValidTo = Now }.Version);
        Assert.Matches("^p_[0-9a-f]{12}$", price.Version);
    }

    [Fact]
    public void An_explanation_adds_up_and_says_what_is_not_known()
    {
        var explained = Book.Explain(List(380_000, Record(PerMillion(3, 15))), new MeterCounts { Input = 1000, CacheRead = 7, Output = 10, Requests = 1 }, Now, ServiceTier.Standard);

        Assert.Equal([Meter.Input, Meter.CacheRead, Meter.Output], explained.Lines.Select(line => line.Meter));
        Assert.Equal(explained.Quote.BilledNano, explained.Lines.Sum(line => line.BilledNano));
        Assert.Contains("cache_read", Assert.Single(explained.Notes));
    }

    [Fact]
    public void Absurd_counts_stay_at_the_largest_amount_and_never_wrap()
    {
        var quote = Book.Price(List(Record(PerMillion(1_000_000, 1))), new MeterCounts { Input = long.MaxValue, Output = long.MaxValue }, Now, ServiceTier.Standard);

        Assert.Equal(long.MaxValue, quote.BilledNano);
    }

    [Fact]
    public void Pricing_allocates_nothing()
    {
        var price = List(380_000, Record(PerMillion(3, 15, 0.3m)));
        var counts = new MeterCounts { Input = 1000, CacheRead = 20, Output = 500, Requests = 1 };
        long Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            Book.Price(price, counts, Now, ServiceTier.Standard);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Measure(); // the version is made when it is first asked for
        Assert.Equal(0, Enumerable.Range(0, 20).Min(_ => Measure()));
    }
}
