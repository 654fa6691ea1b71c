using Trivet.FunctionalTests.Clients;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary><c>trivet connect NAME --run</c> with the real program: it starts, asks Trivet, and answers.</summary>
public sealed class ConnectTests(Lab lab)
{
    private static readonly Dictionary<string, (NpmPackage Package, string[] Arguments)> Programs = new()
    {
        ["claude-code"] = (NpmPackages.ClaudeCode330, ["-p"]),
        ["codex"] = (NpmPackages.Codex, ["exec", "--skip-git-repo-check"]),
        ["gemini-cli"] = (NpmPackages.GeminiCli, ["-p"]),
        ["opencode"] = (NpmPackages.OpenCode, ["run"]),
        ["qwen-code"] = (NpmPackages.QwenCode15, ["-p"]),
    };

    public static TheoryData<string> Clients => [.. Programs.Keys];

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Starts_the_program_connected(string client)
    {
        var (package, arguments) = Programs[client];
        var bin = Path.Combine(await NpmPackages.FolderAsync(package), "node_modules", ".bin");
        var target = await lab.ClientAsync(Target.ViaChat);
        var model = LabModel.Of(target.Prefix, "agent");

        // Not below the system's temporary folder: Gemini CLI trusts no settings that stand where anybody may write.
        var home = Directory.CreateDirectory(Path.Combine(Repository.Artifacts, "homes", model.Tag)).FullName;
        var environment = new Dictionary<string, string?>
        {
            ["PATH"] = $"{bin}{Path.PathSeparator}{Environment.GetEnvironmentVariable("PATH")}",
            ["HOME"] = home,
            ["OPENCODE_DISABLE_AUTOUPDATE"] = "1",
            ["OPENCODE_DISABLE_MODELS_FETCH"] = "1",
            ["OPENCODE_DISABLE_LSP_DOWNLOAD"] = "1",
        };
        string[] verb = ["connect", client, "--url", target.Address.GetLeftPart(UriPartial.Authority), "--key", target.Key, "--model", model.Name, "--data", Path.Combine(home, "data")];
        await using var run = await ChildProcess.RunAsync("dotnet", [Repository.TrivetDll, .. verb, "--run", "--", .. arguments, "[[say It is connected]]"], environment, home, isClean: true, secondsMax: 180);

        Assert.True(run.ExitCode == 0 && run.Output.Contains("It is connected", StringComparison.Ordinal), run.Everything);
        Assert.Contains(await lab.Sandbox.SeenAsync(model.Tag), s => s.Protocol == Protocols.Chat && s.Text.Contains("It is connected", StringComparison.Ordinal));
        Directory.Delete(home, recursive: true);
    }
}
