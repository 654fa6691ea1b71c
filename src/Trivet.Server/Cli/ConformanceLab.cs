using System.Text;
using Microsoft.Extensions.Logging;
using Trivet.Core.Keys;
using Trivet.Core.Relay;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Sandbox;
using Trivet.Server.Composition;
using Trivet.Server.Conformance;
using Trivet.Server.Conformance.Clients;
using Trivet.Storage;

namespace Trivet.Server.Cli;

/// <summary>A gateway and a sandbox of its own, on loopback, with data that goes when it goes: what a conformance run looks at.</summary>
internal sealed class ConformanceLab : IAsyncDisposable
{
    private readonly DirectoryInfo _data;
    private readonly SandboxHost _sandbox;
    private readonly Database _database;
    private readonly WebApplication _app;

    private ConformanceLab(DirectoryInfo data, SandboxHost sandbox, Database database, WebApplication app, string key)
    {
        (_data, _sandbox, _database, _app) = (data, sandbox, database, app);
        Ends = new Ends(new Uri(app.Urls.First()), key, sandbox);
    }

    public Ends Ends { get; }

    /// <summary>The protocols at both ends.</summary>
    public static IReadOnlyList<IClient> Protocols => AllClients.All;

    /// <summary>Starts both.</summary>
    public static async Task<ConformanceLab> StartAsync(CancellationToken stopping)
    {
        var data = Directory.CreateTempSubdirectory("trivet-conformance-");
        var sandbox = await SandboxServer.StartAsync(new SandboxOptions { LogsAnswers = true, LogEntriesMax = 100_000 }, stopping);
        var reading = ConfigReader.Read(Config(sandbox.Address), ConfigSource.Environment, _ => null);
        var config = reading.Config ?? throw new InvalidOperationException(string.Join('\n', reading.Problems));
        var database = await Databases.OpenAsync(config, data.FullName, stopping) ?? throw new InvalidOperationException($"No database in {data.FullName}.");
        var created = await new KeyAdmin(database.Keys, TimeProvider.System).EnsureFirstAsync(null, stopping);
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
        await _sandbox.DisposeAsync();
        _data.Delete(recursive: true);
    }

    // One upstream for each protocol, of a vendor of which nothing is known.
    private static string Config(Uri sandbox)
    {
        var (upstreams, routes) = (new StringBuilder("upstreams:\n"), new StringBuilder("routes:\n"));
        foreach (var protocol in Protocols.Select(client => client.Name))
        {
            var path = protocol switch { "anthropic-messages" => "", "gemini" => "/v1beta", _ => "/v1" };
            upstreams.Append($"  - {{ name: {protocol}, vendor: custom, keys: [sandbox], endpoints: {{ {protocol}: \"{sandbox.GetLeftPart(UriPartial.Authority)}{path}\" }} }}\n");
            routes.Append($"  - {{ model: \"{Ends.RoutePrefix(protocol)}*\", candidates: [{{ upstream: {protocol}, model: \"sandbox-*\" }}] }}\n");
        }

        return upstreams.Append(routes).ToString();
    }
}
