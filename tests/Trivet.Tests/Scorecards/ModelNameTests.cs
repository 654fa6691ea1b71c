using Trivet.Core.Catalogue;
using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;

namespace Trivet.Tests.Scorecards;

/// <summary>When the name that an answer bears is evidence that another model gave it.</summary>
public sealed class ModelNameTests
{
    [Theory]
    [InlineData("gpt-4o", "gpt-4o", false)]
    [InlineData("gpt-4o", "gpt-4o-2024-08-06", false)]
    [InlineData("gpt-4o", "gpt-4o-mini", true)]
    [InlineData("gpt-4o", "gpt-4o-mini-2024-07-18", true)]
    [InlineData("claude-sonnet-4-5", "claude-sonnet-4-5-20250929", false)]
    [InlineData("anthropic/claude-sonnet-4-5", "claude-sonnet-4-5", false)]
    [InlineData("GPT-4o", "openai/gpt-4o", false)]
    [InlineData("kimi-latest", "kimi-k2-0905-preview", false)]
    [InlineData("lab-large", "lab-small", true)]
    [InlineData("lab-large", "/models/weights-q4.gguf", false)]
    [InlineData("lab-large", "", false)]
    [InlineData("gpt-4o", "some-deployment-of-ours", false)]
    public void Only_a_name_that_is_known_to_be_of_another_model_is_held_against_an_answer(string asked, string answered, bool isOther)
    {
        var upstream = new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get("custom"), Endpoints = [], Models = ["lab-large", "lab-small", "gpt-4o"] };

        Assert.Equal(isOther, ModelNames.IsOther(new Offering(upstream, asked), answered, ModelCatalogue.Shipped));
    }
}
