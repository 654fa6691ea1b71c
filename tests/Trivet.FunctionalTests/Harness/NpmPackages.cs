using System.Collections.Concurrent;

namespace Trivet.FunctionalTests.Harness;

/// <summary>A client from npm at an exact version, and what it needs beside it.</summary>
internal sealed record NpmPackage(string Name, string Version, params string[] Beside)
{
    /// <summary>Needs a newer Node than Debian's 20: runs under the npm package `node`.</summary>
    public bool IsForNode24 { get; init; }

    public string Folder => $"{Name.Replace("@", "", StringComparison.Ordinal).Replace('/', '-')}-{Version}";

    public override string ToString() => $"{Name} {Version}";
}

/// <summary>Installs pinned npm packages once, each into a folder of its own outside the tracked files ($TRIVET_NPM_DIR or artifacts/npm).</summary>
internal static class NpmPackages
{
    private static readonly IReadOnlyList<NpmPackage> Pinned =
        [.. File.ReadLines(Path.Combine(Repository.Root, "tests", "Trivet.FunctionalTests", "npm-packages.txt")).Where(l => l.Length > 0 && l[0] != '#').Select(Read)];

    /// <summary>Two generations of each client: what plain `npm install` picks on Node 20, and the newest.</summary>
    public static readonly NpmPackage OpenAI6 = Of("openai", "6");
    public static readonly NpmPackage OpenAI7 = Of("openai", "7") with { IsForNode24 = true };
    public static readonly NpmPackage Anthropic0 = Of("@anthropic-ai/sdk", "0");
    public static readonly NpmPackage Anthropic1 = Of("@anthropic-ai/sdk", "1") with { IsForNode24 = true };
    public static readonly NpmPackage Google2 = Of("@google/genai", "2");
    public static readonly NpmPackage Google3 = Of("@google/genai", "3") with { IsForNode24 = true };
    public static readonly NpmPackage Ai6 = Of("ai", "6");
    public static readonly NpmPackage Ai7 = Of("ai", "7") with { IsForNode24 = true };
    public static readonly NpmPackage ClaudeCode197 = Of("@anthropic-ai/claude-code", "2.1.197");
    public static readonly NpmPackage ClaudeCode330 = Of("@anthropic-ai/claude-code", "2.1.330");
    public static readonly NpmPackage Codex = Of("@openai/codex", "0");
    public static readonly NpmPackage GeminiCli = Of("@google/gemini-cli", "0");
    public static readonly NpmPackage OpenCode = Of("opencode-ai", "1");
    public static readonly NpmPackage QwenCode15 = Of("@qwen-code/qwen-code", "0.15");
    public static readonly NpmPackage QwenCode24 = Of("@qwen-code/qwen-code", "0.24") with { IsForNode24 = true };

    /// <summary>Finds what keeps people with disabilities from using a page.</summary>
    public static readonly NpmPackage Axe = Of("axe-core", "4");
    private static readonly NpmPackage Node24 = Of("node", "24");

    private static readonly ConcurrentDictionary<NpmPackage, Lazy<Task<string?>>> Installed = new();
    private static readonly string Cache = Environment.GetEnvironmentVariable("TRIVET_NPM_DIR") is { Length: > 0 } given ? given : Path.Combine(Repository.Artifacts, "npm");

    /// <summary>The folder that holds the package's <c>node_modules</c>. Skips the test where npm is absent or cannot reach its registry.</summary>
    public static async Task<string> FolderAsync(NpmPackage package)
    {
        var problem = await Installed.GetOrAdd(package, p => new Lazy<Task<string?>>(() => InstallAsync(p))).Value;
        if (problem is not null)
        {
            Requirement.Missing(problem);
        }

        return Path.Combine(Cache, package.Folder);
    }

    /// <summary>The Node that runs a package.</summary>
    public static async Task<string> NodeAsync(NpmPackage package)
    {
        if (package.IsForNode24)
        {
            return Path.Combine(await FolderAsync(Node24), "node_modules", "node", "bin", "node");
        }

        var node = OnPath("node");
        if (node is null)
        {
            Requirement.Missing("no node on the PATH");
        }

        return node!;
    }

    private static NpmPackage Of(string name, string version) =>
        Pinned.Single(p => p.Name == name && (p.Version == version || p.Version.StartsWith(version + ".", StringComparison.Ordinal)));

    private static NpmPackage Read(string line)
    {
        var words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var at = words[0].LastIndexOf('@');
        return new NpmPackage(words[0][..at], words[0][(at + 1)..], words[1..]);
    }

    private static async Task<string?> InstallAsync(NpmPackage package)
    {
        if (OnPath("npm") is not { } npm)
        {
            return $"no npm on the PATH to install {package}";
        }

        var folder = Directory.CreateDirectory(Path.Combine(Cache, package.Folder)).FullName;
        var marker = Path.Combine(folder, $"installed-{string.Join('+', package.Beside.Prepend(package.Version)).Replace('/', '-')}"); // .ci/npm-packages leaves the same
        await using var gate = await LockAsync(Path.Combine(folder, ".lock"));
        if (File.Exists(marker))
        {
            return null;
        }

        await File.WriteAllTextAsync(Path.Combine(folder, "package.json"), """{"private":true,"type":"module"}""");
        string[] arguments = ["install", "--no-package-lock", "--no-audit", "--no-fund", "--loglevel=error", $"{package.Name}@{package.Version}", .. package.Beside];
        await using var install = await ChildProcess.RunAsync(npm, arguments, folder: folder, secondsMax: 300);
        if (install.ExitCode != 0)
        {
            return $"npm cannot install {package}: {install.Everything}";
        }

        await File.WriteAllTextAsync(marker, "");
        return null;
    }

    /// <summary>Two test processes may share the cache.</summary>
    private static async Task<FileStream> LockAsync(string path)
    {
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                await Task.Delay(100);
            }
        }
    }

    private static string? OnPath(string name) => (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(folder => Path.Combine(folder, name)).FirstOrDefault(File.Exists);
}
