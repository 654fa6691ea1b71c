using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Snapshots;

public sealed class EnvironmentConfigTests
{
    [Theory]
    [InlineData("OPENAI_API_KEY", "openai")]
    [InlineData("ANTHROPIC_API_KEY", "anthropic")]
    [InlineData("GEMINI_API_KEY", "google")]
    [InlineData("DASHSCOPE_API_KEY", "alibaba")]
    [InlineData("ZHIPU_API_KEY", "zhipu")]
    [InlineData("ZAI_API_KEY", "zai")]
    [InlineData("MINIMAX_API_KEY", "minimax")]
    [InlineData("DEEPSEEK_API_KEY", "deepseek")]
    [InlineData("MOONSHOT_API_KEY", "moonshot")]
    [InlineData("MISTRAL_API_KEY", "mistral")]
    [InlineData("XAI_API_KEY", "xai")]
    [InlineData("GROQ_API_KEY", "groq")]
    [InlineData("OPENROUTER_API_KEY", "openrouter")]
    [InlineData("SILICONFLOW_API_KEY", "siliconflow")]
    [InlineData("ARK_API_KEY", "volcengine")]
    public void A_well_known_variable_makes_an_upstream(string variable, string vendor)
    {
        var upstream = Assert.Single(Read((variable, "sk-1")).Upstreams);

        Assert.Equal(vendor, upstream.Name);
        Assert.Equal("sk-1", Assert.Single(upstream.Credentials).Key.Reveal());
        Assert.NotEmpty(upstream.Endpoints);
    }

    [Fact]
    public void Without_any_variable_only_the_sandbox_is_there()
    {
        var config = Read(("OPENAI_API_KEY", "  "));

        Assert.Empty(config.Upstreams);
        Assert.True(BuiltInSandbox.IsWanted(config));
        var sandbox = Assert.Single(BuiltInSandbox.Place(config, new Uri("http://127.0.0.1:41801")).Upstreams);
        Assert.Equal("sandbox", sandbox.Name);
        Assert.Equal("http://127.0.0.1:41801/v1/chat/completions", sandbox.EndpointFor(Protocol.OpenAIChat)!.UrlFor("m", false).ToString());
        Assert.Equal("http://127.0.0.1:41801/v1/messages", sandbox.EndpointFor(Protocol.AnthropicMessages)!.UrlFor("m", false).ToString());
    }

    [Fact]
    public void A_file_gets_the_sandbox_only_where_it_names_it()
    {
        var without = ConfigReaderTests.Good(ConfigReaderTests.Design);
        var with = ConfigReaderTests.Good("upstreams:\n  - { name: play, vendor: sandbox }\n");

        Assert.False(BuiltInSandbox.IsWanted(without));
        Assert.Equal(without.Upstreams, BuiltInSandbox.Place(without, new Uri("http://127.0.0.1:9")).Upstreams);
        Assert.True(BuiltInSandbox.IsWanted(with));
        Assert.Equal(9, Assert.Single(BuiltInSandbox.Place(with, new Uri("http://127.0.0.1:9")).Upstreams).Endpoints[0].BaseUri.Port);
    }

    [Theory]
    [InlineData("127.0.0.1:11435", "http://127.0.0.1:11435/v1/chat/completions")]
    [InlineData("0.0.0.0", "http://127.0.0.1:11434/v1/chat/completions")]
    [InlineData("0.0.0.0:9000", "http://127.0.0.1:9000/v1/chat/completions")]
    [InlineData("gpu-box", "http://gpu-box:11434/v1/chat/completions")]
    [InlineData("http://gpu-box:80", "http://gpu-box/v1/chat/completions")]
    [InlineData("https://ollama.example", "https://ollama.example/v1/chat/completions")]
    public void A_host_variable_says_where_a_local_server_runs(string value, string url)
    {
        var upstream = Assert.Single(Read(("OLLAMA_HOST", value)).Upstreams);

        Assert.Empty(upstream.Credentials);
        Assert.Equal(url, upstream.EndpointFor(Protocol.OpenAIChat)!.UrlFor("m", false).ToString());
    }

    [Fact]
    public void A_base_address_variable_replaces_the_vendors()
    {
        var upstream = Assert.Single(Read(("OPENAI_API_KEY", "k"), ("OPENAI_BASE_URL", "https://relay.example/v1/")).Upstreams);

        Assert.All(upstream.Endpoints, endpoint => Assert.Equal("https://relay.example/v1", endpoint.BaseUri.ToString()));
    }

    [Theory]
    [InlineData("ANTHROPIC_API_KEY", "ANTHROPIC_BASE_URL", "http://127.0.0.1:4180")]
    [InlineData("OPENAI_API_KEY", "OPENAI_BASE_URL", "http://localhost:4180/v1")]
    public void A_key_beside_an_address_of_trivet_is_trivets_own_and_goes_to_no_vendor(string key, string variable, string address)
    {
        var config = Read((key, "k"), (variable, address));

        Assert.Empty(config.Upstreams);
        Assert.Contains(variable + " leads to Trivet itself", Assert.Single(config.Warnings).Message);
    }

    [Fact]
    public void A_site_can_be_chosen_by_a_variable()
    {
        Assert.Equal("api.minimax.io", Assert.Single(Read(("MINIMAX_API_KEY", "k"), ("TRIVET_MINIMAX_SITE", "intl")).Upstreams).Endpoints[0].BaseUri.Host);

        var wrong = Read(("MINIMAX_API_KEY", "k"), ("TRIVET_MINIMAX_SITE", "mars"));
        Assert.Empty(wrong.Upstreams);
        Assert.Contains("known: cn, intl", Assert.Single(wrong.Warnings).Message);
    }

    [Fact]
    public void All_vendors_together_compile_and_each_official_model_has_one_home()
    {
        var config = EnvironmentConfig.Read(name => name.EndsWith("_API_KEY", StringComparison.Ordinal) ? "k" : null);
        var snapshot = GatewaySnapshot.Compile(BuiltInSandbox.Place(config, new Uri("http://127.0.0.1:1")));

        foreach (var (model, upstream) in new[] { ("gpt-5-nano", "openai"), ("claude-opus-9", "anthropic"), ("gemini-4-pro", "google"), ("qwen3-max", "alibaba"), ("kimi-k9", "moonshot"), ("deepseek-flash", "deepseek"), ("sandbox-text-200@429", "sandbox") })
        {
            Assert.True(snapshot.TryResolve(model, out var route), model);
            Assert.Equal(upstream, Assert.Single(route.Candidates).Upstream.Name);
        }
    }

    private static GatewayConfig Read(params (string Name, string Value)[] variables) =>
        EnvironmentConfig.Read(name => variables.FirstOrDefault(variable => variable.Name == name).Value);
}
