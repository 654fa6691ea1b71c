using System.Text.Json;

namespace Trivet.Tests.Cli;

public sealed class CatalogueVerbTests : IDisposable
{
    private readonly CommandLine _here = new();

    public void Dispose() => _here.Dispose();

    [Fact]
    public async Task A_price_is_explained_meter_by_meter()
    {
        var (code, output, _) = await RunAsync("price", "deepseek-flash", "--input", "1000000", "--cached", "2000000", "--output", "500000", "--at", "2026-11-16T10:00:00+08:00");

        Assert.Equal(0, code);
        Assert.Contains("in peak hours", output);
        Assert.Contains("cache_read", output);
        Assert.Contains("total 0.912 USD", output);
        Assert.Contains("also  6.08 CNY", output);
    }

    [Fact]
    public async Task A_price_for_scripts_is_whole_numbers()
    {
        var (code, output, _) = await RunAsync("price", "zhipu/glm-4.7", "--input", "1000", "--output", "300", "--json");

        Assert.Equal(0, code);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal("CNY", json.GetProperty("currency").GetString());
        Assert.Equal(1000 * 3_000 + 300 * 14_000, json.GetProperty("total_nano").GetInt64());
        Assert.Equal([3_000_000, 4_200_000], json.GetProperty("lines").EnumerateArray().Select(line => line.GetProperty("amount_nano").GetInt64()));
        Assert.Equal(JsonValueKind.String, json.GetProperty("list").GetProperty("source").ValueKind);
        Assert.True(json.GetProperty("complete").GetBoolean());
    }

    [Fact]
    public async Task A_price_at_an_upstream_is_with_the_operators_factor()
    {
        _here.Config("upstreams:\n  - { name: relay, vendor: custom, keys: [\"${NOT_SET}\"], endpoints: { openai-chat: \"http://127.0.0.1:9/v1\" }, models: [claude-opus-4-7], price: { factor: 0.38 } }\n");

        var (code, output, _) = await RunAsync("price", "claude-opus-4-7", "--upstream", "relay", "--input", "1000", "--json");

        Assert.Equal(0, code);
        var json = JsonDocument.Parse(output).RootElement;
        Assert.Equal((1_900_000, 5_000_000, 380_000), (json.GetProperty("total_nano").GetInt64(), json.GetProperty("list_nano").GetInt64(), json.GetProperty("price_factor_millionths").GetInt64()));
    }

    [Theory]
    [InlineData(1, "price", "nobody-knows-this", "--input", "1")]
    [InlineData(1, "price", "gpt-5", "--input", "1", "--audio-in", "1")] // unpriced in part
    [InlineData(1, "show", "nobody-knows-this")]
    [InlineData(1, "list", "nobody-knows-this")]
    [InlineData(2, "list", "--vendor", "nobody")]
    [InlineData(2, "price", "gpt-5", "--at", "yesterday")]
    [InlineData(2, "price", "gpt-5", "--input", "-1")]
    [InlineData(2, "import", "/nowhere/at/all.json")]
    public async Task No_is_1_and_wrong_use_is_2(int expected, params string[] args)
    {
        var (code, output, error) = await RunAsync(args);

        Assert.Equal(expected, code);
        Assert.NotEmpty(output + error);
    }

    [Fact]
    public async Task An_import_says_what_it_would_change_before_it_changes_it()
    {
        var file = _here.File("models.json");
        await File.WriteAllTextAsync(file, """{"mistral":{"models":{"mistral-99":{"name":"New","cost":{"input":1,"output":2}}}}}""", TestContext.Current.CancellationToken);

        var (_, dry, _) = await RunAsync("import", file);
        Assert.Contains("mistral/mistral-99", dry);
        Assert.Contains("Nothing was changed", dry);
        Assert.Equal(1, (await RunAsync("show", "mistral-99")).Code);

        await RunAsync("import", file, "--apply");
        var (code, shown, _) = await RunAsync("show", "mistral/mistral-99");
        Assert.Equal(0, code);
        Assert.Contains("input 1, output 2", shown);
        Assert.Contains("0 new, 0 changed", (await RunAsync("import", file)).Output);
    }

    private Task<Typed> RunAsync(params string[] args) => _here.RunHereAsync(["catalogue", .. args]);
}
