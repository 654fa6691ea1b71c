using Trivet.Core.Admin;
using Trivet.Core.Catalogue;

namespace Trivet.Tests.Catalogue;

/// <summary>Prices of vendors as their lists have them, worked out by hand: by the hour, by length, by cache, by tier.</summary>
public sealed class GoldenPriceTests
{
    private const long Million = 1_000_000;

    private static readonly CatalogueAdmin Admin = new(ModelCatalogue.Shipped);

    // Hit, miss and output of a million tokens each. 2026-10-01 is National Day, a Thursday; 2026-10-10 a Saturday that is worked.
    [Theory]
    [InlineData("deepseek-flash", "USD", "2026-11-16T09:00+08:00", 0.006, 0.30, 1.20)]
    [InlineData("deepseek-flash", "USD", "2026-11-16T12:00+08:00", 0.003, 0.15, 0.60)]
    [InlineData("deepseek-flash", "USD", "2026-11-16T17:59+08:00", 0.006, 0.30, 1.20)]
    [InlineData("deepseek-flash", "USD", "2026-11-16T18:00+08:00", 0.003, 0.15, 0.60)]
    [InlineData("deepseek-flash", "USD", "2026-11-14T10:00+08:00", 0.003, 0.15, 0.60)]
    [InlineData("deepseek-flash", "USD", "2026-10-01T10:00+08:00", 0.003, 0.15, 0.60)]
    [InlineData("deepseek-flash", "USD", "2026-10-10T10:00+08:00", 0.003, 0.15, 0.60)]
    [InlineData("deepseek-flash", "CNY", "2026-11-16T10:00+08:00", 0.04, 2, 8)]
    [InlineData("deepseek-flash", "CNY", "2026-11-16T22:00+08:00", 0.02, 1, 4)]
    [InlineData("deepseek-v4-pro", "USD", "2026-11-16T02:00Z", 0.044, 1.32, 3.96)]
    [InlineData("deepseek-v4-pro", "USD", "2026-11-16T04:00Z", 0.022, 0.66, 1.98)]
    [InlineData("deepseek-v4-pro", "CNY", "2026-11-16T02:00Z", 0.3, 9, 27)]
    [InlineData("deepseek-v4-pro", "CNY", "2026-11-15T02:00Z", 0.15, 4.5, 13.5)]
    [InlineData("deepseek-v4-pro", "USD", "2026-08-16T23:59+08:00", 0.003625, 0.435, 0.87)]
    [InlineData("deepseek-v4-pro", "USD", "2026-08-17T00:00+08:00", 0.022, 0.66, 1.98)]
    [InlineData("deepseek-v4-flash", "USD", "2026-09-01T10:00+08:00", 0.014, 0.44, 1.32)]
    [InlineData("deepseek-v4-flash", "USD", "2026-11-16T10:00+08:00", 0.006, 0.30, 1.20)]
    public void DeepSeek_bills_by_the_hour_in_Beijing(string model, string currency, string at, double hit, double miss, double output)
    {
        Assert.Equal(Nano(hit), Price("deepseek", model, new() { CacheRead = Million }, at, currency));
        Assert.Equal(Nano(miss), Price("deepseek", model, new() { Input = Million }, at, currency));
        Assert.Equal(Nano(output), Price("deepseek", model, new() { Output = Million }, at, currency));
    }

    [Theory]
    [InlineData(31_999, 199, 2, 8)]
    [InlineData(31_999, 200, 3, 14)]
    [InlineData(32_000, 1, 4, 16)]
    [InlineData(150_000, 50_000, 4, 16)]
    public void GLM_bills_by_the_length_of_prompt_and_answer(long input, long output, long inputRate, long outputRate)
    {
        Assert.Equal(1000 * (input * inputRate + output * outputRate), Price("zhipu", "glm-4.7", new() { Input = input, Output = output }));
        Assert.Equal(1000 * (input * inputRate + output * outputRate), Price("zhipu", "glm-4.6", new() { Input = input, Output = output }));
    }

    [Theory]
    [InlineData("cn", 32_000, 2.5, 10)]
    [InlineData("cn", 32_001, 4, 16)]
    [InlineData("cn", 128_001, 7, 28)]
    [InlineData("intl", 32_000, 1.2, 6)]
    [InlineData("intl", 32_001, 2.4, 12)]
    [InlineData("intl", 128_001, 3, 15)]
    public void Qwen_bills_by_the_length_of_the_prompt_and_otherwise_at_each_site(string site, long input, double inputRate, double outputRate) =>
        Assert.Equal(Nano(inputRate) * input / Million + Nano(outputRate) / 1000, Price("alibaba", "qwen3-max", new() { Input = input, Output = 1000 }, site: site));

    [Theory]
    [InlineData("qwen-plus", 256_000, 0.4, 1.2)]
    [InlineData("qwen-plus", 256_001, 1.2, 3.6)]
    [InlineData("qwen-plus-latest", 256_001, 1.2, 3.6)]
    public void Qwen_plus_has_a_second_step_at_a_quarter_of_a_million(string model, long input, double inputRate, double outputRate) =>
        Assert.Equal(Nano(inputRate) * input / Million + Nano(outputRate) / 1000, Price("alibaba", model, new() { Input = input, Output = 1000 }, site: "intl"));

    [Theory]
    [InlineData(200_000, 1.25, 0.125, 10)]
    [InlineData(200_001, 2.5, 0.25, 15)]
    public void Gemini_bills_more_above_two_hundred_thousand_tokens_cached_ones_counted(long prompt, double input, double cached, double output)
    {
        Assert.Equal(Nano(input) * prompt / Million + Nano(output) / 1000, Price("google", "gemini-2.5-pro", new() { Input = prompt, Output = 1000 }));
        Assert.Equal(Nano(cached) * (prompt - 1000) / Million + Nano(input) / 1000, Price("google", "gemini-2.5-pro", new() { Input = 1000, CacheRead = prompt - 1000 }));
    }

    [Theory]
    [InlineData("claude-sonnet-4-6", 3, 15)]
    [InlineData("claude-opus-4-7", 5, 25)]
    [InlineData("claude-haiku-4-5", 1, 5)]
    [InlineData("claude-sonnet-5", 3, 15)]
    [InlineData("claude-opus-5", 5, 25)]
    public void Anthropic_bills_cache_writes_at_one_and_a_quarter_and_at_twice_and_reads_at_a_tenth(string model, double input, double output)
    {
        Assert.Equal(Nano(input) / 10, Price("anthropic", model, new() { Input = Million / 10 }));
        Assert.Equal(Nano(input) * 5 / 4 / 10, Price("anthropic", model, new() { CacheWrite5m = Million / 10 }));
        Assert.Equal(Nano(input) * 2 / 10, Price("anthropic", model, new() { CacheWrite1h = Million / 10 }));
        Assert.Equal(Nano(input) / 10 / 10, Price("anthropic", model, new() { CacheRead = Million / 10 }));
        Assert.Equal(Nano(output), Price("anthropic", model, new() { Output = Million / 2, Reasoning = Million / 2 }));
    }

    [Fact]
    public void Sonnet_5_had_an_introductory_price()
    {
        Assert.Equal(2_000_000_000, Price("anthropic", "claude-sonnet-5", new() { Input = Million }, "2026-08-31T23:59Z"));
        Assert.Equal(3_000_000_000, Price("anthropic", "claude-sonnet-5", new() { Input = Million }, "2026-09-01T00:00Z"));
    }

    [Theory]
    [InlineData(ServiceTier.Standard, 1.25, 0.125, 10)]
    [InlineData(ServiceTier.Flex, 0.625, 0.0625, 5)]
    [InlineData(ServiceTier.Priority, 2.5, 0.25, 20)]
    public void OpenAI_bills_cached_prompts_at_a_tenth_and_flex_and_priority_apart(ServiceTier tier, double input, double cached, double output)
    {
        Assert.Equal(Nano(input), Price("openai", "gpt-5", new() { Input = Million }, tier: tier));
        Assert.Equal(Nano(cached), Price("openai", "gpt-5", new() { CacheRead = Million }, tier: tier));
        Assert.Equal(Nano(output), Price("openai", "gpt-5", new() { Output = Million }, tier: tier));
    }

    [Fact]
    public void OpenAI_bills_batches_at_half()
    {
        Assert.Equal(2 * Price("openai", "gpt-5.6", new() { Input = 1000, Output = 1000 }, tier: ServiceTier.Batch), Price("openai", "gpt-5.6", new() { Input = 1000, Output = 1000 }));
        Assert.Equal(2 * Price("openai", "gpt-4.1", new() { Input = 1000, Output = 1000 }, tier: ServiceTier.Batch), Price("openai", "gpt-4.1", new() { Input = 1000, Output = 1000 }));
    }

    [Theory]
    [InlineData("gpt-5.6", 272_000, 5, 6.25, 0.5, 30)]
    [InlineData("gpt-5.6", 272_001, 10, 12.5, 1, 45)]
    public void OpenAIs_newest_bill_cache_writes_and_longer_prompts(string model, long length, double input, double write, double read, double output)
    {
        Assert.Equal(Nano(input) * length / Million + Nano(output) / 1000, Price("openai", model, new() { Input = length, Output = 1000 }));
        Assert.Equal(Nano(write) * length / Million, Price("openai", model, new() { CacheWrite5m = length }));
        Assert.Equal(Nano(read) * length / Million, Price("openai", model, new() { CacheRead = length }));
    }

    [Theory]
    [InlineData("kimi-k3", "cn", "CNY", 20, 2, 100)]
    [InlineData("kimi-k3", "intl", "USD", 3, 0.3, 15)]
    [InlineData("kimi-k2.6", "cn", "CNY", 6.5, 1.1, 27)]
    public void Kimi_bills_in_the_currency_of_the_site(string model, string site, string currency, double input, double cached, double output)
    {
        Assert.Equal(currency, Admin.ListPrice(Admin.Find($"moonshot/{model}")[0], site, null).Currency);
        Assert.Equal(Nano(input) + Nano(cached) + Nano(output), Price("moonshot", model, new() { Input = Million, CacheRead = Million, Output = Million }, site: site));
    }

    [Fact]
    public void A_promotion_ends_when_it_was_said_to_end()
    {
        Assert.Equal(400_000_000, Price("zhipu", "glm-5.3-flash", new() { Input = Million }, "2026-09-09T23:59+08:00"));
        Assert.Equal(800_000_000, Price("zhipu", "glm-5.3-flash", new() { Input = Million }, "2026-09-10T00:00+08:00"));
    }

    [Theory]
    [InlineData("ft:gpt-4.1-mini-2025-04-14:acme::Ab12", "openai/ft:gpt-4.1-mini-2025-04-14")]
    [InlineData("grok-4-latest", "xai/grok-4")]
    [InlineData("anthropic/claude-sonnet-4.5", "anthropic/claude-sonnet-4-5")]
    [InlineData("z-ai/glm-4.6", "zhipu/glm-4.6")]
    [InlineData("zai-org/GLM-4.6", "zhipu/glm-4.6")]
    [InlineData("moonshotai/kimi-k2-thinking", "moonshot/kimi-k2-thinking")]
    public void A_name_as_relays_and_owners_write_it_is_found(string name, string model) =>
        Assert.Equal(model, Assert.Single(Admin.Find(name)).QualifiedId);

    [Theory]
    [InlineData("z-ai/glm-4.6:free")]
    [InlineData("anthropic/claude-sonnet-4.5:thinking")]
    public void Another_offer_of_a_model_is_not_that_model(string name) => Assert.Empty(Admin.Find(name));

    private static long Nano(double perMillion) => (long)((decimal)perMillion * 1_000_000_000);

    private static long? Price(
        string vendor, string model, MeterCounts used, string at = "2026-11-30T12:00Z", string? currency = null, string? site = null, ServiceTier tier = ServiceTier.Standard)
    {
        var price = Admin.ListPrice(Admin.Find($"{vendor}/{model}")[0], site, currency);
        var quote = PriceBook.WithoutFx.Price(price, used, DateTimeOffset.Parse(at), tier);
        return quote.IsComplete ? quote.BilledNano : null;
    }
}
