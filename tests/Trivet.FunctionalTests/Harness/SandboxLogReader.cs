using System.Net.Http.Json;
using System.Text.Json;

namespace Trivet.FunctionalTests.Harness;

/// <summary>One request as the sandbox's log tells it.</summary>
internal sealed record SeenRequest(JsonElement Json)
{
    public long Id => Json.GetProperty("id").GetInt64();

    public string Method => Json.GetProperty("method").GetString()!;

    public string Path => Json.GetProperty("path").GetString()!;

    public string Query => Json.GetProperty("query").GetString() ?? "";

    public string? Protocol => Json.GetProperty("protocol").GetString();

    public string? Model => Json.GetProperty("model").GetString();

    public bool IsStream => Json.GetProperty("stream").GetBoolean();

    public bool IsFinished => Json.GetProperty("finished").ValueKind == JsonValueKind.String;

    public JsonElement Body => Json.GetProperty("body");

    public int Status => Served.GetProperty("status").GetInt32();

    public bool IsComplete => Served.GetProperty("complete").GetBoolean();

    public IReadOnlyList<string> Faults => [.. Served.GetProperty("faults").EnumerateArray().Select(f => f.GetString()!)];

    public bool ClientDisconnected => Served.GetProperty("client_disconnected").GetBoolean();

    public string Text => Served.GetProperty("text").GetString() ?? "";

    public IReadOnlyList<(string Name, string Arguments)> ToolCalls =>
        [.. Served.GetProperty("tool_calls").EnumerateArray().Select(c => (c.GetProperty("name").GetString()!, c.GetProperty("arguments").GetString()!))];

    public SeenUsage? Usage => Served.GetProperty("usage") is { ValueKind: JsonValueKind.Object } u
        ? new SeenUsage(u.GetProperty("input").GetInt64(), u.GetProperty("cache_read").GetInt64(),
            u.GetProperty("cache_write_5m").GetInt64() + u.GetProperty("cache_write_1h").GetInt64(), u.GetProperty("output").GetInt64(), u.GetProperty("reasoning").GetInt64())
        : null;

    private JsonElement Served => Json.GetProperty("served");

    public string? Header(string name) => Json.GetProperty("headers").TryGetProperty(name, out var value) ? value.GetString() : null;

    public override string ToString() => $"#{Id} {Method} {Path}{Query} {Model} -> {Status}{(IsComplete ? "" : " incomplete")}";
}

/// <summary>Disjoint token counts that the sandbox served.</summary>
internal sealed record SeenUsage(long Input, long CacheRead, long CacheWrite, long Output, long Reasoning)
{
    public long InputTotal => Input + CacheRead + CacheWrite;

    public long OutputTotal => Output + Reasoning;
}

/// <summary>Reads a sandbox's log and tells it what to do, over HTTP, as from another process.</summary>
internal sealed class SandboxClient(Uri address) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address };

    public async Task<long> LastIdAsync() =>
        (await _http.GetFromJsonAsync<JsonElement>("/sandbox/state")).GetProperty("log_last_id").GetInt64();

    public async Task<IReadOnlyList<SeenRequest>> SeenAsync(long since = 0) =>
        [.. (await _http.GetFromJsonAsync<JsonElement>($"/sandbox/log?since={since}")).GetProperty("entries").EnumerateArray().Select(e => new SeenRequest(e))];

    /// <summary>The requests whose model name contains a tag, once there is one and all of them are finished. Token counts are left out.</summary>
    public async Task<IReadOnlyList<SeenRequest>> SeenAsync(string tag, bool finished = true)
    {
        for (var tries = 0; ; tries++)
        {
            var ours = (await SeenAsync()).Where(e => e.Model?.Contains(tag, StringComparison.Ordinal) == true && !e.Path.EndsWith("/count_tokens", StringComparison.Ordinal)).ToList();
            if ((ours.Count > 0 && (!finished || ours.TrueForAll(e => e.IsFinished))) || tries == 100)
            {
                return ours;
            }

            await Task.Delay(50);
        }
    }

    public async Task ScriptAsync(string json)
    {
        using var answer = await _http.PostAsync(new Uri("/sandbox/script", UriKind.Relative), new StringContent(json));
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    public void Dispose() => _http.Dispose();
}
