using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text.Json;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Parties;

/// <summary>One request as a sandbox's log tells it.</summary>
internal sealed record Served(
    long Id, string Model, string Body, DateTimeOffset Time, bool IsFinished, int Status, bool IsComplete, string? Error, int TokensSent, long InputTokens, long OutputTokens, bool HungUp)
{
    public static Served Of(JsonElement entry)
    {
        var served = entry.GetProperty("served");
        var usage = served.GetProperty("usage") is { ValueKind: JsonValueKind.Object } counted ? counted : default;
        return new Served(
            entry.GetProperty("id").GetInt64(),
            entry.GetProperty("model").GetString() ?? "",
            entry.TryGetProperty("body", out var body) ? body.GetRawText() : "",
            entry.GetProperty("time").GetDateTimeOffset(),
            entry.GetProperty("finished").ValueKind == JsonValueKind.String,
            served.GetProperty("status").GetInt32(),
            served.GetProperty("complete").GetBoolean(),
            served.GetProperty("error").GetString(),
            served.GetProperty("tokens_sent").GetInt32(),
            Tokens(usage, "input", "cache_read", "cache_write_5m", "cache_write_1h"),
            Tokens(usage, "output", "reasoning"),
            served.GetProperty("client_disconnected").GetBoolean());
    }

    private static long Tokens(JsonElement usage, params string[] kinds) => usage.ValueKind == JsonValueKind.Object ? kinds.Sum(k => usage.GetProperty(k).GetInt64()) : 0;
}

/// <summary>Copies a sandbox's log as it grows: the log itself is bounded, and a long run must not lose its beginning.</summary>
internal sealed class SandboxWatch : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(300);

    private readonly HttpClient _http;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentDictionary<long, Served> _all = [];
    private readonly SemaphoreSlim _one = new(1);
    private readonly Task _loop;
    private long _finishedUpTo;

    public SandboxWatch(Target sandbox)
    {
        _http = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = sandbox.Url };
        _loop = LoopAsync();
    }

    public IEnumerable<Served> All => _all.Values.OrderBy(s => s.Id);

    /// <summary>Reads what is new; entries that still ran at the last reading are read again.</summary>
    public async Task PullAsync()
    {
        await _one.WaitAsync();
        try
        {
            var log = await _http.GetFromJsonAsync<JsonElement>($"/sandbox/log?since={_finishedUpTo}");
            var entries = log.GetProperty("entries").EnumerateArray().Where(e => e.GetProperty("protocol").ValueKind == JsonValueKind.String).Select(Served.Of).ToList();
            foreach (var entry in entries)
                _all[entry.Id] = entry;
            _finishedUpTo = entries.TakeWhile(e => e.IsFinished).LastOrDefault()?.Id ?? _finishedUpTo;
        }
        finally
        {
            _one.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _http.Dispose();
        _stop.Dispose();
        _one.Dispose();
    }

    private async Task LoopAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await PullAsync();
                await Task.Delay(Interval, _stop.Token);
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Stopped; or the sandbox did not answer just now, and the next reading catches up.
            }
        }
    }
}
