using System.Text.Json;
using Trivet.FunctionalTests.Clients;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Agents;

/// <summary>Where one agent works once: a home of its own, a model of its own, an environment with nothing else in it, and no network but loopback.</summary>
internal sealed class AgentDesk : IDisposable
{
    private const int RunSecondsMax = 180;

    private readonly TempFolder _home = new();
    private readonly Agent _agent;
    private readonly string _folder;
    private readonly string? _node;

    private AgentDesk(Agent agent, LabClient client, LabModel model, string folder, string? node)
    {
        (_agent, _folder, _node) = (agent, folder, node);
        (Client, Model) = (client, model);
        Directory.CreateDirectory(Work);
        foreach (var (path, text) in agent.Files(this))
        {
            Directory.CreateDirectory(Path.GetDirectoryName(_home.File(path))!);
            File.WriteAllText(_home.File(path), text);
        }
    }

    /// <summary>Where it connects.</summary>
    public LabClient Client { get; }

    /// <summary>The model that it asks for.</summary>
    public LabModel Model { get; }

    /// <summary>The address without a path.</summary>
    public string Address => Client.Address.GetLeftPart(UriPartial.Authority);

    /// <summary>The folder it works in.</summary>
    public string Work => _home.File("work");

    private string Strangers => _home.File("strangers.txt");

    public static async Task<AgentDesk> SetAsync(Agent agent, LabClient client)
    {
        var folder = await NpmPackages.FolderAsync(agent.Package);
        var node = agent.Package.IsForNode24 ? Path.GetDirectoryName(await NpmPackages.NodeAsync(agent.Package)) : null;
        return new AgentDesk(agent, client, LabModel.Of(agent.ModelPrefix + client.Prefix, "agent"), folder, node);
    }

    public async Task<AgentRun> RunAsync(string prompt)
    {
        var path = System.Environment.GetEnvironmentVariable("PATH");
        var environment = new Dictionary<string, string?>(_agent.Environment(this).Select(v => KeyValuePair.Create(v.Key, (string?)v.Value)))
        {
            ["PATH"] = _node is null ? path : $"{_node}{Path.PathSeparator}{path}",
            ["HOME"] = _home.Path,
        };
        foreach (var (name, value) in LoopbackOnly())
        {
            environment[name] = value;
        }

        var program = Path.Combine(_folder, "node_modules", ".bin", _agent.Program);
        await using var process = await ChildProcess.RunAsync(program, _agent.Arguments(this, prompt), environment, Work, isClean: true, secondsMax: RunSecondsMax);
        List<JsonElement> lines = [.. process.Output.Split('\n').Where(l => l.StartsWith('{')).Select(l => JsonDocument.Parse(l).RootElement)];
        return new AgentRun(process.ExitCode, process.Everything, _agent.Said(lines), File.Exists(Strangers) ? await File.ReadAllLinesAsync(Strangers) : []);
    }

    public string At(string name) => Path.Combine(Work, name);

    public void Put(string name, string text) => File.WriteAllText(At(name), text);

    public string Read(string name) => File.Exists(At(name)) ? File.ReadAllText(At(name)) : "(no such file)";

    public void Dispose() => _home.Dispose();

    private IEnumerable<(string Name, string Value)> LoopbackOnly()
    {
        if (_agent.IsNode)
        {
            // Qwen Code 0.15 sends loopback through a proxy too, so Node's own name lookup is where strangers are refused, and noted.
            var guard = Path.Combine(Repository.Root, "tests", "Trivet.FunctionalTests", "Agents", "loopback-only.cjs");
            return [("NODE_OPTIONS", $"--require \"{guard}\""), ("STRANGERS", Strangers)];
        }

        var nowhere = $"http://127.0.0.1:{TrivetProcess.FreePort()}";
        return [("HTTP_PROXY", nowhere), ("HTTPS_PROXY", nowhere), ("NO_PROXY", "127.0.0.1")];
    }
}

/// <summary>One run of an agent.</summary>
/// <param name="ExitCode">How it ended.</param>
/// <param name="Everything">All it printed.</param>
/// <param name="Said">What it says it did.</param>
/// <param name="Strangers">Hosts other than this machine that it looked for.</param>
internal sealed record AgentRun(int ExitCode, string Everything, AgentSaid Said, IReadOnlyList<string> Strangers);
