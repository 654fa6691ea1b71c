using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.WebConsole;

/// <summary>A gateway with something on every page: requests that were answered, rescued and failed, a team with a key and a budget, a transfer that a person booked, an audit with its verdict.</summary>
public sealed class FilledConsole : IAsyncLifetime
{
    /// <summary>Whose key was used for what.</summary>
    internal const string KeyName = "research bot";

    /// <summary>Serves every model of the others, answers none of one of them.</summary>
    internal const string Flaky = "flaky";

    /// <summary>Sells another model than it says.</summary>
    internal const string Swapping = "swapping";

    private const int PatienceSeconds = 240;

    private readonly TempFolder _folder = new();
    private SandboxHost? _sandbox;
    private TrivetProcess? _trivet;

    internal ConsoleVisit Visit { get; private set; } = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxServer.StartAsync(new SandboxOptions { Seed = 5 });
        var config = _folder.File("trivet.yaml");
        await File.WriteAllTextAsync(config, Config(_sandbox.Address.ToString()), Cancel);
        _trivet = await TrivetProcess.ServeAsync(config, _folder.File("data"));
        await AskAsync(_trivet.Key, ["talk", "dear/sandbox-large", "talk", "flaky/sandbox-chat@503", "talk"], rounds: 4);
        using var made = JsonDocument.Parse(await RunAsync("keys", "create", KeyName, "--team", "research", "--budget", "5.00USD/month", "--json"));
        await AskAsync(made.RootElement.GetProperty("key").GetString()!, ["talk", "dear/sandbox-large"], rounds: 3);
        await RunAsync("orgs", "topup", "default", "20.00USD");
        await AuditedAsync();
        Visit = await ConsoleVisit.EnterAsync(_trivet);
    }

    public async ValueTask DisposeAsync()
    {
        Visit?.Dispose();
        if (_trivet is not null)
            await _trivet.DisposeAsync();
        if (_sandbox is not null)
            await _sandbox.DisposeAsync();
        _folder.Dispose();
    }

    private async Task<string> RunAsync(params string[] verb)
    {
        await using var run = await _trivet!.RunVerbAsync(verb);
        Assert.True(run.ExitCode == 0, run.Everything);
        return run.Output;
    }

    // A key that was made a moment ago is known within a second or so.
    private async Task AskAsync(string key, string[] models, int rounds)
    {
        using var client = new HttpClient { BaseAddress = _trivet!.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key);
        foreach (var model in Enumerable.Repeat(models, rounds).SelectMany(round => round))
        {
            for (var tries = 0; ; tries++)
            {
                using var answer = await client.PostAsJsonAsync(new Uri("/v1/chat/completions", UriKind.Relative), new { model, max_tokens = 40, messages = new[] { new { role = "user", content = "Compare." } } }, Cancel);
                if (answer.StatusCode != HttpStatusCode.Unauthorized)
                    break;
                Assert.True(tries < 300, "the key is not known");
                await Task.Delay(200, Cancel);
            }
        }
    }

    private async Task AuditedAsync()
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(PatienceSeconds));
        while (true)
        {
            using var standings = JsonDocument.Parse(await RunAsync("audits", "standings", "--json"));
            if (standings.RootElement.GetArrayLength() > 0)
                return;
            await Task.Delay(500, patience.Token);
        }
    }

    private static string Config(string sandbox)
    {
        string Upstream(string name, string models, string input, string output) => $$"""
              - name: {{name}}
                vendor: custom
                keys: ["sk-{{name}}"]
                endpoints: { openai-chat: {{sandbox}}v1 }
                models: [{{models}}]
                price: { currency: USD, per_million: { input: {{input}}, cache_read: 0.1, output: {{output}} } }

            """;
        return $$"""
            upstreams:
            {{Upstream("dear", "sandbox-large, sandbox-chat, sandbox-voice-A", "3", "15")}}
            {{Upstream(Flaky, "sandbox-chat, \"sandbox-chat@503\"", "0.3", "1.2")}}
            {{Upstream(Swapping, "\"sandbox-voice-A@swap=B\"", "0.5", "2")}}
            routes:
              - model: talk
                policy: in-order
                candidates:
                  - { upstream: flaky, model: "sandbox-chat@503" }
                  - { upstream: dear, model: sandbox-chat }
              - model: thrifty-talk
                policy: thrifty
                candidates:
                  - { upstream: flaky, model: sandbox-chat }
                  - { upstream: dear, model: sandbox-chat }
            policies:
              thrifty: { floors: { availability: 0.8 }, aim: cheapest, when_none: relax, relax: [availability] }
            fx:
              rates:
                - { pair: USD/CNY, rate: 7.1, since: 2026-01-01 }
            audits:
              enabled: true
              every: 24h
              budget: 20USD
              references: { "*": "dear/sandbox-voice-A" }
              upstreams: [{{Swapping}}]
            """;
    }
}
