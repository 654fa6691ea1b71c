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
    private const string Zod = "zod@4.6.7";

    /// <summary>Two generations of each client: what plain `npm install` picks on Node 20, and the newest.</summary>
    public static readonly NpmPackage OpenAI6 = new("openai", "6.49.0", Zod);
    public static readonly NpmPackage OpenAI7 = new("openai", "7.57.0", Zod) { IsForNode24 = true };
    public static readonly NpmPackage Anthropic0 = new("@anthropic-ai/sdk", "0.128.0", Zod);
    public static readonly NpmPackage Anthropic1 = new("@anthropic-ai/sdk", "1.12.0", Zod) { IsForNode24 = true };
    public static readonly NpmPackage Google2 = new("@google/genai", "2.32.0");
    public static readonly NpmPackage Google3 = new("@google/genai", "3.1.0") { IsForNode24 = true };
    public static readonly NpmPackage ClaudeCode197 = new("@anthropic-ai/claude-code", "2.1.197");
    public static readonly NpmPackage ClaudeCode330 = new("@anthropic-ai/claude-code", "2.1.330");
    private static readonly NpmPackage Node24 = new("node", "24.9.0");

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

    private static async Task<string?> InstallAsync(NpmPackage package)
    {
        if (OnPath("npm") is not { } npm)
        {
            return $"no npm on the PATH to install {package}";
        }

        var folder = Directory.CreateDirectory(Path.Combine(Cache, package.Folder)).FullName;
        var marker = Path.Combine(folder, $"installed-{string.Join('+', package.Beside.Prepend(package.Version)).Replace('/', '-')}");
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
