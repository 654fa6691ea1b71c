using System.Text.Json;

namespace Trivet.Tests.Cli;

public sealed class KeysVerbTests
{
    [Fact]
    public async Task A_created_key_prints_its_id_and_itself_and_the_list_never_shows_it_again()
    {
        using var here = new CommandLine();
        var made = await here.RunHereAsync("keys", "create", "ci", "--team", "core", "--models", "glm-*, deepseek-*", "--budget", "1.00USD/day", "--rpm", "60", "--tpm", "100000", "--expires", "30d", "--json");
        Assert.Equal(0, made.Code);
        using var created = JsonDocument.Parse(made.Output);
        Assert.Equal(["id", "key"], created.RootElement.EnumerateObject().Select(property => property.Name));
        var secret = created.RootElement.GetProperty("key").GetString()!;

        var listed = await here.RunHereAsync("keys", "list", "--json");
        using var list = JsonDocument.Parse(listed.Output);
        var key = Assert.Single(list.RootElement.GetProperty("keys").EnumerateArray());
        Assert.Equal(created.RootElement.GetProperty("id").GetString(), key.GetProperty("id").GetString());
        Assert.Equal("active", key.GetProperty("state").GetString());
        Assert.Equal("1.00USD/day", key.GetProperty("budget").GetString());
        Assert.Equal(["glm-*", "deepseek-*"], key.GetProperty("models").EnumerateArray().Select(model => model.GetString()));
        Assert.DoesNotContain(secret, listed.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await here.RunHereAsync("keys", "list")).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_policy_is_kept_with_a_key_changed_and_taken_away_and_an_unknown_one_is_wrong_use()
    {
        using var here = new CommandLine();
        Assert.Equal(0, (await here.RunHereAsync("keys", "create", "ci", "--policy", "cheap")).Code);
        Assert.Equal("cheap", await PolicyAsync());

        Assert.Equal(0, (await here.RunHereAsync("keys", "limit", "ci", "--policy", "fast")).Code);
        Assert.Equal(0, (await here.RunHereAsync("keys", "limit", "ci", "--rpm", "5")).Code);
        Assert.Equal("fast", await PolicyAsync());

        var unknown = await here.RunHereAsync("keys", "limit", "ci", "--policy", "fsat");
        Assert.Equal(2, unknown.Code);
        Assert.Contains("--policy: there is no policy 'fsat'; did you mean 'fast'?", unknown.Error, StringComparison.Ordinal);
        Assert.Equal(2, (await here.RunHereAsync("keys", "create", "other", "--policy", "none")).Code);

        Assert.Equal(0, (await here.RunHereAsync("keys", "limit", "ci", "--policy", "none")).Code);
        Assert.Null(await PolicyAsync());

        async Task<string?> PolicyAsync()
        {
            using var list = JsonDocument.Parse((await here.RunHereAsync("keys", "list", "--json")).Output);
            return Assert.Single(list.RootElement.GetProperty("keys").EnumerateArray()).GetProperty("policy").GetString();
        }
    }

    [Fact]
    public async Task What_is_said_with_a_key_is_recorded_only_where_somebody_says_so_and_they_are_told_what_that_means()
    {
        using var here = new CommandLine();
        var plain = await here.RunHereAsync("keys", "create", "ci");
        var recorded = await here.RunHereAsync("keys", "create", "lab", "--log-payloads");
        Assert.DoesNotContain("recorded", plain.Error, StringComparison.Ordinal);
        Assert.Contains("word for word", recorded.Error, StringComparison.Ordinal);
        Assert.Equal([("ci", false), ("lab", true)], await FlagsAsync());
        Assert.Contains("active, recorded", (await here.RunHereAsync("keys", "list")).Output, StringComparison.Ordinal);

        Assert.Contains("word for word", (await here.RunHereAsync("keys", "limit", "ci", "--log-payloads", "true")).Error, StringComparison.Ordinal);
        Assert.Equal(0, (await here.RunHereAsync("keys", "limit", "lab", "--log-payloads", "false")).Code);
        Assert.Equal(0, (await here.RunHereAsync("keys", "limit", "ci", "--rpm", "5")).Code);
        Assert.Equal([("ci", true), ("lab", false)], await FlagsAsync());

        async Task<IEnumerable<(string?, bool)>> FlagsAsync()
        {
            using var list = JsonDocument.Parse((await here.RunHereAsync("keys", "list", "--json")).Output);
            return [.. list.RootElement.GetProperty("keys").EnumerateArray().Select(key => (key.GetProperty("name").GetString(), key.GetProperty("logs_payloads").GetBoolean())).Order()];
        }
    }

    [Fact]
    public async Task A_name_that_is_taken_is_a_no_and_free_again_after_revoking()
    {
        using var here = new CommandLine();
        Assert.Equal(0, (await here.RunHereAsync("keys", "create", "agent")).Code);
        var again = await here.RunHereAsync("keys", "create", "agent");
        Assert.Equal(1, again.Code);
        Assert.Contains("trivet keys revoke agent", again.Error, StringComparison.Ordinal);

        Assert.Equal(0, (await here.RunHereAsync("keys", "revoke", "agent")).Code);
        Assert.Equal(0, (await here.RunHereAsync("keys", "create", "agent")).Code);
        Assert.Equal(1, (await here.RunHereAsync("keys", "revoke", "nobody")).Code);
    }

    [Theory]
    [InlineData("--budget", "1 dollar")]
    [InlineData("--budget", "1.00USD/year")]
    [InlineData("--expires", "soon")]
    [InlineData("--expires", "2001-01-01")]
    [InlineData("--rpm", "0")]
    public async Task A_bad_value_is_wrong_use_and_says_what_to_write(string option, string value)
    {
        using var here = new CommandLine();
        var typed = await here.RunHereAsync("keys", "create", "ci", option, value);
        Assert.Equal(2, typed.Code);
        Assert.Contains(option, typed.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(here.File("data/trivet.db")));
    }

    [Fact]
    public async Task A_mistyped_data_directory_is_told_and_nothing_is_made_there()
    {
        using var here = new CommandLine();
        foreach (var verb in new[] { new[] { "keys", "list" }, ["usage"], ["trace"] })
        {
            var typed = await here.RunHereAsync(verb);
            Assert.Equal(1, typed.Code);
            Assert.Contains("--data", typed.Error, StringComparison.Ordinal);
        }

        Assert.False(Directory.Exists(here.File("data")));
    }

    [Fact]
    public async Task Keys_are_made_in_a_terminal_that_has_not_the_upstreams_secrets()
    {
        using var here = new CommandLine();
        here.Config("upstreams: [{ name: lab, vendor: deepseek, keys: [\"${TRIVET_TEST_NOBODY_SETS_THIS}\"] }]\n");

        Assert.Equal(0, (await here.RunHereAsync("keys", "create", "second-terminal")).Code);
        Assert.Equal(2, (await here.RunHereAsync("models")).Code);
    }

    [Fact]
    public async Task A_database_address_that_is_not_set_is_told_and_no_other_database_is_taken()
    {
        using var here = new CommandLine();
        here.Config("database: ${TRIVET_TEST_NOBODY_SETS_THIS}\n");

        Assert.NotEqual(0, (await here.RunHereAsync("keys", "create", "agent")).Code);
        Assert.False(Directory.Exists(here.File("data")));
    }
}
