using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Trivet.Server.Cli.Demo;

/// <summary>
/// People at work: coding agents whose conversations grow turn by turn behind one long system prompt (Anthropic Messages, streamed), and short questions (OpenAI Chat).
/// Seeded, so that two demos ask the same.
/// </summary>
internal sealed class DemoTraffic(Uri gateway, string key, TimeProvider time) : IDisposable
{
    private const int Agents = 6;
    private const int TurnsMax = 12;

    private static readonly string[] Subjects = ["the parser", "the cache", "a failing test", "the release notes", "an index that is not used", "the retry policy", "a memory leak", "the login form"];
    private static readonly string[] Tasks = ["Explain", "Find what is wrong with", "Write a test for", "Simplify", "Review", "Document", "Measure", "Rename the parts of"];

    private readonly HttpClient _http = new() { BaseAddress = gateway, Timeout = TimeSpan.FromMinutes(1), DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
    private long _asked;
    private long _answered;

    /// <summary>Requests that have ended.</summary>
    public long Asked => Interlocked.Read(ref _asked);

    /// <summary>Those that were answered.</summary>
    public long Answered => Interlocked.Read(ref _answered);

    /// <summary>Works until it is stopped.</summary>
    public Task RunAsync(CancellationToken stopping) => Task.WhenAll(
        [.. Enumerable.Range(0, Agents).Select(agent => UntilStoppedAsync(token => AgentAsync(agent, new Random(agent), token), stopping)), UntilStoppedAsync(token => QuestionsAsync(new Random(99), token), stopping)]);

    public void Dispose() => _http.Dispose();

    private static async Task UntilStoppedAsync(Func<CancellationToken, Task> work, CancellationToken stopping)
    {
        try
        {
            while (!stopping.IsCancellationRequested)
                await work(stopping);
        }
        catch (OperationCanceledException)
        {
            // the demo is over
        }
    }

    private async Task AgentAsync(int agent, Random random, CancellationToken stopping)
    {
        var system = Paragraphs(new Random(1_000 + agent), 60); // an agent's instructions stay the same from task to task
        var (messages, session) = (new JsonArray(), $"agent-{agent}-{random.Next():x}");
        for (var turn = 0; turn < TurnsMax; turn++)
        {
            messages.Add(new JsonObject { ["role"] = "user", ["content"] = $"{Paragraphs(random, 3)} {Errand(random)}" });
            var body = new JsonObject
            {
                ["model"] = DemoCast.Route,
                ["max_tokens"] = 300,
                ["temperature"] = 1,
                ["stream"] = true,
                ["system"] = system,
                ["messages"] = messages.DeepClone(),
            };
            var answer = await AskAsync("v1/messages", body, session, stopping);
            messages.Add(new JsonObject { ["role"] = "assistant", ["content"] = answer.Length > 0 ? answer : "(no answer)" });
            await Task.Delay(TimeSpan.FromMilliseconds(400 + random.Next(1_200)), time, stopping);
        }
    }

    private async Task QuestionsAsync(Random random, CancellationToken stopping)
    {
        await AskAsync("v1/chat/completions", new JsonObject { ["model"] = DemoCast.Route, ["messages"] = new JsonArray(new JsonObject { ["role"] = "user", ["content"] = Errand(random) }) }, null, stopping);
        await Task.Delay(TimeSpan.FromMilliseconds(100 + random.Next(400)), time, stopping);
    }

    private async Task<string> AskAsync(string path, JsonObject body, string? session, CancellationToken stopping)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body.ToJsonString(), Encoding.UTF8, "application/json") };
        if (session is not null)
            request.Headers.Add("x-session-id", session);
        try
        {
            using var response = await _http.SendAsync(request, stopping);
            var text = await response.Content.ReadAsStringAsync(stopping);
            Interlocked.Increment(ref _asked);
            if (!response.IsSuccessStatusCode || text.Contains("\"type\":\"error\"", StringComparison.Ordinal))
                return "";
            Interlocked.Increment(ref _answered);
            return body["stream"] is null ? "" : Said(text);
        }
        catch (Exception exception) when (exception is HttpRequestException || (exception is OperationCanceledException && !stopping.IsCancellationRequested))
        {
            Interlocked.Increment(ref _asked);
            return "";
        }
    }

    // The text pieces of a Messages stream.
    private static string Said(string stream)
    {
        var said = new StringBuilder();
        foreach (var line in stream.Split('\n'))
        {
            if (!line.StartsWith("data: {\"type\":\"content_block_delta\"", StringComparison.Ordinal))
                continue;
            using var data = JsonDocument.Parse(line["data: ".Length..]);
            if (data.RootElement.GetProperty("delta").TryGetProperty("text", out var text))
                said.Append(text.GetString());
        }

        return said.ToString();
    }

    private static string Errand(Random random) => $"{Tasks[random.Next(Tasks.Length)]} {Subjects[random.Next(Subjects.Length)]}, number {random.Next(10_000)}.";

    private static string Paragraphs(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(i => $"Rule {i}: when you {Errand(random).TrimEnd('.').ToLowerInvariant()}, first look at {Subjects[random.Next(Subjects.Length)]} and say what you found there."));
}
