using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Trivet.FunctionalTests.Harness;

namespace Trivet.FunctionalTests.Money;

/// <summary>A priced sandbox behind one gateway process or several, and clients that spend.</summary>
internal static class MoneyLab
{
    /// <summary>1 USD per million tokens in, 10 out.</summary>
    public const string Price = "models: [\"*\"]\nprice: { currency: USD, per_million: { input: 1, cache_read: 0.1, cache_write_5m: 1.25, cache_write_1h: 2, output: 10 } }";

    private static readonly HttpClient Http = new(new SocketsHttpHandler { MaxConnectionsPerServer = 1000 }) { Timeout = TimeSpan.FromSeconds(90) };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static string Chat(string model, bool stream = false, int maxTokens = 1000) => JsonSerializer.Serialize(new
    {
        model,
        stream,
        max_tokens = maxTokens,
        messages = new[] { new { role = "user", content = "hello there, please say something nice" } },
    });

    public static async Task<HttpResponseMessage> AskAsync(Uri address, string key, string body, CancellationToken? cancel = null, bool headersOnly = false)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, new Uri(address, "/v1/chat/completions")) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
        return await Http.SendAsync(request, headersOnly ? HttpCompletionOption.ResponseHeadersRead : HttpCompletionOption.ResponseContentRead, cancel ?? Cancel);
    }

    /// <summary>A key that may spend so much, made by the verb beside the running server; usable when this returns.</summary>
    public static async Task<string> KeyAsync(this TrivetProcess trivet, string name, params string[] options)
    {
        await using var verb = await trivet.RunVerbAsync(["keys", "create", name, "--json", .. options]);
        Assert.True(verb.ExitCode == 0, verb.Everything);
        return JsonDocument.Parse(verb.Output).RootElement.GetProperty("key").GetString()!;
    }

    /// <summary>Waits until a node knows a key.</summary>
    public static async Task WaitForKeyAsync(Uri address, string key)
    {
        for (var tries = 0; tries < 200; tries++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(address, "/v1/models"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", key);
            using var answer = await Http.SendAsync(request, Cancel);
            if (answer.IsSuccessStatusCode)
                return;
            await Task.Delay(50, Cancel);
        }

        Assert.Fail("the key is not known after ten seconds");
    }

    public static async Task VerifyAsync(this TrivetProcess trivet)
    {
        await using var verb = await trivet.RunVerbAsync("ledger", "verify");
        Assert.True(verb.ExitCode == 0, verb.Everything);
    }

    /// <summary>The account's balance in nano-units; 0 where there is none.</summary>
    public static async Task<long> BalanceAsync(this TrivetProcess trivet, string account)
    {
        await using var verb = await trivet.RunVerbAsync("ledger", "balances", "--json");
        Assert.True(verb.ExitCode == 0, verb.Everything);
        var found = JsonDocument.Parse(verb.Output).RootElement.Lines().FirstOrDefault(line => line.Text("id") == account);
        return found.ValueKind == JsonValueKind.Undefined ? 0 : found.Number("balance_nano");
    }
}
