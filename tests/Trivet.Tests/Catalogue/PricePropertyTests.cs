using FsCheck;
using FsCheck.Fluent;
using Trivet.Core.Catalogue;
using static Trivet.Tests.Catalogue.Prices;

namespace Trivet.Tests.Catalogue;

/// <summary>What holds for every price and every usage. Steps are generated as vendors make them: a longer prompt or answer never has a lower rate.</summary>
public sealed class PricePropertyTests
{
    private static readonly PriceBook Book = PriceBook.WithoutFx;

    private static readonly Gen<long> Tokens = Gen.OneOf(Gen.Choose(0, 50).Select(n => (long)n), Gen.Choose(0, 2_000_000).Select(n => (long)n));

    private static readonly Gen<long> Rate = Gen.OneOf(Gen.Constant(0L), Gen.Choose(1, 2_000).Select(n => (long)n), Gen.Choose(1, 600_000_000).Select(n => (long)n));

    private static readonly Gen<MeterCounts> Counts =
        from tokens in Tokens.ListOf(9)
        from calls in Gen.Choose(0, 3).ListOf(2)
        select new MeterCounts
        {
            Input = tokens[0],
            CacheRead = tokens[1],
            CacheWrite5m = tokens[2],
            CacheWrite1h = tokens[3],
            Output = tokens[4],
            Reasoning = tokens[5],
            Image = tokens[6],
            AudioIn = tokens[7],
            AudioOut = tokens[8],
            Requests = calls[0],
            SearchCalls = calls[1],
        };

    private static readonly Gen<MeterRates> Rates =
        from rates in Rate.ListOf(11)
        select Meters.All.Zip(rates).Aggregate(new MeterRates(), (all, one) => all.With(one.First, one.Second));

    private static readonly Gen<OfferingPrice> Price =
        from rates in Rates
        from raises in Gen.Choose(0, 4).ListOf(3)
        from factor in Gen.Elements<long?>(null, 0, 380_000, 1_000_000, 1_250_001)
        from steps in Gen.Choose(1, 3)
        select List(factor, Stepped([.. Steps(rates, [.. raises], steps)]));

    private static readonly Arbitrary<(OfferingPrice Price, MeterCounts Counts)> Cases =
        (from price in Price from counts in Counts select (price, counts)).ToArbitrary();

    [Fact]
    public void More_of_any_meter_never_costs_less() => Prop.ForAll(
        (from one in Cases.Generator from more in Counts select (one.Price, one.Counts, more)).ToArbitrary(),
        ((OfferingPrice Price, MeterCounts Counts, MeterCounts More) one) =>
            Meters.All.All(meter => Nano(one.Price, Plus(one.Counts, meter, one.More.Of(meter))) >= Nano(one.Price, one.Counts))).QuickCheckThrowOnFailure();

    [Fact]
    public void A_price_is_the_sum_of_the_prices_of_its_meters_and_each_leg_is_rounded_once() => Prop.ForAll(Cases, one =>
    {
        var explained = Book.Explain(one.Price, one.Counts, Now, ServiceTier.Standard);
        var factor = one.Price.FactorMillionths ?? 1_000_000;
        var rates = explained.Record!.Steps[explained.StepIndex].Rates;
        Int128 sum = 0;
        foreach (var meter in Meters.All)
        {
            // The exact amount as a fraction of 10⁹ nano-units: a rate in pico-units times a factor in millionths.
            var exact = (Int128)rates.RateOf(meter)!.Value * one.Counts.Of(meter) * factor;
            var leg = explained.Lines.FirstOrDefault(line => line.Meter == meter)?.BilledNano ?? 0;
            if (Int128.Abs(exact - (Int128)leg * 1_000_000_000) * 2 > 1_000_000_000)
                return false;
            sum += leg;
        }

        return sum == explained.Quote.BilledNano;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void No_price_is_negative_and_every_used_meter_is_priced() => Prop.ForAll(Cases, one =>
        Book.Price(one.Price, one.Counts, Now, ServiceTier.Standard) is { BilledNano: >= 0, ListNano: >= 0, IsComplete: true }).QuickCheckThrowOnFailure();

    [Fact]
    public void The_worst_case_is_never_exceeded_by_a_request_within_its_lengths() => Prop.ForAll(Cases, one =>
    {
        var counts = one.Counts with { Image = 0, AudioIn = 0, AudioOut = 0, SearchCalls = 0, Requests = 1 };
        return Book.WorstCase(one.Price, counts.InputLength, counts.OutputLength, Now) is { } worst && worst.Nano >= Nano(one.Price, counts);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Without_a_factor_the_list_and_the_bill_are_the_same() => Prop.ForAll(
        (from one in Cases.Generator where one.Price.FactorMillionths is null select one).ToArbitrary(),
        one => Book.Price(one.Price, one.Counts, Now, ServiceTier.Standard) is { ListNano: var list, BilledNano: var billed } && list == billed).QuickCheckThrowOnFailure();

    private static long Nano(OfferingPrice price, MeterCounts counts) => Book.Price(price, counts, Now, ServiceTier.Standard).BilledNano!.Value;

    private static IEnumerable<PriceStep> Steps(MeterRates rates, int[] raises, int count)
    {
        for (var i = 0; i < count; i++)
        {
            yield return i == count - 1 ? new PriceStep(null, null, rates) : new PriceStep(1_000 * (i + 1) * (i + 1), i == 0 ? 200 : null, rates);
            var raise = raises[i];
            rates = Meters.All.Aggregate(rates, (all, meter) => all.With(meter, all.Written(meter) * (10 + raise) / 10));
        }
    }

    private static MeterCounts Plus(MeterCounts counts, Meter meter, long more) => meter switch
    {
        Meter.Input => counts with { Input = counts.Input + more },
        Meter.CacheRead => counts with { CacheRead = counts.CacheRead + more },
        Meter.CacheWrite5m => counts with { CacheWrite5m = counts.CacheWrite5m + more },
        Meter.CacheWrite1h => counts with { CacheWrite1h = counts.CacheWrite1h + more },
        Meter.Output => counts with { Output = counts.Output + more },
        Meter.Reasoning => counts with { Reasoning = counts.Reasoning + more },
        Meter.Image => counts with { Image = counts.Image + more },
        Meter.AudioIn => counts with { AudioIn = counts.AudioIn + more },
        Meter.AudioOut => counts with { AudioOut = counts.AudioOut + more },
        Meter.PerRequest => counts with { Requests = counts.Requests + more },
        _ => counts with { SearchCalls = counts.SearchCalls + more },
    };
}
