using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Conversations;

/// <summary>
/// A gateway before vendors that know nothing of each other: two sandboxes with different seeds, so that neither takes the other's signatures, in every protocol.
/// Each upstream is a route of its own, <c>hop-NAME</c>, at a strict model, which insists on what only some real ones insist on.
/// </summary>
public sealed class HopRig : IAsyncLifetime
{
    private const string Key = "sk-trivet-hop-tests";

    private readonly TempFolder _folder = new();
    private readonly List<SandboxHost> _sandboxes = [];
    private TrivetProcess? _trivet;

    /// <summary>Name, vendor, protocol, endpoint's path, which sandbox.</summary>
    internal static IReadOnlyList<(string Name, string Vendor, string Protocol, string Path, int Sandbox)> Upstreams { get; } =
    [
        ("claude", "anthropic", "anthropic-messages", "", 0),
        ("deepseek", "deepseek", "openai-chat", "/v1", 0),
        ("kimi", "custom", "anthropic-messages", "", 1),
        ("other", "custom", "openai-chat", "/v1", 1),
        ("openai", "openai", "openai-responses", "/v1", 0),
        ("google", "google", "gemini", "/v1beta", 0),
        ("gemini-relay", "custom", "gemini", "/v1beta", 1),
    ];

    internal TrivetProcess Trivet => _trivet!;

    public async ValueTask InitializeAsync()
    {
        for (var seed = 1; seed <= 2; seed++)
            _sandboxes.Add(await SandboxServer.StartAsync(new SandboxOptions { Seed = seed }));
        var file = _folder.File("trivet.yaml");
        await File.WriteAllTextAsync(file, Yaml());
        _trivet = await TrivetProcess.ServeAsync(file, _folder.File("data"), Key);
    }

    public async ValueTask DisposeAsync()
    {
        if (_trivet is not null)
            await _trivet.DisposeAsync();
        foreach (var sandbox in _sandboxes)
            await sandbox.DisposeAsync();
        _folder.Dispose();
    }

    internal SandboxClient SandboxOf(string upstream) => new(_sandboxes[Upstreams.Single(entry => entry.Name == upstream).Sandbox].Address);

    private string Yaml()
    {
        var upstreams = string.Concat(Upstreams.Select(entry => $$"""
              - name: {{entry.Name}}
                vendor: {{entry.Vendor}}
                keys: ["sk-any"]
                endpoints: { {{entry.Protocol}}: "{{_sandboxes[entry.Sandbox].Address.GetLeftPart(UriPartial.Authority)}}{{entry.Path}}" }
                models: ["sandbox-*"]

            """));
        var routes = string.Concat(Upstreams.Select(entry => $"  - model: \"hop-{entry.Name}-*\"\n    candidates:\n      - {{ upstream: {entry.Name}, model: \"sandbox-chat-strict-*\" }}\n"));
        return $"upstreams:\n{upstreams}routes:\n{routes}";
    }
}
