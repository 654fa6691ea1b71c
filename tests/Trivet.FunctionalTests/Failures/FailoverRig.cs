using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Failures;

/// <summary>
/// A gateway whose routes have two candidates: <c>mortal</c>, a sandbox process that tests kill, and <c>steady</c>, which stays. Both exist in
/// both protocols. A name such as <c>chat-silent-TAG</c> says which protocol the upstreams speak and how the first candidate dies.
/// </summary>
public sealed class FailoverRig : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly Lab _lab;
    private TrivetProcess? _trivet;

    public FailoverRig(Lab lab)
    {
        _lab = lab;
    }

    internal int MortalPort { get; } = TrivetProcess.FreePort();

    internal static IReadOnlyDictionary<string, string> Deaths { get; } = new Dictionary<string, string>
    {
        ["before-headers"] = "@silent",
        ["before-content"] = "@first-token-ms=60000:preamble",
        ["mid-stream"] = "@slow:tps=20",
    };

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_trivet is not null)
        {
            await _trivet.DisposeAsync();
        }

        _folder.Dispose();
    }

    internal async Task<TrivetProcess> TrivetAsync() => _trivet ??= await TrivetProcess.ServeAsync(Config().WriteTo(_folder), _folder.File("data"), "sk-trivet-failover-tests");

    private TrivetYaml Config()
    {
        var mortal = new Uri($"http://127.0.0.1:{MortalPort}");
        const string patient = "deadlines: { connect: 2s, first_content: 60s, idle: 60s, total: 5m }";
        var config = new TrivetYaml()
            .Chat("mortal-chat", mortal, "sk-any", patient).Chat("steady-chat", _lab.SandboxAddress, Lab.UpstreamKey, patient)
            .Messages("mortal-messages", mortal, "sk-any", patient).Messages("steady-messages", _lab.SandboxAddress, Lab.UpstreamKey, patient);
        foreach (var protocol in new[] { "chat", "messages" })
        {
            foreach (var (stage, fault) in Deaths)
            {
                config.Route($"{protocol}-{stage}-*", ($"mortal-{protocol}", $"sandbox-text-80-*{fault}"), ($"steady-{protocol}", "sandbox-text-80-*"));
            }

            config.Route($"{protocol}-alone-slow-*", ($"mortal-{protocol}", "sandbox-text-80-*@slow:tps=20"));
            config.Route($"{protocol}-alone-*", ($"mortal-{protocol}", "sandbox-text-80-*"));
        }

        return config;
    }
}
