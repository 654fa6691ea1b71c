using Trivet.Core.Upstreams.Quirks;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Core.Yaml;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Upstreams;

public sealed class VendorProfileTests
{
    public static TheoryData<string> Vendors => [.. VendorProfiles.Names];

    [Fact]
    public void Every_vendor_of_the_plan_has_a_profile() => Assert.Superset(
        new HashSet<string>
        {
            "openai", "anthropic", "google", "alibaba", "zhipu", "zai", "minimax", "moonshot", "deepseek", "mistral", "xai", "groq", "openrouter",
            "siliconflow", "volcengine", "new-api", "vllm", "sglang", "llama-cpp", "lm-studio", "ollama", "sandbox", "custom",
        },
        VendorProfiles.Names.ToHashSet());

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Every_profile_reads_without_a_problem_and_says_when_and_where_from(string vendor)
    {
        var profile = VendorProfiles.Get(vendor);

        Assert.Equal(vendor, profile.Vendor);
        Assert.NotEmpty(profile.DisplayName);
        Assert.NotEmpty(profile.Sources);
        Assert.True(profile.Checked >= new DateOnly(2026, 1, 1));
        Assert.NotEmpty(profile.DefaultModels);
        Assert.Same(profile, VendorProfiles.Get(vendor));
    }

    [Theory]
    [MemberData(nameof(Vendors))]
    public void Every_site_is_encrypted_or_on_this_machine_and_speaks_each_protocol_once(string vendor)
    {
        foreach (var site in VendorProfiles.Get(vendor).Sites)
        {
            Assert.NotEmpty(site.Endpoints);
            Assert.All(site.Endpoints, endpoint => Assert.True(endpoint.BaseUri.Scheme == "https" || endpoint.BaseUri.IsLoopback, $"{vendor}/{site.Name}: {endpoint.BaseUri}"));
            Assert.Equal(site.Endpoints.Count, site.Endpoints.DistinctBy(endpoint => endpoint.Protocol).Count());
            Assert.DoesNotContain(site.Endpoints, endpoint => endpoint.BaseUri.AbsolutePath.EndsWith('/') && endpoint.BaseUri.AbsolutePath != "/");
        }
    }

    [Fact]
    public void A_variable_belongs_to_one_vendor()
    {
        var variables = VendorProfiles.All.SelectMany(profile => profile.KeyVariables.Append(profile.HostVariable).OfType<string>()).ToList();

        Assert.Equal(variables.Count, variables.Distinct().Count());
    }

    [Fact]
    public void A_model_patch_stands_on_its_base()
    {
        var profile = VendorProfiles.Get("moonshot");
        var k3 = profile.QuirksFor(Protocol.OpenAIChat, "kimi-k3");
        var k26 = profile.QuirksFor(Protocol.OpenAIChat, "kimi-k2.6");

        Assert.False(k3.Thinking.CanDisable);
        Assert.True(k26.Thinking.CanDisable);
        Assert.True(k3.Thinking.OnByDefault); // of the base, although the patch names other keys of thinking
        Assert.Equal(MaxTokensField.MaxCompletionTokens, k3.MaxTokensField);
        Assert.Equal(ToolChoices.Required | ToolChoices.Named, k26.ToolChoiceRejectedWhileThinking);
        Assert.Equal(ToolChoices.Named, k3.ToolChoiceRejectedWhileThinking);
    }

    [Fact]
    public void What_a_profile_does_not_name_is_as_the_protocol_says()
    {
        var profile = VendorProfiles.Get("deepseek");

        Assert.Same(ProtocolQuirks.Standard, profile.QuirksFor(Protocol.Gemini, "deepseek-flash"));
        Assert.Equal(ReasoningInHistory.Required, profile.QuirksFor(Protocol.OpenAIChat, "deepseek-v4-pro").ReasoningInHistory);
        Assert.Equal(ImageSupport.None, profile.QuirksFor(Protocol.OpenAIChat, "deepseek-v4-pro").Images);
        Assert.Equal(ImageSupport.UrlAndData, profile.QuirksFor(Protocol.OpenAIChat, "deepseek-flash").Images);
    }

    [Fact]
    public void Thinking_rules_follow_the_generation_of_a_claude_model()
    {
        var anthropic = VendorProfiles.Get("anthropic");

        Assert.Equal(Support.Rejected, anthropic.QuirksFor(Protocol.AnthropicMessages, "claude-sonnet-4-5").Thinking.Adaptive);
        Assert.Equal(Support.Honoured, anthropic.QuirksFor(Protocol.AnthropicMessages, "claude-sonnet-4-5").Thinking.Budget);
        Assert.Equal(Support.Honoured, anthropic.QuirksFor(Protocol.AnthropicMessages, "claude-opus-4-6").Thinking.Adaptive);
        Assert.Equal(Support.Rejected, anthropic.QuirksFor(Protocol.AnthropicMessages, "claude-opus-4-7").Thinking.Budget);
        Assert.Equal(Support.Rejected, anthropic.QuirksFor(Protocol.AnthropicMessages, "claude-sonnet-5").Sampling);
        Assert.False(anthropic.QuirksFor(Protocol.AnthropicMessages, "claude-fable-1").Thinking.CanDisable);
    }

    [Theory]
    [InlineData("gpt-5", "minimal low medium high", ThinkingSwitch.ReasoningEffort)]
    [InlineData("gpt-5.4-mini", "none low medium high xhigh", ThinkingSwitch.ReasoningEffort)]
    [InlineData("o3", "low medium high", ThinkingSwitch.ReasoningEffort)]
    [InlineData("gpt-4.1", "", ThinkingSwitch.None)]
    public void Effort_is_asked_only_of_models_that_know_it(string model, string levels, ThinkingSwitch how)
    {
        var quirks = VendorProfiles.Get("openai").QuirksFor(Protocol.OpenAIChat, model);

        Assert.Equal(levels, string.Join(' ', quirks.Thinking.EffortLevels));
        Assert.Equal(how, quirks.Thinking.Switch);
    }

    [Theory]
    [InlineData("claude-opus-4-20250514", 32000)]
    [InlineData("claude-opus-4-1", 32000)]
    [InlineData("claude-sonnet-4-5", 64000)]
    [InlineData("claude-3-haiku-20240307", 4096)]
    public void The_output_bound_follows_the_model(string model, int tokens) =>
        Assert.Equal(tokens, VendorProfiles.Get("anthropic").QuirksFor(Protocol.AnthropicMessages, model).MaxOutputTokens);

    [Fact]
    public void Business_codes_have_a_class() => Assert.Equal(VendorErrorClass.Billing, VendorProfiles.Get("zhipu").ErrorCodes["1113"]);

    [Theory]
    [InlineData("vendor: x\nname: X\nchecked: 2026-11-22\nsources: [a]\nquirks:\n  openai-chat:\n    stream_usge: inject\n", 7, "did you mean 'stream_usage'?")]
    [InlineData("vendor: x\nname: X\nchecked: 22.11.2026\nsources: [a]\n", 3, "a date such as 2026-11-22")]
    [InlineData("vendor: x\nname: X\nchecked: 2026-11-22\nsources: [a]\nquirks:\n  openai-caht: {}\n", 6, "did you mean 'openai-chat'?")]
    [InlineData("vendor: x\nname: X\nchecked: 2026-11-22\nsources: [a]\nerror_codes:\n  '1': billed\n", 6, "one of invalid_request, ")]
    public void A_wrong_profile_is_a_problem_with_its_line(string yaml, int line, string message)
    {
        var problems = new List<ConfigProblem>();

        Assert.Null(VendorProfileReader.Read(yaml, problems));
        var problem = Assert.Single(problems);
        Assert.Equal(line, problem.Line);
        Assert.Contains(message, problem.Message);
    }
}
