using Trivet.Core.Catalogue;

namespace Trivet.Tests.Catalogue;

/// <summary>Prices made by hand, for tests.</summary>
internal static class Prices
{
    public static readonly PriceSource Source = new("test", "https://example.com/pricing", new DateOnly(2026, 11, 30));

    public static readonly DateTimeOffset Now = new(2026, 11, 30, 12, 0, 0, TimeSpan.Zero);

    public static PriceRecord Record(MeterRates rates, string currency = "USD") => new(currency, [new PriceStep(null, null, rates)]) { Source = Source };

    public static PriceRecord Stepped(params PriceStep[] steps) => new("USD", steps) { Source = Source };

    /// <summary>By a list that knows these records only.</summary>
    public static OfferingPrice List(params PriceRecord[] records) => List(null, records);

    public static OfferingPrice List(long? factorMillionths, params PriceRecord[] records) =>
        OfferingPrice.OfList(new CatalogueModel { Vendor = "test", Id = "model", Source = Source, Prices = records }, records, factorMillionths);

    /// <summary>One unit per million tokens is a million pico-units per token.</summary>
    public static MeterRates PerMillion(decimal input, decimal output, decimal? cacheRead = null) => new()
    {
        InputPico = (long)(input * 1_000_000),
        OutputPico = (long)(output * 1_000_000),
        CacheReadPico = (long?)(cacheRead * 1_000_000),
    };
}
