using System.Text.Json;

namespace Trivet.Tests.Cli;

public sealed class ConfigAndDoctorTests
{
    [Fact]
    public async Task The_file_that_init_writes_is_valid_and_is_never_overwritten_unasked()
    {
        using var here = new CommandLine();
        var file = here.File("new.yaml");
        Assert.Equal(0, (await CommandLine.RunAsync("config", "init", file)).Code);
        Assert.Equal(0, (await CommandLine.RunAsync("config", "validate", file)).Code);

        await File.WriteAllTextAsync(file, "mine", TestContext.Current.CancellationToken);
        Assert.Equal(1, (await CommandLine.RunAsync("config", "init", file)).Code);
        Assert.Equal("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Equal(0, (await CommandLine.RunAsync("config", "init", file, "--force")).Code);
        Assert.NotEqual("mine", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_mistake_is_told_with_its_line_and_the_answer_is_no()
    {
        using var here = new CommandLine();
        var typed = await CommandLine.RunAsync("config", "validate", here.Config("upstreams: []\nrouts: []\n"));
        Assert.Equal(1, typed.Code);
        Assert.Contains("line 2", typed.Output, StringComparison.Ordinal);
        Assert.Contains("routes", typed.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schema_is_json() => JsonDocument.Parse((await CommandLine.RunAsync("config", "schema")).Output).Dispose();

    [Fact]
    public async Task Doctor_names_what_fails_and_then_says_no()
    {
        using var here = new CommandLine();
        here.Config("upstreams:\n  - { name: lab, vendor: deepseek }\n");
        var typed = await here.RunHereAsync("doctor", "--listen", "http://127.0.0.1:1", "--json");
        using var json = JsonDocument.Parse(typed.Output);
        var failed = json.RootElement.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("level").GetString() == "fail").ToList();
        Assert.Equal(1, typed.Code);
        Assert.Contains(failed, finding => finding.GetProperty("text").GetString()!.Contains("DEEPSEEK_API_KEY", StringComparison.Ordinal));
        Assert.All(failed, finding => Assert.NotEmpty(finding.GetProperty("remedy").GetString()!));
    }

    [Fact]
    public async Task Doctor_finds_a_database_and_a_free_port_in_order()
    {
        using var here = new CommandLine();
        here.Config("upstreams:\n  - { name: sandbox, vendor: sandbox }\n");
        await here.RunHereAsync("keys", "create", "ci");
        var typed = await here.RunHereAsync("doctor", "--listen", "http://127.0.0.1:45999");
        Assert.Contains("its schema is current, 1 keys in force", typed.Output, StringComparison.Ordinal);
        Assert.Contains("is free", typed.Output, StringComparison.Ordinal);
        Assert.Equal(0, typed.Code);
    }
}
