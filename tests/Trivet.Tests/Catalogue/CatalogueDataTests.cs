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
