using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Replay;

[assembly: AssemblyFixture(typeof(ReplayLab))]

namespace Trivet.FunctionalTests.Replay;

/// <summary>
/// The gateway as people run it, in front of the replaying upstream: one upstream per protocol, shared by all cases, so that what one case does to
/// credentials and health is felt by the next. Started by the first test that asks.
/// </summary>
public sealed class ReplayLab : IAsyncLifetime
{
    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1);
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(120) };
    private ReplayUpstream? _upstream;
    private TrivetProcess? _trivet;
    private ExceptionDispatchInfo? _failed;

    internal ReplayUpstream Upstream => _upstream!;

    internal ReplayReport Report { get; } = new();

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        Report.Write();
        if (_trivet is not null)
            await _trivet.DisposeAsync();
        if (_upstream is not null)
            await _upstream.DisposeAsync();
        _http.Dispose();
        _gate.Dispose();
        _folder.Dispose();
    }

    internal async Task StartAsync()
    {
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _failed?.Throw();
            if (_trivet is not null)
                return;
            _upstream = await ReplayUpstream.StartAsync();
            var config = new TrivetYaml();
            foreach (var protocol in WireProtocol.Upstreams)
                protocol.AddUpstream(config, _upstream.Address);
            _trivet = await TrivetProcess.ServeAsync(config.WriteTo(_folder), _folder.File("data"));
        }
        catch (Exception e) when (_trivet is null)
        {
            _failed ??= ExceptionDispatchInfo.Capture(e);
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Asks the gateway as a client of the protocol does.</summary>
    internal async Task<ClientAnswer> AskAsync(WireProtocol client, JsonObject body, IReadOnlyDictionary<string, string>? headers = null)
    {
        var (path, sent) = client.Ask(body);
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(_trivet!.Address, path));
        request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(sent.ToJsonString()));
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _trivet.Key);
        if (client.Header is { } header)
            request.Headers.Add(header.Name, header.Value);
        foreach (var (name, value) in headers ?? new Dictionary<string, string>())
            request.Headers.Add(name, value);
        using var response = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var bytes = await response.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken);
        var lost = response.Headers.TryGetValues("x-trivet-lost", out var values) ? string.Join(", ", values) : "";
        return new ClientAnswer((int)response.StatusCode, response.Content.Headers.ContentType?.MediaType ?? "", bytes, lost);
    }
}

/// <summary>What a client got.</summary>
internal sealed record ClientAnswer(int Status, string ContentType, byte[] Bytes, string Lost)
{
    public string Text => Encoding.UTF8.GetString(Bytes);

    public bool IsStream => ContentType == "text/event-stream";
}
