using System.Text;
using Trivet.Core.Admin;
using Trivet.Core.Catalogue;
using Trivet.Core.Catalogue.Import;

namespace Trivet.Tests.Catalogue;

public sealed class CatalogueImportTests
{
    private const string ModelsDev = """
        {"openai":{"name":"OpenAI","models":{
          "gpt-9":{"name":"GPT-9","release_date":"2026-11","reasoning":true,"reasoning_options":[{"type":"effort","values":["low","high"]}],"tool_call":true,"open_weights":false,
                   "cost":{"input":1.25,"output":10,"cache_read":0.125,"tiers":[{"tier":{"size":200000},"input":2.5,"output":15,"cache_read":0.25}]},
                   "limit":{"context":400000,"output":128000},"modalities":{"input":["text","image"],"output":["text"]}},
          "gpt-free":{"name":"Nothing known","cost":{"input":0,"output":0},"limit":{"context":0,"output":0}}}},
         "zai-coding-plan":{"models":{"glm-9":{"name":"In a subscription","cost":{"input":0,"output":0}}}},
         "moonshotai":{"models":{"kimi-9":{"name":"Kimi 9","cost":{"input":1,"output":2}}}},
         "moonshotai-cn":{"models":{"kimi-9":{"name":"Kimi 9","cost":{"input":1,"output":2}}}}}
        """;

    private const string LiteLlm = """
        {"sample_spec":{"litellm_provider":"one of"},
         "gpt-9":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1.25e-06,"output_cost_per_token":1e-05,"cache_read_input_token_cost":1.25e-07,
                  "input_cost_per_token_above_200k_tokens":2.5e-06,"output_cost_per_token_above_200k_tokens":1.5e-05,
                  "input_cost_per_token_flex":6.25e-07,"output_cost_per_token_flex":5e-06,"output_cost_per_token_batches":5e-06,"input_cost_per_token_batches":6.25e-07,"deprecation_date":"2027-01-01"},
         "gpt-9-2026-11-20":{"litellm_provider":"openai","mode":"chat","input_cost_per_token":1.25e-06,"output_cost_per_token":1e-05},
         "claude-9":{"litellm_provider":"anthropic","mode":"chat","input_cost_per_token":3e-06,"output_cost_per_token":1.5e-05,"cache_creation_input_token_cost":3.75e-06,"cache_creation_input_token_cost_above_1hr":6e-06},
         "dashscope/qwen-9":{"litellm_provider":"dashscope","mode":"chat","tiered_pricing":[{"input_cost_per_token":1.2e-06,"output_cost_per_token":6e-06,"range":[0,32000.0]},{"input_cost_per_token":2.4e-06,"output_cost_per_token":1.2e-05,"range":[32000.0,128000.0]}]},
         "tts":{"litellm_provider":"openai","mode":"audio_speech","input_cost_per_token":1}}
        """;

    private const string GenaiPrices = """
        [{"id":"x-ai","models":[
           {"id":"grok-9","match":{"or":[{"equals":"grok-9-latest"},{"starts_with":"grok"}]},"context_window":256000,
            "prices":[{"prices":{"input_mtok":3,"output_mtok":15}},{"constraint":{"start_date":"2026-12-01"},"prices":{"input_mtok":{"base":2,"tiers":[{"start":128000,"price":4}]},"output_mtok":10}}]},
           {"id":"grok-night","match":{"equals":"grok-night"},"prices":[{"prices":{"input_mtok":1,"output_mtok":1}},{"constraint":{"start_time":"00:30:00Z","end_time":"16:30:00Z"},"prices":{"input_mtok":2,"output_mtok":2}}]}]},
         {"id":"huggingface_x","models":[{"id":"m","prices":{"input_mtok":1,"output_mtok":1}}]}]
        """;

    private static readonly DateOnly Today = new(2026, 11, 30);

    [Fact]
    public void Models_dev_is_told_by_its_content_and_zero_is_not_taken_for_a_price()
    {
        var models = Read(ModelsDev);

        var gpt = models["openai/gpt-9"];
        Assert.Equal((400_000, 128_000, true, false), (gpt.ContextTokensMax, gpt.OutputTokensMax, gpt.Tools, gpt.OpenWeights));
        Assert.Equal(["low", "high"], gpt.Reasoning);
        Assert.Equal(new DateOnly(2026, 11, 1), gpt.Released);
        var price = Assert.Single(gpt.Prices);
        Assert.Equal([new PriceStep(200_000, null, Prices.PerMillion(1.25m, 10, 0.125m)), new PriceStep(null, null, Prices.PerMillion(2.5m, 15, 0.25m))], price.Steps);
        Assert.Empty(models["openai/gpt-free"].Prices);
        Assert.DoesNotContain(models.Keys, key => key.EndsWith("glm-9", StringComparison.Ordinal));
    }

    [Fact]
    public void A_conversion_that_nobody_is_billed_by_is_not_taken() =>
        Assert.Equal(["intl"], Read(ModelsDev)["moonshot/kimi-9"].Prices.Select(price => price.Site));

    [Fact]
    public void LiteLLM_brings_tiers_of_service_and_of_length_and_writes_for_an_hour()
    {
        var models = Read(LiteLlm);

        Assert.Equal([ServiceTier.Standard, ServiceTier.Flex, ServiceTier.Batch], models["openai/gpt-9"].Prices.Select(price => price.Tier));
        Assert.Equal([200_000, null], models["openai/gpt-9"].Prices[0].Steps.Select(step => step.InputMax));
        Assert.Equal(new DateOnly(2027, 1, 1), models["openai/gpt-9"].RetiredOn);
        Assert.Equal(6_000_000, models["anthropic/claude-9"].Prices[0].Steps[0].Rates.CacheWrite1hPico);
        Assert.Equal([(32_000, 1_200_000L), (null, 2_400_000L)], models["alibaba/qwen-9"].Prices[0].Steps.Select(step => (step.InputMax, step.Rates.InputPico!.Value)));
        Assert.DoesNotContain("openai/tts", models.Keys);
    }

    [Fact]
    public void Genai_prices_bring_dates_and_what_is_by_the_hour_is_left_out_rather_than_half_taken()
    {
        var models = Read(GenaiPrices);

        var grok = models["xai/grok-9"];
        Assert.Equal(["grok-9-latest"], grok.Aliases);
        Assert.Equal([(null, DateTimeOffset.Parse("2026-12-01T00:00Z")), (DateTimeOffset.Parse("2026-12-01T00:00Z"), (DateTimeOffset?)null)], grok.Prices.Select(price => (price.ValidFrom, price.ValidTo)));
        Assert.Equal([(128_000, 2_000_000L), (null, 4_000_000L)], grok.Prices[1].Steps.Select(step => (step.InputMax, step.Rates.InputPico!.Value)));
        Assert.Empty(models["xai/grok-night"].Prices);
        Assert.DoesNotContain(models.Values, model => model.Vendor.StartsWith("huggingface", StringComparison.Ordinal));
    }

    [Fact]
    public void A_second_file_fills_in_what_the_first_does_not_know_and_changes_nothing_of_it()
    {
        var import = new CatalogueImport();
        Assert.Null(Add(import, ModelsDev));
        Assert.Null(Add(import, LiteLlm, onlyFills: true));
        var models = import.Models.ToDictionary(model => model.QualifiedId);

        var gpt = models["openai/gpt-9"];
        Assert.Equal(125_000, gpt.Prices[0].Steps[0].Rates.CacheReadPico);
        Assert.Contains(gpt.Prices, price => price.Tier == ServiceTier.Flex);
        Assert.Equal(["gpt-9-2026-11-20"], gpt.Aliases);
        Assert.DoesNotContain("anthropic/claude-9", models.Keys);
    }

    [Theory]
    [InlineData("not json at all")]
    [InlineData("{\"a\":1}")]
    [InlineData("[]")]
    [InlineData("{}")]
    public void Anything_else_is_refused_with_a_reason(string json) => Assert.Contains("some.json", Add(new CatalogueImport(), json));

    [Fact]
    public void A_file_that_knows_less_never_takes_hours_or_lengths_from_the_catalogue()
    {
        var import = new CatalogueImport();
        Add(import, """{"deepseek":{"models":{"deepseek-flash":{"name":"DeepSeek Flash (V4.1)","cost":{"input":0.14,"output":0.28}}}},"zhipuai":{"models":{}},"google":{"models":{"gemini-2.5-pro":{"name":"Gemini 2.5 Pro","cost":{"input":1,"output":10}}}}}""");

        var changes = import.Against(ModelCatalogue.Shipped);

        Assert.Contains("by the hour", Assert.Single(changes.Single(change => change.Model.Id == "deepseek-flash").Kept));
        Assert.Contains("by length", Assert.Single(changes.Single(change => change.Model.Id == "gemini-2.5-pro").Kept));
        Assert.All(changes, change => Assert.Equal(change.Before!.Prices.Select(price => price.Version), change.Model.Prices.Select(price => price.Version)));
    }

    [Fact]
    public void A_file_that_leaves_meters_out_takes_none_away()
    {
        var import = new CatalogueImport();
        Add(import, """{"anthropic":{"models":{"claude-opus-4-8":{"name":"Claude Opus 4.8","cost":{"input":5,"output":25,"cache_read":0.4}}}}}""");

        var change = Assert.Single(import.Against(ModelCatalogue.Shipped), change => change.Model.Id == "claude-opus-4-8");

        var rates = Assert.Single(change.Model.Prices).Steps[0].Rates;
        Assert.Equal(400_000, rates.CacheReadPico);
        Assert.Equal((6_250_000, 10_000_000), (rates.CacheWrite5mPico, rates.CacheWrite1hPico));
        Assert.NotNull(rates.SearchCallPico);
    }

    [Fact]
    public void A_price_without_dates_does_not_take_the_place_of_the_same_one_with_them()
    {
        var import = new CatalogueImport();
        Add(import, """{"anthropic":{"models":{"claude-sonnet-5":{"name":"Claude Sonnet 5","cost":{"input":2,"output":10}}}}}""");

        var change = Assert.Single(import.Against(ModelCatalogue.Shipped), change => change.Model.Id == "claude-sonnet-5");

        Assert.Contains("dates", Assert.Single(change.Kept));
        Assert.Equal(change.Before!.Prices.Select(price => price.Version), change.Model.Prices.Select(price => price.Version));
    }

    [Fact]
    public void A_later_price_of_a_file_leaves_the_earlier_one_that_both_know()
    {
        var folder = Directory.CreateTempSubdirectory("trivet-catalogue-");
        try
        {
            var first = new CatalogueImport();
            Add(first, GenaiPrices);
            new CatalogueAdmin(ModelCatalogue.Shipped).Apply(folder.FullName, first.Against(ModelCatalogue.Shipped));
            var second = new CatalogueImport();
            Add(second, GenaiPrices.Replace("\"output_mtok\":10", "\"output_mtok\":11", StringComparison.Ordinal));

            var change = Assert.Single(second.Against(ModelCatalogue.WithFolder(folder.FullName)), change => change.Model.Id == "grok-9");

            Assert.Equal([(null, 15_000_000), (new DateOnly(2026, 12, 1), 11_000_000L)], change.Model.Prices.Select(price => (price.ValidFrom is { } from ? DateOnly.FromDateTime(from.UtcDateTime) : (DateOnly?)null, price.Steps[0].Rates.OutputPico!.Value)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_is_imported_lies_over_the_shipped_catalogue_and_a_second_import_changes_nothing()
    {
        var folder = Directory.CreateTempSubdirectory("trivet-catalogue-");
        try
        {
            var import = new CatalogueImport();
            Add(import, """{"mistral":{"models":{"mistral-99":{"name":"New","cost":{"input":1,"output":2}}}},"groq":{"models":{"llama-3.1-8b-instant":{"name":"Llama 3.1 8B","cost":{"input":7,"output":8}}}}}""");
            var before = import.Against(ModelCatalogue.Shipped);
            Assert.Equal(2, new CatalogueAdmin(ModelCatalogue.Shipped).Apply(folder.FullName, before).Count);

            var over = ModelCatalogue.WithFolder(folder.FullName);

            Assert.Equal(1_000_000, over.Find("mistral", "mistral-99")!.Prices[0].Steps[0].Rates.InputPico);
            Assert.Equal(7_000_000, over.Find("groq", "llama-3.1-8b-instant")!.Prices[0].Steps[0].Rates.InputPico);
            Assert.Equal(ModelCatalogue.Shipped.Find("groq")!.Models.Count, over.Find("groq")!.Models.Count);
            Assert.Equal("Groq", over.Find("groq")!.DisplayName);
            Assert.Empty(over.Problems);
            Assert.Empty(import.Against(over));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_broken_file_of_the_operators_counts_for_nothing_and_is_told()
    {
        var folder = Directory.CreateTempSubdirectory("trivet-catalogue-");
        try
        {
            File.WriteAllText(Path.Combine(folder.FullName, "openai.yaml"), "vendor: openai\nname: OpenAI\nsources: { a: { url: x, checked: 2026-11-30 } }\nmodels:\n  gpt-5: { contxt: 1 }\n");

            var over = ModelCatalogue.WithFolder(folder.FullName);

            Assert.NotNull(over.Find("openai", "gpt-5")!.ContextTokensMax);
            Assert.Contains("context", Assert.Single(over.Problems));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static Dictionary<string, CatalogueModel> Read(string json)
    {
        var import = new CatalogueImport();
        Assert.Null(Add(import, json));
        return import.Models.ToDictionary(model => model.QualifiedId);
    }

    private static string? Add(CatalogueImport import, string json, bool onlyFills = false) =>
        import.Add(new MemoryStream(Encoding.UTF8.GetBytes(json)), "some.json", Today, onlyFills);
}
