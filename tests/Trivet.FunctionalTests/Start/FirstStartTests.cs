using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Start;

/// <summary>The first minute of a newcomer: one command, no configuration, no vendor's key, and the lines that the screen says to paste.</summary>
public sealed class FirstStartTests
{
    [Fact]
    public async Task The_lines_that_the_first_screen_prints_work_as_they_stand()
    {
        var claude = Path.Combine(await NpmPackages.FolderAsync(NpmPackages.ClaudeCode330), "node_modules", ".bin");
        using var folder = new TempFolder();
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{claude}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = folder.Path,
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
        };
        string[] serve = [Repository.TrivetDll, "serve", "--listen", $"http://127.0.0.1:{TrivetProcess.FreePort()}", "--data", folder.File("data")];
        await using var trivet = ChildProcess.Start("dotnet", serve, environment, folder.Path, isClean: true);
        Assert.True(await trivet.WaitForAsync(p => p.Output.Contains(" claude\n", StringComparison.Ordinal), 30), trivet.Everything);
        var lines = trivet.Output.Split('\n').Select(l => l.Trim()).ToList();

        Assert.Equal(2, lines.Count(l => l.StartsWith("curl ", StringComparison.Ordinal)));
        foreach (var line in lines.Where(l => l.StartsWith("curl ", StringComparison.Ordinal)))
        {
            await using var pasted = await ChildProcess.RunAsync("bash", ["-c", line], environment, folder.Path, isClean: true);
            Assert.True(pasted.ExitCode == 0 && pasted.Output.StartsWith('{') && !pasted.Output.Contains("\"error\"", StringComparison.Ordinal), $"{line}\n{pasted.Everything}");
        }

        var agent = Assert.Single(lines, l => l.EndsWith(" claude", StringComparison.Ordinal));
        await using var session = await ChildProcess.RunAsync("bash", ["-c", $"{agent} -p 'Say PONG' </dev/null"], environment, folder.Path, isClean: true);
        Assert.True(session.ExitCode == 0, session.Everything);
        Assert.Contains("Say PONG", session.Output, StringComparison.Ordinal);

        await trivet.TerminateAsync();
        Assert.Equal(0, trivet.ExitCode);
    }

    [Fact]
    public async Task A_key_from_the_environment_is_not_printed()
    {
        using var folder = new TempFolder();
        await using var trivet = await TrivetProcess.ServeAsync(null, folder.File("data"), "sk-given-by-the-operator");
        await trivet.Process.TerminateAsync();

        Assert.DoesNotContain("sk-given-by-the-operator", trivet.Process.Everything, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_same_key_works_after_a_restart()
    {
        using var folder = new TempFolder();
        const string key = "sk-given-at-the-first-start";
        await using (var first = await TrivetProcess.ServeAsync(null, folder.File("data"), key))
        {
            await first.Process.TerminateAsync();
        }

        await using var second = await TrivetProcess.ServeAsync(null, folder.File("data"), "sk-another-that-comes-too-late");
        using var http = new HttpClient { BaseAddress = second.Address };
        Assert.Equal(200, await StatusAsync(http, key));
        Assert.Equal(401, await StatusAsync(http, "sk-another-that-comes-too-late"));
    }

    private static async Task<int> StatusAsync(HttpClient http, string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/models") { Headers = { { "Authorization", $"Bearer {key}" } } };
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        return (int)response.StatusCode;
    }
}
