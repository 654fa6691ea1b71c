using System.Text;
using Trivet.Core.Keys;
using Trivet.Core.Routing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Sandbox;
using Trivet.Server.Composition;
using Trivet.Server.Conformance;
using Trivet.Server.Conformance.Clients;
using Trivet.Storage;

namespace Trivet.Server.Cli.Conformance;

/// <summary>A gateway of its own on loopback, with data that goes when it goes, and a sandbox or a real upstream behind it: what a conformance run looks at.</summary>
internal sealed class ConformanceLab : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly Database _database;
    private readonly WebApplication _app;

    private ConformanceLab(DirectoryInfo data, SandboxHost? sandbox, Database database, WebApplication app, string key)
    {
        (_data, Sandbox, _database, _app) = (data, sandbox, database, app);
        Ends = new Ends(new Uri(app.Urls.First()), key);
    }

    /// <summary>The gateway.</summary>
    public Ends Ends { get; }

    /// <summary>The vendor behind it; null where it is a real one.</summary>
    public SandboxHost? Sandbox { get; }

    /// <summary>The protocols at both ends.</summary>
    public static IReadOnlyList<IClient> Protocols => AllClients.All;

    /// <summary>Whether an endpoint speaks this client's protocol.</summary>
    public static bool Is(IClient client, EndpointConfig endpoint) => client.Name == endpoint.Protocol.Name();

    /// <summary>Starts both.</summary>
    public static async Task<ConformanceLab> StartAsync(CancellationToken stopping)
    {
        var sandbox = await SandboxServer.StartAsync(new SandboxOptions { LogsAnswers = true, LogEntriesMax = 100_000 }, stopping);
        var reading = ConfigReader.Read(Config(sandbox.Address), ConfigSource.Environment, _ => null);
        return await StartAsync(reading.Config ?? throw new InvalidOperationException(string.Join('\n', reading.Problems)), sandbox, stopping);
    }

    /// <summary>Starts a gateway before a real upstream, each of whose protocols is an upstream of its own here.</summary>
    public static Task<ConformanceLab> StartAsync(UpstreamConfig upstream, string model, CancellationToken stopping)
    {
        var parts = upstream.Endpoints.Select(endpoint => upstream with { Name = endpoint.Protocol.Name(), Endpoints = [endpoint], Models = [model], Enabled = true }).ToList();
        var routes = parts.Select(part => new RouteConfig { Model = Ends.RoutePrefix(part.Name) + model, Candidates = [new CandidateConfig(part.Name, model)] });
        return StartAsync(new GatewayConfig { Upstreams = parts, Routes = [.. routes] }, null, stopping);
    }

    private static async Task<ConformanceLab> StartAsync(GatewayConfig config, SandboxHost? sandbox, CancellationToken stopping)
    {
        var data = Directory.CreateTempSubdirectory("trivet-conformance-");
        var database = await Databases.OpenAsync(config, data.FullName, stopping) ?? throw new InvalidOperationException($"No database in {data.FullName}.");
        var created = await new KeyAdmin(database.Keys, database.Journal, TimeProvider.System).EnsureFirstAsync(null, stopping);
        var app = Gateway.Build(config, "http://127.0.0.1:0", data.FullName, database, null, LogLevel.None);
        await app.Services.GetRequiredService<KeyRefreshLoop>().RefreshAsync(stopping);
        await app.StartAsync(stopping);
        return new ConformanceLab(data, sandbox, database, app, created.Value!.Secret);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        if (Sandbox is not null)
            await Sandbox.DisposeAsync();
        _data.Delete(recursive: true);
    }

    // One upstream for each protocol, of a vendor of which nothing is known.
    private static string Config(Uri sandbox)
    {
        // The matrix is of what one upstream's answer becomes: nobody shall go on with one that breaks off.
        var (upstreams, routes) = (new StringBuilder("continuation: false\nupstreams:\n"), new StringBuilder("routes:\n"));
        foreach (var protocol in Protocols.Select(client => client.Name))
        {
            var path = protocol switch { "anthropic-messages" => "", "gemini" => "/v1beta", _ => "/v1" };
            upstreams.Append($"  - {{ name: {protocol}, vendor: custom, keys: [sandbox], endpoints: {{ {protocol}: \"{sandbox.GetLeftPart(UriPartial.Authority)}{path}\" }} }}\n");
            routes.Append($"  - {{ model: \"{Ends.RoutePrefix(protocol)}*\", candidates: [{{ upstream: {protocol}, model: \"sandbox-*\" }}] }}\n");
        }

        return upstreams.Append(routes).ToString();
    }
}
