using Trivet.Core.Catalogue;
using Trivet.Core.Catalogue.Import;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Core.Yaml;

namespace Trivet.Tests.Catalogue;

/// <summary>The files that come with Trivet: all of them are read, and nothing in them is without a source.</summary>
public sealed class CatalogueDataTests
{
    private static readonly ModelCatalogue Catalogue = ModelCatalogue.Shipped;

    public static TheoryData<string> Vendors => [.. Catalogue.VendorNames];

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Every_vendor_is_read_and_every_model_and_price_has_a_source_and_a_date(string name)
    {
        var vendor = Catalogue.Find(name)!;

        Assert.Equal(name, vendor.Name);
        Assert.NotEmpty(vendor.Models);
        Assert.All(vendor.Models, model =>
        {
            Assert.Equal(name, model.Vendor);
            AssertSource(model.Source);
            Assert.All(model.Prices, price => AssertSource(price.Source));
        });

        static void AssertSource(PriceSource source)
        {
            Assert.NotEmpty(source.Url);
            Assert.InRange(source.Checked, new DateOnly(2025, 1, 1), new DateOnly(2026, 12, 31));
        }
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void No_price_gets_lower_with_length(string name) => Assert.All(Catalogue.Find(name)!.Models.SelectMany(model => model.Prices.Select(price => (model.QualifiedId, price))), one =>
    {
        foreach (var (shorter, longer) in one.price.Steps.Zip(one.price.Steps.Skip(1)))
        {
            foreach (var meter in Meters.All)
                Assert.True(longer.Rates.Written(meter) is not { } rate || rate >= shorter.Rates.Written(meter) || shorter.Rates.Written(meter) is null, $"{one.QualifiedId} {Meters.NameOf(meter)}");
        }
    });

    [Theory]
    [MemberData(nameof(Vendors))]
    public void At_any_time_a_site_has_one_price_of_a_kind(string name)
    {
        foreach (var model in Catalogue.Find(name)!.Models)
        {
            foreach (var kind in model.Prices.GroupBy(price => (price.Currency, price.Site, price.Tier, price.IsPromotion, price.Schedule?.Name)))
            {
                var records = kind.OrderBy(price => price.ValidFrom ?? DateTimeOffset.MinValue).ToList();
                foreach (var (earlier, later) in records.Zip(records.Skip(1)))
                    Assert.True(earlier.ValidTo <= later.ValidFrom, $"{model.QualifiedId} {kind.Key}");
            }
        }
    }

    // Claude's caches cost the same multiples of the prompt wherever it runs; Haiku 3 has prices of its own, rounded by Anthropic.
    [Theory]
    [InlineData("anthropic")]
    [InlineData("bedrock")]
    [InlineData("vertex")]
    [InlineData("azure")]
    public void Writing_to_a_cache_of_claudes_costs_its_multiple_of_the_prompt(string name)
    {
        var models = Catalogue.Find(name)!.Models.Where(model => model.Id.Contains("claude", StringComparison.Ordinal) && !model.Id.Contains("claude-3-haiku", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(models);
        foreach (var model in models)
        {
            foreach (var rates in model.Prices.SelectMany(price => price.Steps).Select(step => step.Rates))
            {
                Assert.Equal((model.Id, rates.InputPico / 10), (model.Id, rates.CacheReadPico ?? (rates.InputPico / 10)));
                Assert.Equal((model.Id, rates.InputPico * 5 / 4), (model.Id, rates.CacheWrite5mPico ?? (rates.InputPico * 5 / 4)));
                Assert.Equal((model.Id, rates.InputPico * 2), (model.Id, rates.CacheWrite1hPico ?? (rates.InputPico * 2)));
            }
        }
    }

    [Theory]
    [InlineData("us.")]
    [InlineData("eu.")]
    [InlineData("jp.")]
    [InlineData("au.")]
    public void A_claude_that_stays_in_a_region_costs_a_tenth_more_than_one_that_may_run_anywhere(string region)
    {
        var models = Catalogue.Find("bedrock")!.Models.ToDictionary(model => model.Id);
        var pairs = models.Values.Where(model => model.Id.StartsWith(region + "anthropic.claude", StringComparison.Ordinal))
            .Select(model => (model, everywhere: models.GetValueOrDefault("global." + model.Id[region.Length..]))).Where(pair => pair.everywhere is not null).ToList();

        Assert.NotEmpty(pairs);
        Assert.All(pairs, pair => Assert.Equal(
            pair.everywhere!.Prices.SelectMany(price => price.Steps).Select(step => (pair.model.Id, step.Rates.InputPico * 11 / 10, step.Rates.OutputPico * 11 / 10)),
            pair.model.Prices.SelectMany(price => price.Steps).Select(step => (pair.model.Id, step.Rates.InputPico, step.Rates.OutputPico))));
    }

    [Fact]
    public void There_are_four_hundred_models_of_twenty_vendors_and_the_domestic_ones_have_prices_in_yuan()
    {
        var vendors = Catalogue.VendorNames.Select(name => Catalogue.Find(name)!).ToList();
        var priced = vendors.SelectMany(vendor => vendor.Models).Where(model => model.Prices.Count > 0).ToList();

        Assert.True(priced.Count >= 400, $"{priced.Count}");
        Assert.True(vendors.Count >= 20, $"{vendors.Count}");
        Assert.All(["alibaba", "zhipu", "minimax", "moonshot", "deepseek", "tencent", "volcengine"], name => Assert.Contains(Catalogue.Find(name)!.Models, model => model.Prices.Any(price => price.Currency == "CNY")));
        Assert.All(["stepfun", "xiaomi", "siliconflow", "zai", "openai", "anthropic", "google"], name => Assert.Contains(name, Catalogue.VendorNames));
    }

    [Fact]
    public void The_models_that_profiles_name_are_known()
    {
        var unknown = VendorProfiles.All.Where(profile => Catalogue.Find(profile.Vendor) is not null)
            .SelectMany(profile => profile.DefaultModels.Where(model => !model.Contains('*') && Catalogue.Find(profile.Vendor, model) is null).Select(model => $"{profile.Vendor}/{model}"));

        Assert.Empty(unknown);
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void What_is_written_is_what_was_read(string name)
    {
        var vendor = Catalogue.Find(name)!;
        var problems = new List<ConfigProblem>();

        var again = CatalogueReader.Read(CatalogueWriter.Write(vendor), ModelCatalogue.Calendar, problems);

        Assert.Empty(problems);
        Assert.Equal(vendor.Models.Select(Text), again!.Models.Select(Text));
        Assert.Equal((vendor.DisplayName, string.Join(',', vendor.Makes), vendor.CurrencyOf(null)), (again.DisplayName, string.Join(',', again.Makes), again.CurrencyOf(null)));

        // Records compare lists by reference; everything that a model says stands in this text.
        static string Text(CatalogueModel model) => string.Join('|',
        [
            model.QualifiedId, model.DisplayName, string.Join(',', model.Aliases), $"{model.ContextTokensMax} {model.OutputTokensMax}", string.Join(',', model.InputModalities),
            string.Join(',', model.OutputModalities), model.Reasoning is null ? "?" : string.Join(',', model.Reasoning), $"{model.Tools} {model.StructuredOutput} {model.OpenWeights} {model.Released} {model.Knowledge} {model.IsDeprecated} {model.RetiredOn} {model.Source}",
            .. model.Prices.Select(price => $"{price.Version} {price.Site} {price.Source} {price.Schedule?.Name}"),
        ]);
    }
}
