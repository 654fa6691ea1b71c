using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Trivet.FunctionalTests.Harness;
using Trivet.FunctionalTests.Storage;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Money;

/// <summary>What clients are told of limits per minute, in the headers that they know.</summary>
public sealed class RateLimitTests(PostgresCluster cluster)
{
    private const string Chat = "/v1/chat/completions";
    private const string Messages = "/v1/messages";

    private static readonly HttpClient Http = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Clients_are_told_what_is_left_in_the_headers_of_their_protocol_and_when_to_come_again()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        var config = new TrivetYaml().Chat("lab", sandbox.Address, "sk-lab", MoneyLab.Price).Messages("claude", sandbox.Address, "sk-lab", MoneyLab.Price).WriteTo(folder);
        await using var trivet = await TrivetProcess.ServeAsync(config, folder.File("data"));
        var key = await trivet.KeyAsync("limited", "--rpm", "3", "--tpm", "100000");
        await MoneyLab.WaitForKeyAsync(trivet.Address, key);

        using var first = await AskAsync(trivet.Address, key, Chat, "lab/sandbox-text-20", stream: false);
        using var second = await AskAsync(trivet.Address, key, Messages, "claude/sandbox-text-20", stream: true);
        using var third = await AskAsync(trivet.Address, key, Chat, "claude/sandbox-text-20", stream: true);
        using var refusedChat = await AskAsync(trivet.Address, key, Chat, "lab/sandbox-text-20", stream: false);
        using var refusedMessages = await AskAsync(trivet.Address, key, Messages, "lab/sandbox-text-20", stream: true);

        Assert.Equal([HttpStatusCode.OK, HttpStatusCode.OK, HttpStatusCode.OK], [first.StatusCode, second.StatusCode, third.StatusCode]);
        Assert.Equal(("3", "2"), (Header(first, "x-ratelimit-limit-requests"), Header(first, "x-ratelimit-remaining-requests")));
        Assert.Equal("100000", Header(first, "x-ratelimit-limit-tokens"));
        Assert.InRange(long.Parse(Header(first, "x-ratelimit-remaining-tokens")!, CultureInfo.InvariantCulture), 90_000, 99_999);
        Assert.Matches("^([0-9]+m)?[0-9]+s$", Header(first, "x-ratelimit-reset-requests")!);
        Assert.Null(Header(first, "anthropic-ratelimit-requests-limit"));
        Assert.Equal(("3", "1"), (Header(second, "anthropic-ratelimit-requests-limit"), Header(second, "anthropic-ratelimit-requests-remaining")));
        Assert.True(DateTimeOffset.Parse(Header(second, "anthropic-ratelimit-requests-reset")!, CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow);
        Assert.Null(Header(second, "x-ratelimit-limit-requests"));
        Assert.Equal("0", Header(third, "x-ratelimit-remaining-requests"));

        Assert.Equal((HttpStatusCode.TooManyRequests, "0"), (refusedChat.StatusCode, Header(refusedChat, "x-ratelimit-remaining-requests")));
        Assert.InRange(refusedChat.Headers.RetryAfter!.Delta!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        Assert.Equal((HttpStatusCode.TooManyRequests, "0"), (refusedMessages.StatusCode, Header(refusedMessages, "anthropic-ratelimit-requests-remaining")));
        Assert.NotNull(refusedMessages.Headers.RetryAfter);
    }

    [Fact]
    public async Task A_key_without_limits_per_minute_gets_the_upstreams_headers_and_none_of_ours()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        await using var trivet = await TrivetProcess.ServeAsync(new TrivetYaml().Chat("lab", sandbox.Address, "sk-lab", MoneyLab.Price).WriteTo(folder), folder.File("data"));
        var limited = await trivet.KeyAsync("limited", "--rpm", "7");
        await MoneyLab.WaitForKeyAsync(trivet.Address, limited);

        using var direct = await AskAsync(sandbox.Address, "sk-lab", Chat, "sandbox-text-20", stream: false);
        using var through = await AskAsync(trivet.Address, trivet.Key, Chat, "lab/sandbox-text-20", stream: false);
        using var own = await AskAsync(trivet.Address, limited, Chat, "lab/sandbox-text-20", stream: false);

        Assert.Equal(RateLimits(direct), RateLimits(through));
        Assert.Equal(["x-ratelimit-limit-requests: 7", "x-ratelimit-remaining-requests: 6"], RateLimits(own).Where(header => !header.Contains("reset", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Three_nodes_keep_limits_of_requests_together()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), Cancel);
        using var folder = new TempFolder();
        var file = folder.File("trivet.yaml");
        await File.WriteAllTextAsync(file, $"database: {await cluster.NewDatabaseAsync()}\n{new TrivetYaml().Chat("lab", sandbox.Address, "sk-lab", MoneyLab.Price)}", Cancel);
        await using var first = await TrivetProcess.ServeAsync(file, folder.File("data1"));
        await using var second = await TrivetProcess.ServeAsync(file, folder.File("data2"));
        await using var third = await TrivetProcess.ServeAsync(file, folder.File("data3"));
        Uri[] nodes = [first.Address, second.Address, third.Address];
        var perMinute = await first.KeyAsync("per-minute", "--rpm", "37");
        var atATime = await first.KeyAsync("at-a-time", "--concurrent", "5");
        foreach (var node in nodes)
        {
            await MoneyLab.WaitForKeyAsync(node, perMinute);
            await MoneyLab.WaitForKeyAsync(node, atATime);
        }

        // Each takes longer than a request waits for a place.
        var running = await AskAllAsync(nodes, atATime, "lab/sandbox-text-20@slow:tps=3", 60);
        Assert.Equal((5, 55), (running.Count(status => status == HttpStatusCode.OK), running.Count(status => status == HttpStatusCode.TooManyRequests)));

        while (DateTimeOffset.UtcNow.Second >= 40)
            await Task.Delay(500, Cancel); // all of it within one minute
        var begun = await AskAllAsync(nodes, perMinute, "lab/sandbox-text-20", 150);
        Assert.Equal((37, 113), (begun.Count(status => status == HttpStatusCode.OK), begun.Count(status => status == HttpStatusCode.TooManyRequests)));
    }

    private static async Task<HttpStatusCode[]> AskAllAsync(Uri[] nodes, string key, string model, int requests) => await Task.WhenAll(Enumerable.Range(0, requests).Select(async i =>
    {
        using var answer = await AskAsync(nodes[i % nodes.Length], key, Chat, model, stream: false);
        return answer.StatusCode;
    }));

    private static string[] RateLimits(HttpResponseMessage answer) =>
        [.. answer.Headers.Where(header => header.Key.Contains("ratelimit", StringComparison.OrdinalIgnoreCase)).Select(header => $"{header.Key.ToLowerInvariant()}: {header.Value.Single()}").Order(StringComparer.Ordinal)];

    private static string? Header(HttpResponseMessage answer, string name) => answer.Headers.TryGetValues(name, out var values) ? values.Single() : null;

    private static async Task<HttpResponseMessage> AskAsync(Uri address, string key, string path, string model, bool stream)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, path)) { Content = new StringContent(MoneyLab.Chat(model, stream), Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        request.Headers.Add("anthropic-version", "2023-06-01");
        return await Http.SendAsync(request, Cancel);
    }
}
