using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Trivet.Core.Audits;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Audits;

/// <summary>A server that audits two upstreams, one of which serves another model: what happens is what an operator would see.</summary>
public sealed class AuditServiceTests : IAsyncLifetime
{
    private const string Secret = "webhook-secret";
    private const int SecondsMax = 240;

    private readonly TempFolder _folder = new();
    private readonly Channel<(string Signature, string Body)> _alarms = Channel.CreateUnbounded<(string, string)>();
    private SandboxHost _sandbox = null!;
    private WebApplication _webhook = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxServer.StartAsync(new SandboxOptions { Seed = 5 });
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        _webhook = builder.Build();
        _webhook.MapPost("/alarms", async (HttpRequest request) =>
        {
            using var reader = new StreamReader(request.Body);
            await _alarms.Writer.WriteAsync((request.Headers[AlarmWebhook.SignatureHeader].ToString(), await reader.ReadToEndAsync()));
        });
        await _webhook.StartAsync(Cancel);
    }

    [Fact]
    public async Task A_dishonest_upstream_is_quarantined_told_and_left_while_the_honest_one_stays()
    {
        await using var trivet = await TrivetProcess.ServeAsync(Config(), _folder.File("data"));
        using var client = new HttpClient { BaseAddress = trivet.Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", trivet.Key);
        Assert.Equal("cheap", await UpstreamOfAsync(client)); // it stands first on its route

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        patience.CancelAfter(TimeSpan.FromSeconds(SecondsMax));
        var (signature, body) = await _alarms.Reader.ReadAsync(patience.Token);
        while (!body.Contains("is in quarantine", StringComparison.Ordinal))
            (signature, body) = await _alarms.Reader.ReadAsync(patience.Token);
        using var alarm = JsonDocument.Parse(body);
        Assert.Equal("cheap/sandbox-voice-A@swap=B", alarm.RootElement.GetProperty("subject").GetString());
        var seconds = signature[2..signature.IndexOf(',', StringComparison.Ordinal)];
        Assert.EndsWith(",v1=" + Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes($"{seconds}.{body}"))), signature, StringComparison.Ordinal);

        // Traffic has left, without a restart and without a change of configuration.
        Assert.Equal("dear", await UpstreamOfAsync(client));
        using var journal = JsonDocument.Parse(await VerbAsync(trivet, "journal", "list", "--kind", "quarantine", "--json"));
        var entry = Assert.Single(journal.RootElement.GetProperty("entries").EnumerateArray());
        Assert.Contains("identity.one-token", entry.GetProperty("tags").EnumerateArray().Select(tag => tag.GetString()));

        // The evidence is there to be read, down to the answers.
        using var page = JsonDocument.Parse(await VerbAsync(trivet, "audits", "show", entry.GetProperty("evidence").GetProperty("audit").GetString()!, "--json"));
        Assert.Equal("quarantined", page.RootElement.GetProperty("standing").GetString());
        Assert.Contains(page.RootElement.GetProperty("report").GetProperty("exchanges").EnumerateArray(), exchange => exchange.GetProperty("offering").GetString() == "dear/sandbox-voice-A");
        Assert.Equal("clean", await StandingAsync(trivet, "honest/sandbox-voice-A", patience.Token));

        // Probes are in the books as what they are.
        using var usage = JsonDocument.Parse(await VerbAsync(trivet, "usage", "--by", "upstream", "--org", "trivet", "--json"));
        Assert.All(usage.RootElement.GetProperty("lines").EnumerateArray(), line => Assert.Equal(0, line.GetProperty("charged_nano").GetInt64()));
        Assert.Contains(usage.RootElement.GetProperty("lines").EnumerateArray(), line => line.GetProperty("group").GetString() == "cheap" && line.GetProperty("cost_nano").GetInt64() > 0);
        await VerbAsync(trivet, "ledger", "verify");
    }

    public async ValueTask DisposeAsync()
    {
        await _webhook.DisposeAsync();
        await _sandbox.DisposeAsync();
        _folder.Dispose();
    }

    private static async Task<string?> UpstreamOfAsync(HttpClient client)
    {
        using var response = await client.PostAsJsonAsync(new Uri("/v1/chat/completions", UriKind.Relative), new { model = "chat", messages = new[] { new { role = "user", content = "Hello" } } }, Cancel);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync(Cancel));
        return response.Headers.GetValues("x-trivet-upstream").Single();
    }

    // It may be audited after the other.
    private static async Task<string?> StandingAsync(TrivetProcess trivet, string offering, CancellationToken patience)
    {
        while (true)
        {
            using var standings = JsonDocument.Parse(await VerbAsync(trivet, "audits", "standings", "--json"));
            foreach (var one in standings.RootElement.EnumerateArray())
            {
                if (one.GetProperty("offering").GetString() == offering)
                    return one.GetProperty("standing").GetString();
            }

            await Task.Delay(200, patience);
        }
    }

    private static async Task<string> VerbAsync(TrivetProcess trivet, params string[] verb)
    {
        await using var typed = await trivet.RunVerbAsync(verb);
        Assert.True(typed.ExitCode == 0, typed.Everything);
        return typed.Output;
    }

    private string Config()
    {
        var config = _folder.File("trivet.yaml");
        var at = _sandbox.Address.GetLeftPart(UriPartial.Authority);
        var upstream = (string name) => $$"""
              - name: {{name}}
                vendor: custom
                keys: [sk-{{name}}]
                endpoints: { openai-chat: "{{at}}/v1" }
                models: ["*"]
                price: { currency: USD, per_million: { input: 1, cache_read: 0.1, output: 5 } }
            """;
        File.WriteAllText(config, $$"""
            upstreams:
            {{upstream("cheap")}}
            {{upstream("honest")}}
            {{upstream("dear")}}
            routes:
              - model: chat
                candidates: [{ upstream: cheap, model: "sandbox-voice-A@swap=B" }, { upstream: dear, model: sandbox-voice-A }]
              - model: other
                candidates: [{ upstream: honest, model: sandbox-voice-A }]
            audits: { enabled: true, every: 8s, budget: 0.50USD, references: { "sandbox-voice-A*": dear/sandbox-voice-A } }
            alarms: { webhook: "{{_webhook.Urls.First()}}/alarms", secret: {{Secret}} }
            """);
        return config;
    }
}
