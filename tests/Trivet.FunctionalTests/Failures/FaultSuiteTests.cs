using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Failures;

/// <summary>
/// The fault suite and a short chaos run, as people run them: the bench's own commands, each with trivet and its sandboxes as processes of their own. What they print
/// is the message of a failure. They are about time, so no other test runs beside them; and what a busy machine did to a cell is told from what Trivet did by asking
/// that cell again, with few beside it: what is wrong is wrong twice.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FaultSuiteTests
{
    private const int AskedAgainMax = 48;

    [Fact]
    public async Task Sixteen_faults_and_their_variants_over_every_pair_of_protocols_end_as_they_must()
    {
        var file = Path.Combine(Repository.Artifacts, "faults.json");
        File.Delete(file);
        await using var first = await RunAsync("faults", "--profile", "fast", "--json", file);
        if (first.ExitCode == 0)
            return;
        Assert.True(File.Exists(file), first.Everything);
        var failed = Failed(await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.True(failed.Count is > 0 and <= AskedAgainMax, first.Everything);
        foreach (var cells in failed.GroupBy(cell => cell.Case))
        {
            await using var again = await RunAsync("faults", "--profile", "fast", "--at-once", "4", "--cases", cells.Key, "--pairs", string.Join(',', cells.Select(cell => cell.Pair).Distinct()));
            Assert.True(again.ExitCode == 0, $"{first.Everything}\nand again:\n{again.Everything}");
        }
    }

    [Fact]
    public async Task Random_faults_at_every_stage_lose_nothing_and_make_nothing_up()
    {
        await using var run = await RunAsync("chaos", "--minutes", "0.7", "--streams", "60", "--json", Path.Combine(Repository.Artifacts, "chaos.json"));
        Assert.True(run.ExitCode == 0, run.Everything);
    }

    private static async Task<ChildProcess> RunAsync(params string[] verb)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));       // …/bin/Release/net10.0
        var bench = Path.Combine(Repository.Root, "bench", "Trivet.Benchmarks", "bin", output.Parent!.Name, output.Name, "Trivet.Benchmarks.dll");
        if (!File.Exists(bench))
            Requirement.Missing($"the bench, built as these tests are (dotnet build bench/Trivet.Benchmarks -c {output.Parent.Name})");
        return await ChildProcess.RunAsync("dotnet", [bench, .. verb, "--trivet", Repository.TrivetDll], secondsMax: 600);
    }

    private static List<(string Case, string Pair)> Failed(string json)
    {
        using var cells = JsonDocument.Parse(json);
        return [.. cells.RootElement.GetProperty("cells").EnumerateArray()
            .Where(cell => !cell.GetProperty("passes").GetBoolean())
            .Select(cell => (cell.GetProperty("case").GetString()!, $"{cell.GetProperty("client").GetString()}:{cell.GetProperty("upstream").GetString()}"))];
    }
}

/// <summary>Tests that must not share the machine with others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
