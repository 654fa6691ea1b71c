using System.Collections.Concurrent;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Clients;

/// <summary>One check of a JavaScript suite, as the script reported it.</summary>
internal sealed record CheckResult(string Name, bool Ok, string Detail);

/// <summary>Runs a script of <c>Clients/js</c> with an SDK from npm, once for each SDK version and target, and keeps what it reported.</summary>
/// <param name="script">The script's file.</param>
/// <param name="protocol">The protocol that its client speaks.</param>
/// <param name="variants">Where a script runs each check in several ways: what stands before a check's name.</param>
internal sealed class JavaScriptSuite(string script, string protocol, params string[] variants)
{
    private static readonly string Sources = Path.Combine(Repository.Root, "tests", "Trivet.FunctionalTests", "Clients", "js");

    private readonly ConcurrentDictionary<(NpmPackage Sdk, Target Target), Lazy<Task<IReadOnlyDictionary<string, CheckResult>>>> _runs = new();

    /// <summary>The names of the script's checks, read from its source so that test discovery needs no Node.</summary>
    public IReadOnlyList<string> Checks { get; } = [.. Names(script, "check"), .. variants.SelectMany(v => Names(script, "each").Select(n => $"{v}: {n}"))];

    public async Task AssertAsync(Lab lab, NpmPackage sdk, Target target, string check)
    {
        // Requirements first and outside the shared run, so that each test of an absent client is skipped on its own account.
        var folder = await NpmPackages.FolderAsync(sdk);
        var node = await NpmPackages.NodeAsync(sdk);
        var client = await lab.ClientAsync(target);
        var results = await _runs.GetOrAdd((sdk, target), _ => new(() => RunAsync(lab, client, folder, node))).Value;
        Assert.True(results.TryGetValue(check, out var result), $"the script did not report '{check}'");
        Assert.True(result!.Ok, result.Detail);
    }

    private static IEnumerable<string> Names(string script, string function) =>
        File.ReadLines(Path.Combine(Sources, script)).Where(l => l.StartsWith($"{function}('", StringComparison.Ordinal)).Select(l => l.Split('\'')[1]);

    private async Task<IReadOnlyDictionary<string, CheckResult>> RunAsync(Lab lab, LabClient client, string folder, string node)
    {
        foreach (var source in Directory.EnumerateFiles(Sources, "*.mjs"))
        {
            // Beside node_modules, where its imports are found.
            File.Copy(source, Path.Combine(folder, Path.GetFileName(source)), overwrite: true);
        }

        var environment = new Dictionary<string, string?>
        {
            ["BASE_URL"] = client.Address.GetLeftPart(UriPartial.Authority),
            ["API_KEY"] = client.Key,
            ["MODEL_PREFIX"] = client.Prefix,
            ["SERVED_PREFIX"] = "sandbox-",
            ["UPSTREAM"] = client.UpstreamProtocol(protocol),
            ["TARGET"] = client.Prefix.TrimEnd('-'),
            ["SANDBOX_URL"] = lab.SandboxAddress.GetLeftPart(UriPartial.Authority),
            ["PATH"] = Environment.GetEnvironmentVariable("PATH"),
            ["HOME"] = folder,
        };
        await using var run = await ChildProcess.RunAsync(node, [script], environment, folder, isClean: true, secondsMax: 240);
        var results = run.Output.Split('\n').Where(l => l.StartsWith('{'))
            .Select(l => JsonSerializer.Deserialize<CheckResult>(l, JsonSerializerOptions.Web)!).ToDictionary(r => r.Name);
        Assert.True(run.ExitCode == 0 && results.Count == Checks.Count, $"{script} reported {results.Count} of {Checks.Count} checks and ended with {run.ExitCode}\n{run.Everything}");
        return results;
    }
}
