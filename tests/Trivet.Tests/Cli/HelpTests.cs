using System.CommandLine;
using System.Text;
using Trivet.Server.Cli;
using Trivet.Tests.Golden;

namespace Trivet.Tests.Cli;

/// <summary>What operators type is a contract (DESIGN.md §11).</summary>
public sealed class HelpTests
{
    [Fact]
    public async Task Help_of_every_verb_is_as_committed()
    {
        var text = new StringBuilder();
        await AddAsync(text, TrivetCommand.Build(), []);
        GoldenFile.Matches("cli-help.txt", text.ToString());
    }

    [Theory]
    [InlineData("serv")]
    [InlineData("usage", "--by", "moon")]
    [InlineData("keys", "create")]
    [InlineData("connect", "notepad")]
    [InlineData("trace", "--nonsense")]
    [InlineData("keys", "create", "--bugdet")]
    public async Task Wrong_use_is_exit_code_2(params string[] args)
    {
        var typed = await CommandLine.RunAsync(args);
        Assert.Equal(2, typed.Code);
        Assert.NotEmpty(typed.Error);
    }

    private static async Task AddAsync(StringBuilder text, Command command, string[] path)
    {
        var help = await CommandLine.RunAsync([.. path, "--help"]);
        Assert.Equal(0, help.Code);
        text.Append($"$ trivet {string.Join(' ', path)}".TrimEnd()).Append(" --help\n");
        foreach (var line in help.Output.ReplaceLineEndings("\n").Split('\n'))
            text.Append(line.TrimEnd().Replace("testhost", "trivet", StringComparison.Ordinal).Replace("Trivet.Tests", "trivet", StringComparison.Ordinal)).Append('\n');
        foreach (var verb in command.Subcommands)
            await AddAsync(text, verb, [.. path, verb.Name]);
    }
}
