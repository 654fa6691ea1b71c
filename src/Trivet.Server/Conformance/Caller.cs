using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Server.Conformance.Clients;

namespace Trivet.Server.Conformance;

/// <summary>What a client gets for one request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">All of the body that came.</param>
/// <param name="WasCut">The connection ended before the body did.</param>
/// <param name="Lost">The header that names losses; empty where there is none.</param>
/// <param name="IsEstimate">A count that is an estimate, and says so.</param>
/// <param name="Cost">The header that tells the cost, such as <c>0.0012 USD</c>; empty where it is not known.</param>
internal sealed record Reply(int Status, byte[] Body, bool WasCut, string Lost, bool IsEstimate, string Cost)
{
    /// <summary>The body as JSON; null where it is none.</summary>
    public JsonNode? Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Body);
            }
            catch (JsonException)
            {
                return null;
            }
        }
    }
}

/// <summary>Sends requests to the gateway as clients do.</summary>
internal sealed class Caller(Ends ends) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly HttpClient _http = new() { Timeout = Patience };

    public async Task<Reply> SendAsync(IClient client, string path, JsonObject body, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(ends.Address, path)) { Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body.ToJsonString())) };
        request.Content.Headers.ContentType = new("application/json");
        client.Authorize(request, ends.Key);
        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, stopping);
        var (received, wasCut) = await ReadAsync(response, stopping);
        return new Reply((int)response.StatusCode, received, wasCut, LateLosses(received) ?? Header(response, "x-trivet-lost"), Header(response, "x-trivet-estimated") == "true", Header(response, "x-trivet-cost"));
    }

    public void Dispose() => _http.Dispose();

    private static async Task<(byte[] Bytes, bool WasCut)> ReadAsync(HttpResponseMessage response, CancellationToken stopping)
    {
        using var bytes = new MemoryStream();
        try
        {
            await using var body = await response.Content.ReadAsStreamAsync(stopping);
            await body.CopyToAsync(bytes, stopping);
            return (bytes.ToArray(), false);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            return (bytes.ToArray(), true);
        }
    }

    // Losses that show at a stream's end only stand in a comment behind it, together with those of the header.
    private static string? LateLosses(byte[] received)
    {
        const string Mark = "\n: x-trivet-lost: ";
        var text = Encoding.UTF8.GetString(received);
        var at = text.LastIndexOf(Mark, StringComparison.Ordinal);
        return at < 0 ? null : text[(at + Mark.Length)..].TrimEnd();
    }

    private static string Header(HttpResponseMessage response, string name) => response.Headers.TryGetValues(name, out var values) ? string.Join(", ", values) : "";
}
