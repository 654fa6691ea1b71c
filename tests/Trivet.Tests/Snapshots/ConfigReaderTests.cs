using Trivet.Core.Catalogue;
using Trivet.Core.Routing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Snapshots;

public sealed class ConfigReaderTests
{
    /// <summary>The file of the design, word for word.</summary>
    internal const string Design =
        """
        # trivet.yaml
        listen: http://127.0.0.1:4180
        data: ./trivet-data                    # database and spool
        database: sqlite                       # or postgres://user:password@host:5432/trivet
        upstreams:
          - name: deepseek                     # a vendor's profile knows endpoints, auth and quirks
            vendor: deepseek
            keys: ["${DEEPSEEK_API_KEY}"]
          - name: lab                          # anything else: say which protocols it speaks and where
            vendor: custom
            keys: ["dummy"]
            endpoints:
              openai-chat: http://127.0.0.1:9001/v1             # /chat/completions is appended
              openai-responses: http://127.0.0.1:9001/v1        # /responses
              anthropic-messages: http://127.0.0.1:9001         # /v1/messages
              gemini: http://127.0.0.1:9001/v1beta              # /models/{model}:generateContent
            models: [lab-large, lab-small]
            deadlines: { connect: 2s, first_content: 10s, idle: 15s, total: 10m }
            price: { factor: 0.38 }            # of the catalogue's price; or { currency: USD, per_million: { input: 0.3, cache_read: 0.03, output: 1.2 } }
        routes:
          - model: lab-large                   # a name that clients may ask for; * matches
            candidates:
              - { upstream: lab, model: lab-large }
              - { upstream: deepseek, model: deepseek-flash }
            policy: in-order                   # in-order, weighted; later cheap, fast, balanced, best, or one of `policies:`
        """;

    [Fact]
    public void The_file_of_the_design_reads_as_it_says()
    {
        var config = Good(Design);

        Assert.Equal("http://127.0.0.1:4180", config.Listen);
        Assert.Equal("/etc/trivet/trivet-data", config.DataDirectory);
        Assert.Equal(DatabaseKind.Sqlite, config.Database.Kind);
        Assert.Equal(["deepseek", "lab"], config.Upstreams.Select(upstream => upstream.Name));

        var deepseek = config.Upstreams[0];
        Assert.Equal("from-env", Assert.Single(deepseek.Credentials).Key.Reveal());
        Assert.Equal("deepseek#1", deepseek.Credentials[0].Id);
        Assert.Equal("https://api.deepseek.com/anthropic/v1/messages", deepseek.EndpointFor(Protocol.AnthropicMessages)!.UrlFor("m", true).ToString());
        Assert.Equal(AuthScheme.XApiKey, deepseek.EndpointFor(Protocol.AnthropicMessages)!.Auth);

        var lab = config.Upstreams[1];
        Assert.Equal("http://127.0.0.1:9001/v1/chat/completions", lab.EndpointFor(Protocol.OpenAIChat)!.UrlFor("m", false).ToString());
        Assert.Equal("http://127.0.0.1:9001/v1beta/models/m:streamGenerateContent?alt=sse", lab.EndpointFor(Protocol.Gemini)!.UrlFor("m", true).ToString());
        Assert.Equal(["lab-large", "lab-small"], lab.Models);
        Assert.Equal(new DeadlineConfig { Connect = TimeSpan.FromSeconds(2), FirstContent = TimeSpan.FromSeconds(10), Idle = TimeSpan.FromSeconds(15), Total = TimeSpan.FromMinutes(10) }, lab.Deadlines);
        Assert.Equal(380_000, lab.Price!.FactorMillionths);

        var route = Assert.Single(config.Routes);
        Assert.Equal([new CandidateConfig("lab", "lab-large"), new CandidateConfig("deepseek", "deepseek-flash")], route.Candidates);
        Assert.Equal(RouteConfig.InOrder, route.Policy);
        Assert.Equal(LossPolicy.Safe, route.Loss);
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void An_empty_file_is_a_configuration_of_defaults()
    {
        var config = Good("");

        Assert.Empty(config.Upstreams);
        Assert.Equal(64 << 20, config.Limits.BodyBytesMax);
        Assert.False(config.ImageFetch.AllowPrivateNetworks);
        Assert.Empty(config.PayloadLogging.Keys);
    }

    [Fact]
    public void A_section_whose_items_are_all_commented_out_is_empty() => Assert.Empty(Good("routes:\n  # - model: x\n").Routes);

    [Fact]
    public void The_sample_reads_without_a_problem_and_wants_the_sandbox()
    {
        var config = Good(ConfigSample.Yaml);

        Assert.True(BuiltInSandbox.IsWanted(config));
        Assert.Empty(config.Warnings);
    }

    [Fact]
    public void The_samples_commented_parts_read_too()
    {
        var lines = ConfigSample.Yaml.Split('\n').SkipWhile(line => !line.StartsWith("listen", StringComparison.Ordinal)).Select(line => line.StartsWith("  # ", StringComparison.Ordinal) ? "  " + line[4..] : line);

        var config = Good(string.Join('\n', lines));

        Assert.Equal(["sandbox", "deepseek", "relay"], config.Upstreams.Select(upstream => upstream.Name));
        Assert.Equal("claude-*", Assert.Single(config.Routes).Model);
    }

    [Fact]
    public void Absolute_prices_are_whole_pico_units_per_token()
    {
        var price = Good(Lab("price: { currency: USD, per_million: { input: 0.3, cache_read: 0.03, cache_write_5m: 0.375, output: 1.2 }, per_request: 0.001 }")).Upstreams[0].Price!;

        Assert.Null(price.FactorMillionths);
        Assert.Equal("USD", price.Currency);
        Assert.Equal(new MeterRates { InputPico = 300_000, CacheReadPico = 30_000, CacheWrite5mPico = 375_000, OutputPico = 1_200_000, PerRequestPico = 1_000_000_000 }, price.Rates);
    }

    [Fact]
    public void A_models_own_price_comes_before_the_upstreams()
    {
        var lab = Good(Lab("price: { factor: 0.5 }\n    model_prices:\n      big: { factor: 2 }")).Upstreams[0];

        Assert.Equal(2_000_000, lab.PriceFor("big")!.FactorMillionths);
        Assert.Equal(500_000, lab.PriceFor("small")!.FactorMillionths);
    }

    [Fact]
    public void Given_endpoints_replace_all_of_the_vendors_so_that_a_relays_key_never_travels_to_the_vendor()
    {
        var config = Good("upstreams:\n  - name: relay\n    vendor: openai\n    keys: [k]\n    endpoints: { openai-chat: 'https://relay.example/v1' }\n");

        Assert.Equal([Protocol.OpenAIChat], config.Upstreams[0].Endpoints.Select(endpoint => endpoint.Protocol));
    }

    [Fact]
    public void A_site_chooses_the_region()
    {
        var config = Good("upstreams:\n  - { name: qwen, vendor: alibaba, site: intl, keys: [k] }\n");

        Assert.All(config.Upstreams[0].Endpoints, endpoint => Assert.Equal("dashscope-intl.aliyuncs.com", endpoint.BaseUri.Host));
    }

    [Fact]
    public void Auth_can_be_several_places_and_differ_by_endpoint()
    {
        var config = Good("upstreams:\n  - name: r\n    vendor: new-api\n    keys: [k]\n    auth: [bearer, x-api-key]\n    endpoints:\n      openai-chat: { url: 'https://r.example/v1', auth: none }\n      anthropic-messages: https://r.example\n");

        Assert.Equal(AuthScheme.None, config.Upstreams[0].EndpointFor(Protocol.OpenAIChat)!.Auth);
        Assert.Equal(AuthScheme.Bearer | AuthScheme.XApiKey, config.Upstreams[0].EndpointFor(Protocol.AnthropicMessages)!.Auth);
    }

    [Fact]
    public void A_proxys_user_and_password_are_kept_apart_from_its_address()
    {
        var proxy = Good(Lab("proxy: http://ann:p%40ss@proxy.example:3128")).Upstreams[0].Proxy!;

        Assert.Equal("http://proxy.example:3128/", proxy.Address.ToString());
        Assert.Equal("ann", proxy.User);
        Assert.Equal("p@ss", proxy.Password!.Reveal());
    }

    [Theory]
    [InlineData("${A}", "alpha")]
    [InlineData("x-${A}-${B}", "x-alpha-")]
    [InlineData("${B:-fallback}", "fallback")]
    [InlineData("${MISSING:-fallback}", "fallback")]
    [InlineData("${MISSING:-a:-b}", "a:-b")]
    [InlineData("$${A}", "${A}")]
    [InlineData("a$b", "a$b")]
    public void Variables_are_expanded_in_values(string written, string expected)
    {
        var reading = Read($"upstreams:\n  - name: lab\n    vendor: custom\n    keys: ['k{written}']\n    endpoints: {{ openai-chat: 'https://x.example' }}\n");

        Assert.Equal("k" + expected, reading.Config!.Upstreams[0].Credentials[0].Key.Reveal());
    }

    [Fact]
    public void A_variables_value_cannot_add_structure()
    {
        var reading = ConfigReader.Read("data: ${EVIL}", new ConfigSource("/etc/trivet/trivet.yaml"), _ => "x\nlisten: http://0.0.0.0:1");

        Assert.Null(reading.Config!.Listen);
    }

    [Fact]
    public void Plain_http_beyond_this_machine_is_a_warning()
    {
        var reading = Read(Lab("", url: "http://10.0.0.7:8000/v1"));

        var warning = Assert.Single(reading.Warnings);
        Assert.Equal(6, warning.Line);
        Assert.Contains("unencrypted to 10.0.0.7", warning.Message);
        Assert.NotNull(reading.Config);
    }

    internal static string Lab(string more, string url = "http://127.0.0.1:9001/v1") =>
        $"upstreams:\n  - name: lab\n    vendor: custom\n    keys: [dummy]\n    endpoints:\n      openai-chat: {url}\n    {more}\n";

    internal static ConfigReading Read(string yaml) =>
        ConfigReader.Read(yaml, new ConfigSource("/etc/trivet/trivet.yaml"), name => name switch { "DEEPSEEK_API_KEY" => "from-env", "RELAY_API_KEY" => "relay", "A" => "alpha", "B" => "", _ => null });

    internal static GatewayConfig Good(string yaml)
    {
        var reading = Read(yaml);
        Assert.Empty(reading.Problems);
        return reading.Config!;
    }
}
