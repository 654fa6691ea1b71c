using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;
using Trivet.Sandbox.Scripts;

namespace Trivet.Sandbox;

/// <summary>A running sandbox. Dispose it to stop.</summary>
public sealed class SandboxHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly SandboxState _state;

    internal SandboxHost(WebApplication app, SandboxState state, Uri address)
    {
        _app = app;
        _state = state;
        Address = address;
    }

    /// <summary>Where it listens, with the port it really took.</summary>
    public Uri Address { get; }

    /// <summary>What it saw and served.</summary>
    public SandboxLog Log => _state.Log;

    /// <summary>The same as <c>POST /sandbox/script</c>.</summary>
    /// <exception cref="FormatException">The script has a field or value the sandbox does not know.</exception>
    public void Script(string json)
    {
        using var document = JsonDocument.Parse(json);
        _state.Scripts.Push(ScriptReader.Read(document.RootElement));
    }

    /// <summary>The same as <c>POST /sandbox/answers</c>.</summary>
    /// <exception cref="FormatException">An entry has no question or no answer.</exception>
    public void Answers(string json)
    {
        using var document = JsonDocument.Parse(json);
        _state.Key.Add(document.RootElement);
    }

    /// <summary>Forgets log, scripts, answers, fault counts and prompt cache.</summary>
    public void Reset() => _state.Reset();

    /// <summary>Runs until the token is cancelled or the process is asked to stop.</summary>
    public Task WaitForShutdownAsync(CancellationToken cancellation = default) => _app.WaitForShutdownAsync(cancellation);

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        // Silent and stalled requests would hold a graceful stop for its whole timeout.
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(200));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
