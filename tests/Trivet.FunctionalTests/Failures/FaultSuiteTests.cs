using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Failures;

/// <summary>
/// The fault suite and a short chaos run, as people run them: the bench's own commands, each with trivet and its sandboxes as processes of their own.
/// What they print is the message of a failure. They are about time, so nothing else runs beside them.
/// </summary>
[Collection(nameof(Alone))]
public sealed class FaultSuiteTests
{
    [Fact]
    public Task Sixteen_faults_and_their_variants_over_every_pair_of_protocols_end_as_they_must() => RunAsync("faults", "--profile", "fast", "--json", Path.Combine(Repository.Artifacts, "faults.json"));

    [Fact]
    public Task Random_faults_at_every_stage_lose_nothing_and_make_nothing_up() => RunAsync("chaos", "--minutes", "0.7", "--streams", "60", "--json", Path.Combine(Repository.Artifacts, "chaos.json"));

    private static async Task RunAsync(params string[] verb)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd('/'));       // …/bin/Release/net10.0
        var bench = Path.Combine(Repository.Root, "bench", "Trivet.Benchmarks", "bin", output.Parent!.Name, output.Name, "Trivet.Benchmarks.dll");
        if (!File.Exists(bench))
            Requirement.Missing($"the bench, built as these tests are (dotnet build bench/Trivet.Benchmarks -c {output.Parent.Name})");
        await using var run = await ChildProcess.RunAsync("dotnet", [bench, .. verb, "--trivet", Repository.TrivetDll], secondsMax: 600);
        Assert.True(run.ExitCode == 0, run.Everything);
    }
}

/// <summary>Tests that must not share the machine with others.</summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
