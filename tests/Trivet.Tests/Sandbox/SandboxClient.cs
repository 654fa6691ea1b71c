using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Sandbox;

namespace Trivet.Tests.Sandbox;

/// <summary>A sandbox and a plain HTTP client for it.</summary>
internal sealed class SandboxClient : IAsyncDisposable
{
    private readonly HttpClient _http;

    private SandboxClient(SandboxHost host)
    {
        Host = host;
        _http = new HttpClient(new SocketsHttpHandler { ResponseDrainTimeout = TimeSpan.Zero }) { BaseAddress = host.Address, Timeout = TimeSpan.FromSeconds(20) };
    }

    public SandboxHost Host { get; }

    public HttpClient Http => _http;

    public static async Task<SandboxClient> StartAsync(SandboxOptions? options = null) =>
        new(await SandboxServer.StartAsync(options ?? new SandboxOptions(), TestContext.Current.CancellationToken));

    public async Task<HttpResponseMessage> PostAsync(string path, string json, bool stream = false)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(json, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "test-key");
        if (path.Contains("/messages", StringComparison.Ordinal))
        {
            request.Headers.Add("anthropic-version", "2023-06-01");
        }

        return await _http.SendAsync(request, stream ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, TestContext.Current.CancellationToken);
    }

    public async Task<JsonNode> JsonAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        return JsonNode.Parse(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
    }

    /// <summary>A whole stream as (event name, data) pairs.</summary>
    public async Task<List<(string? Name, string Data)>> StreamAsync(string path, string json)
    {
        using var response = await PostAsync(path, json);
        return Events(await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public static List<(string? Name, string Data)> Events(string text)
    {
        var events = new List<(string?, string)>();
        foreach (var block in text.ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries))
        {
            var lines = block.Split('\n');
            var data = Array.Find(lines, l => l.StartsWith("data: ", StringComparison.Ordinal));
            if (data is not null)
            {
                events.Add((Array.Find(lines, l => l.StartsWith("event: ", StringComparison.Ordinal))?[7..], data[6..]));
            }
        }

        return events;
    }

    public Task<JsonNode> ChatAsync(string model, string userText, string more = "") =>
        JsonAsync("/v1/chat/completions", $$"""{"model":"{{model}}","messages":[{"role":"user","content":{{Quote(userText)}}}]{{more}}}""");

    public Task<JsonNode> MessagesAsync(string model, string userText, string more = "") =>
        JsonAsync("/v1/messages", $$"""{"model":"{{model}}","max_tokens":2000,"messages":[{"role":"user","content":{{Quote(userText)}}}]{{more}}}""");

    public Task<List<(string? Name, string Data)>> ChatStreamAsync(string model, string userText, string more = "") =>
        StreamAsync("/v1/chat/completions", $$"""{"model":"{{model}}","stream":true,"messages":[{"role":"user","content":{{Quote(userText)}}}]{{more}}}""");

    public Task<List<(string? Name, string Data)>> MessagesStreamAsync(string model, string userText, string more = "") =>
        StreamAsync("/v1/messages", $$"""{"model":"{{model}}","stream":true,"max_tokens":2000,"messages":[{"role":"user","content":{{Quote(userText)}}}]{{more}}}""");

    public static string Quote(string text) => JsonValue.Create(text).ToJsonString();

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await Host.DisposeAsync();
    }
}
