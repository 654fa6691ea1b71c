using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Benchmarks.Targets;
using Trivet.Server.Conformance.Clients;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Benchmarks.Parties;

/// <summary>What came back for one request, as bytes and times.</summary>
/// <param name="Broken">Why it did not end as replies end; null where it did.</param>
/// <param name="FirstContentMs">When the first came that is no comment.</param>
internal sealed record Reply(int Status, string RequestId, byte[] Body, string? Broken, DateTimeOffset Started, double FirstContentMs, double TotalMs)
{
    public string Text => Encoding.UTF8.GetString(Body);
}

/// <summary>Asks Trivet as a client of any protocol does, with a patience of its own: an answer that does not end by then hangs.</summary>
internal sealed class Client(Uri trivet) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>The protocols by the short names of the command line.</summary>
    public static IReadOnlyDictionary<string, IClient> Protocols { get; } = new Dictionary<string, IClient>(StringComparer.Ordinal)
    {
        ["chat"] = AllClients.All.Single(c => c.Name == "openai-chat"),
        ["responses"] = AllClients.All.Single(c => c.Name == "openai-responses"),
        ["messages"] = AllClients.All.Single(c => c.Name == "anthropic-messages"),
        ["gemini"] = AllClients.All.Single(c => c.Name == "gemini"),
    };

    /// <param name="leaveAfterBytes">Hang up once so much has come, as impatient people do.</param>
    public async Task<Reply> AskAsync(IClient protocol, Talk talk, string model, bool stream, TimeSpan patience, int? leaveAfterBytes = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(trivet, protocol.Path(model, stream)))
        {
            Content = new StringContent(protocol.Make(talk, model, stream).ToJsonString(), Encoding.UTF8, "application/json"),
        };
        protocol.Authorize(request, BenchKey.Value);
        using var waiting = new CancellationTokenSource(patience);
        using var body = new MemoryStream();
        var (started, clock) = (DateTimeOffset.UtcNow, Stopwatch.StartNew());
        var (status, id, firstContentMs) = (0, "", 0d);
        string? broken = null;
        try
        {
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, waiting.Token);
            status = (int)response.StatusCode;
            id = response.Headers.TryGetValues("x-trivet-request-id", out var ids) ? ids.First() : "";
            await using var content = await response.Content.ReadAsStreamAsync(waiting.Token);
            var buffer = new byte[16 * 1024];
            while (await content.ReadAsync(buffer, waiting.Token) is > 0 and var read)
            {
                if (firstContentMs == 0 && buffer[0] != ':')
                    firstContentMs = clock.Elapsed.TotalMilliseconds;
                body.Write(buffer, 0, read);
                if (body.Length >= leaveAfterBytes)
                    break;
            }
        }
        catch (OperationCanceledException)
        {
            broken = $"no end within {patience.TotalSeconds:0.#} s";
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            broken = status == 0 ? $"no answer: {e.Message}" : "the connection was cut";
        }
        return new Reply(status, id, body.ToArray(), broken, started, firstContentMs, clock.Elapsed.TotalMilliseconds);
    }

    public void Dispose() => _http.Dispose();
}
