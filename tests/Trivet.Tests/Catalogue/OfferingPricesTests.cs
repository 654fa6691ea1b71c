using Trivet.Core.Catalogue;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;

namespace Trivet.Tests.Catalogue;

/// <summary>From the configuration to a price: whose list, which currency, what the operator says instead.</summary>
public sealed class OfferingPricesTests
{
    private const string Peak = "2026-11-30T10:00+08:00";
    private const string OffPeak = "2026-11-30T20:00+08:00";

    [Theory]
    [InlineData("", OffPeak, "USD", 150_000_000 + 3_000_000 + 600_000_000L)]
    [InlineData("", Peak, "USD", 2 * (150_000_000 + 3_000_000 + 600_000_000L))]
    [InlineData("currency: CNY", OffPeak, "CNY", 1_000_000_000 + 20_000_000 + 4_000_000_000L)]
    [InlineData("currency: CNY", Peak, "CNY", 2 * (1_000_000_000 + 20_000_000 + 4_000_000_000L))]
    [InlineData("price: { factor: 0.5 }", Peak, "USD", 150_000_000 + 3_000_000 + 600_000_000L)]
    [InlineData("price: { currency: USD, per_million: { input: 1, cache_read: 1, output: 1 } }", Peak, "USD", 3_000_000_000L)]
    [InlineData("currency: CNY\n    price: { factor: 0.5 }", "2026-10-01T10:00+08:00", "CNY", 500_000_000 + 10_000_000 + 2_000_000_000L)]
    public void An_upstream_of_a_vendor_costs_what_the_vendors_list_says_unless_the_operator_says_otherwise(string keys, string when, string currency, long nano)
    {
        var offering = Offering($"- name: ds\n    vendor: deepseek\n    keys: [k]\n    models: [deepseek-flash]\n    {keys}", "deepseek-flash");

        var quote = PriceBook.WithoutFx.Price(
            offering.Price, new MeterCounts { Input = 1_000_000, CacheRead = 1_000_000, Output = 1_000_000, Requests = 1 }, DateTimeOffset.Parse(when), ServiceTier.Standard);

        Assert.True(offering.IsPriced);
        Assert.Equal((currency, nano), (quote.Currency, quote.BilledNano));
    }

    [Fact]
    public void A_relay_has_no_price_until_the_operator_gives_one_and_a_factor_is_of_the_makers_list()
    {
        var unpriced = Offering("- name: r\n    vendor: custom\n    keys: [k]\n    endpoints: { openai-chat: \"http://127.0.0.1:9/v1\" }\n    models: [deepseek-v4-pro]", "deepseek-v4-pro");
        var priced = Offering("- name: r\n    vendor: custom\n    keys: [k]\n    endpoints: { openai-chat: \"http://127.0.0.1:9/v1\" }\n    models: [deepseek-v4-pro]\n    price: { factor: 0.38 }", "deepseek-v4-pro");
        var named = Offering("- name: r\n    vendor: custom\n    keys: [k]\n    endpoints: { openai-chat: \"http://127.0.0.1:9/v1\" }\n    models: [ds-pro]\n    price: { factor: 0.38, of: deepseek/deepseek-v4-pro }", "ds-pro");
        var nobodys = Offering("- name: r\n    vendor: custom\n    keys: [k]\n    endpoints: { openai-chat: \"http://127.0.0.1:9/v1\" }\n    models: [lab-large]\n    price: { factor: 0.38 }", "lab-large");

        Assert.False(unpriced.IsPriced);
        Assert.Equal(660_000_000L * 38 / 100, Input(priced));
        Assert.Equal(660_000_000L * 38 / 100, Input(named));
        Assert.False(nobodys.IsPriced);
        Assert.Contains("lab-large", nobodys.Price.Reason);

        static long? Input(Offering offering) =>
            PriceBook.WithoutFx.Price(offering.Price, new MeterCounts { Input = 1_000_000 }, DateTimeOffset.Parse(OffPeak), ServiceTier.Standard).BilledNano;
    }

    [Fact]
    public void A_currency_in_which_the_vendor_has_no_list_is_unknown()
    {
        var offering = Offering("- name: ds\n    vendor: deepseek\n    keys: [k]\n    models: [deepseek-flash]\n    currency: EUR", "deepseek-flash");

        Assert.False(offering.IsPriced);
        Assert.Contains("EUR", offering.Price.Reason);
    }

    [Theory]
    [InlineData("", "", UnpricedPolicy.Default)]
    [InlineData("unpriced: refuse", "", UnpricedPolicy.Refuse)]
    [InlineData("unpriced: refuse", "unpriced: allow", UnpricedPolicy.Allow)]
    public void What_happens_to_the_unpriced_is_said_for_all_and_for_single_upstreams(string global, string upstream, UnpricedPolicy expected)
    {
        var offering = Offering($"- name: ds\n    vendor: deepseek\n    keys: [k]\n    models: [deepseek-flash]\n    {upstream}", "deepseek-flash", global);

        Assert.Equal(expected, offering.Unpriced);
    }

    private static Offering Offering(string upstream, string model, string top = "")
    {
        var reading = ConfigReader.Read($"{top}\nupstreams:\n  {upstream}\n", new ConfigSource("/tmp/trivet.yaml"), _ => null);
        Assert.Empty(reading.Problems);
        Assert.True(GatewaySnapshot.Compile(reading.Config!).TryResolve(model, out var route));
        return Assert.Single(route.Candidates);
    }
}
