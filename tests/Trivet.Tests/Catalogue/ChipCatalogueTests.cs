using Trivet.Core.Catalogue;
using Trivet.Core.Catalogue.Chips;
using Trivet.Core.Yaml;

namespace Trivet.Tests.Catalogue;

public sealed class ChipCatalogueTests
{
    [Fact]
    public void Every_fact_is_of_a_vendor_of_the_catalogue_and_says_where_and_when_it_was_read()
    {
        var vendors = ModelCatalogue.Shipped.VendorNames.ToHashSet(StringComparer.Ordinal);

        Assert.NotEmpty(ChipCatalogue.Shipped.Facts);
        Assert.All(ChipCatalogue.Shipped.Facts, fact =>
        {
            Assert.Contains(fact.Vendor, vendors);
            Assert.NotEmpty(fact.Chips);
            Assert.Equal("https", new Uri(fact.Source.Url).Scheme);
            Assert.True(fact.AsOf <= fact.Source.Checked, $"{fact.Vendor} was read before it was so");
        });
    }

    [Fact]
    public void Every_chip_is_used_by_somebody_and_has_an_owner() =>
        Assert.All(ChipCatalogue.Shipped.Chips, chip =>
        {
            Assert.Contains(ChipCatalogue.Shipped.Facts, fact => fact.Chips.Contains(chip));
            Assert.NotEqual("", chip.Designer);
            Assert.Matches("^[A-Z]{2}$", chip.Country);
        });

    [Fact]
    public void A_vendor_that_tells_nothing_has_no_facts() => Assert.Empty(ChipCatalogue.Shipped.Of("perplexity"));

    [Theory]
    [InlineData("chips: {}\nvendors: { groq: [{ chips: [lpv], use: serving, operators: [], as_of: 2025-01-01, source: 'https://x', checked: 2025-01-02 }] }", "lpv")]
    [InlineData("chips: { lpu: { name: LPU, designer: Groq } }\nvendors: {}", "country")]
    [InlineData("chips: {}\nvendors: { groq: [{ chips: [], use: dreaming, operators: [], as_of: 2025-01-01, source: 'https://x', checked: 2025-01-02 }] }", "dreaming")]
    public void What_is_wrong_in_the_file_is_told(string yaml, string word)
    {
        var problems = new List<ConfigProblem>();

        Assert.Null(ChipCatalogue.Read(yaml, problems));
        Assert.Contains(problems, problem => problem.Message.Contains(word, StringComparison.Ordinal));
    }
}
