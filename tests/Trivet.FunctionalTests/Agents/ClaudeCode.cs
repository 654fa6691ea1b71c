using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>
/// Runs Claude Code from npm without a person, as `claude -p`: an empty environment, a home of its own, a dummy key and no way to any network
/// but loopback (its proxy is a port where nobody listens).
/// </summary>
internal sealed class ClaudeCode : IDisposable
{
    private const int RunSecondsMax = 120;

    private readonly TempFolder _home = new();
    private readonly string _executable;
    private readonly LabClient _client;

    private ClaudeCode(string executable, LabClient client)
    {
        _executable = executable;
        _client = client;
        Directory.CreateDirectory(Work);
    }

    /// <summary>The folder it works in.</summary>
    public string Work => _home.File("work");

    public static async Task<ClaudeCode> InstallAsync(NpmPackage version, LabClient client)
    {
        var folder = await NpmPackages.FolderAsync(version);
        return new ClaudeCode(Path.Combine(folder, "node_modules", ".bin", "claude"), client);
    }

    public async Task<ClaudeRun> RunAsync(string prompt, string model)
    {
        var nowhere = $"http://127.0.0.1:{TrivetProcess.FreePort()}";
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH"),
            ["HOME"] = _home.Path,
            ["ANTHROPIC_BASE_URL"] = _client.Address.GetLeftPart(UriPartial.Authority),
            ["ANTHROPIC_AUTH_TOKEN"] = _client.Key,
            ["ANTHROPIC_MODEL"] = model,
            ["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC"] = "1",
            ["IS_SANDBOX"] = "1", // without it, root may not skip permissions
            ["HTTP_PROXY"] = nowhere,
            ["HTTPS_PROXY"] = nowhere,
            ["NO_PROXY"] = "127.0.0.1",
        };
        string[] arguments = ["-p", prompt, "--dangerously-skip-permissions", "--output-format", "stream-json", "--verbose"];
        await using var process = await ChildProcess.RunAsync(_executable, arguments, environment, Work, isClean: true, secondsMax: RunSecondsMax);
        return new ClaudeRun(process.ExitCode, process.Everything, [.. process.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)]);
    }

    public string Write(string name, string text)
    {
        var path = Path.Combine(Work, name);
        File.WriteAllText(path, text);
        return path;
    }

    public string Read(string name) => File.Exists(Path.Combine(Work, name)) ? File.ReadAllText(Path.Combine(Work, name)) : "(no such file)";

    public void Dispose() => _home.Dispose();
}

/// <summary>What a run of Claude Code printed.</summary>
internal sealed record ClaudeRun(int ExitCode, string Everything, IReadOnlyList<JsonElement> Events)
{
    /// <summary>The last line: how the run ended.</summary>
    public JsonElement Result => Events.LastOrDefault(e => e.GetProperty("type").GetString() == "result");

    public string ResultText => Result.ValueKind == JsonValueKind.Object && Result.TryGetProperty("result", out var text) ? text.GetString() ?? "" : "";

    public void AssertSucceeded(string text)
    {
        Assert.True(ExitCode == 0 && Result.ValueKind == JsonValueKind.Object && !Result.GetProperty("is_error").GetBoolean(), Everything);
        Assert.Equal(text, ResultText);
    }
}
