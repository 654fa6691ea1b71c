using System.Diagnostics;
using System.Text.Json;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Parties;

/// <summary>The executable <c>trivet</c>, run as people run it: each verb a process of its own.</summary>
internal sealed class TrivetProgram(string? file)
{
    private readonly string _file = file ?? TrivetTarget.FindBuilt();

    /// <summary><c>trivet serve</c> with a configuration and a data folder.</summary>
    public Task<Target> ServeAsync(string name, string configFile, string dataFolder)
    {
        var port = Target.FreePort();
        var start = Start("serve", "--listen", $"http://127.0.0.1:{port}", "--config", configFile, "--data", dataFolder);
        start.Environment["TRIVET_KEY"] = BenchKey.Value;
        return Target.StartAsync(name, port, "/readyz", "/metrics", start);
    }

    /// <summary><c>trivet sandbox</c>, on a port of its own or on one that it had before.</summary>
    public Task<Target> SandboxAsync(string name, int? port = null)
    {
        var at = port ?? Target.FreePort();
        return Target.StartAsync(name, at, "/", null, Start("sandbox", "--listen", $"http://127.0.0.1:{at}"));
    }

    /// <summary>What a verb prints as JSON, while the server runs on the same data folder.</summary>
    public async Task<JsonElement> AskAsync(string configFile, string dataFolder, params string[] verb)
    {
        var start = Start([.. verb, "--json", "--config", configFile, "--data", dataFolder]);
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start) ?? throw new BenchFailedException($"trivet {verb[0]} did not start.");
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0
            ? JsonDocument.Parse(output).RootElement
            : throw new BenchFailedException($"trivet {string.Join(' ', verb)} ended with exit code {process.ExitCode}: {await error}");
    }

    private ProcessStartInfo Start(params string[] arguments) =>
        _file.EndsWith(".dll", StringComparison.Ordinal) ? new ProcessStartInfo("dotnet", [_file, .. arguments]) : new ProcessStartInfo(_file, arguments);
}
