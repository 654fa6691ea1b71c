using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Start;

/// <summary><c>trivet demo</c> as a newcomer runs it.</summary>
public sealed class DemoTests
{
    [Fact]
    public async Task The_dishonest_upstream_is_found_out_and_left_and_the_flaky_one_gets_its_traffic_back()
    {
        using var folder = new TempFolder();
        await using var demo = ChildProcess.Start("dotnet", [Repository.TrivetDll, "demo", "--listen", $"http://127.0.0.1:{TrivetProcess.FreePort()}", "--data", folder.File("demo")]);

        Assert.True(await demo.WaitForAsync(p => p.Output.Contains("→ quarantined", StringComparison.Ordinal) && Says(p, "relay-flaky: down, being probed → "), 280), demo.Everything);
        await demo.TerminateAsync(60);

        Assert.Equal(0, demo.ExitCode);
        Assert.Contains("relay-swap: ", Line(demo, "→ quarantined"), StringComparison.Ordinal);
        var answered = Line(demo, "requests were answered").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(answered[3], answered[1]); // "01:20 317 of 317 requests …"
        Assert.Contains("The bill: ", demo.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Books_that_are_somebody_s_are_not_played_with()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder.File("trivet.db"), "not empty", TestContext.Current.CancellationToken);
        await using var demo = await ChildProcess.RunAsync("dotnet", [Repository.TrivetDll, "demo", "--data", folder.Path]);

        Assert.Equal(2, demo.ExitCode);
        Assert.Contains("is not empty", demo.Error, StringComparison.Ordinal);
    }

    private static bool Says(ChildProcess process, string text) => process.Output.Contains(text, StringComparison.Ordinal);

    private static string Line(ChildProcess process, string text) => process.Output.Split('\n').First(line => line.Contains(text, StringComparison.Ordinal));
}
