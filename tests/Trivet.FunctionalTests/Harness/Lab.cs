using System.Runtime.ExceptionServices;
using Trivet.FunctionalTests.Agents;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

[assembly: AssemblyFixture(typeof(Lab))]

namespace Trivet.FunctionalTests.Harness;

/// <summary>What a client talks to, and what serves it in the end.</summary>
public enum Target
{
    /// <summary>The sandbox itself, no gateway in between: shows that the suite asks for what a vendor really does.</summary>
    Sandbox,

    /// <summary>Trivet in front of an upstream that speaks OpenAI Chat only.</summary>
    ViaChat,

    /// <summary>Trivet in front of an upstream that speaks Anthropic Messages only.</summary>
    ViaMessages,

    /// <summary>Trivet in front of an upstream that speaks OpenAI Responses only.</summary>
    ViaResponses,

    /// <summary>Trivet in front of an upstream that speaks Gemini only.</summary>
    ViaGemini,
}

/// <summary>One sandbox and one gateway in front of it, shared by all suites. The gateway starts when the first test asks for it.</summary>
public sealed class Lab : IAsyncLifetime
{
    /// <summary>The only key the sandbox takes, so that a wrong one is really refused.</summary>
    internal const string UpstreamKey = "sk-lab-upstream-key";

    /// <summary>A second account at the same vendor: the log shows whose key a request came with.</summary>
    internal const string OtherUpstreamKey = "sk-lab-other-upstream-key";

    /// <summary>What a model's name begins with when an agent shall treat it as one it knows: Codex offers such a model other tools.</summary>
    internal static readonly IReadOnlyList<string> KnownModels = ["gpt-5.5-", "gpt-6-sol-"];

    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1);
    private SandboxHost? _sandbox;
    private TrivetProcess? _trivet;
    private ExceptionDispatchInfo? _trivetFailed;

    /// <summary>Every protocol as an upstream, and none between.</summary>
    internal static IReadOnlyList<Target> Targets { get; } = Enum.GetValues<Target>();


    internal Uri SandboxAddress => _sandbox!.Address;

    internal SandboxClient Sandbox { get; private set; } = null!;

    /// <summary>Which agent worked over which upstream.</summary>
    internal AgentReport Agents { get; } = new();

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxServer.StartAsync(new SandboxOptions { ApiKeys = [UpstreamKey, OtherUpstreamKey] });
        Sandbox = new SandboxClient(_sandbox.Address);
    }

    public async ValueTask DisposeAsync()
    {
        Agents.Write();
        if (_trivet is not null)
        {
            await _trivet.DisposeAsync();
        }

        await _sandbox!.DisposeAsync();
        Sandbox.Dispose();
        _folder.Dispose();
        _gate.Dispose();
    }

    /// <summary>Where a client of this target connects, and with what.</summary>
    internal async Task<LabClient> ClientAsync(Target target)
    {
        if (target == Target.Sandbox)
        {
            return new LabClient(target, _sandbox!.Address, UpstreamKey, "sandbox-");
        }

        var trivet = await TrivetAsync();
        return new LabClient(target, trivet.Address, trivet.Key, $"via-{target.ToString()[3..].ToLowerInvariant()}-");
    }

    internal async Task<TrivetProcess> TrivetAsync()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _trivetFailed?.Throw();
            return _trivet ??= await StartAsync();
        }
        catch (Exception e) when (_trivet is null)
        {
            _trivetFailed ??= ExceptionDispatchInfo.Capture(e);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private Task<TrivetProcess> StartAsync()
    {
        var config = new TrivetYaml()
            .Chat("lab-chat", _sandbox!.Address, UpstreamKey)
            .Messages("lab-messages", _sandbox.Address, UpstreamKey)
            .Chat("lab-chat-2", _sandbox.Address, OtherUpstreamKey)
            .Messages("lab-messages-2", _sandbox.Address, OtherUpstreamKey)
            .Spread("spread-chat-*", ("lab-chat", "sandbox-*"), ("lab-chat-2", "sandbox-*"))
            .Spread("spread-messages-*", ("lab-messages", "sandbox-*"), ("lab-messages-2", "sandbox-*"))
            .Responses("lab-responses", _sandbox.Address, UpstreamKey)
            .Gemini("lab-gemini", _sandbox.Address, UpstreamKey)
            .Route("lab-large", ("lab-chat", "sandbox-large"))
            .Route("claude-lab-large", ("lab-messages", "sandbox-large"));
        foreach (var known in KnownModels.Prepend(""))
        {
            foreach (var protocol in (string[])["chat", "messages", "responses", "gemini"])
            {
                config.Route($"{known}via-{protocol}-*", ($"lab-{protocol}", "sandbox-*"));
            }
        }

        return TrivetProcess.ServeAsync(config.WriteTo(_folder), _folder.File("data"));
    }
}

/// <summary>How a client reaches a target. <see cref="Prefix"/> stands before the kind in a model name: <c>via-chat-</c> + <c>think-20</c>.</summary>
internal sealed record LabClient(Target Target, Uri Address, string Key, string Prefix)
{
    public bool IsGateway => Target != Target.Sandbox;

    /// <summary>The protocol spoken in the end to a client of <paramref name="clientProtocol"/>.</summary>
    public string UpstreamProtocol(string clientProtocol) => Target switch
    {
        Target.ViaChat => "openai-chat",
        Target.ViaMessages => "anthropic-messages",
        Target.ViaResponses => "openai-responses",
        Target.ViaGemini => "gemini",
        _ => clientProtocol,
    };
}
