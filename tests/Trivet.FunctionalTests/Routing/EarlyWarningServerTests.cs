using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Admin;
using Trivet.Core.Journal;
using Trivet.Core.Keys;
using Trivet.Core.Scorecards;
using Trivet.Core.Scorecards.Warnings;
using Trivet.Core.Snapshots;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;
using Trivet.Server.Composition;
using Trivet.Storage;
using Trivet.Tests;

namespace Trivet.FunctionalTests.Routing;

/// <summary>
/// A whole gateway, listening, with its database, before a seller with three accounts that begins to tighten its controls, and a dearer one that does not. Only the clock is the test's: what takes a quarter of an hour takes
/// some seconds.
/// </summary>
public sealed class EarlyWarningServerTests : IAsyncLifetime
{
    private const string Offering = "seller/sandbox-text-5";
    private const string Answer = """{ "match": {}, "respond": {} }"""; // the sandbox says that 10000 requests are its limit
    private const string AnswerOfLess = """{ "match": {}, "respond": { "headers": { "x-ratelimit-limit-requests": "3000" } } }""";
    private const string Limited = """{ "match": {}, "respond": { "fault": "429" } }""";
    private const string Challenge = """{ "match": {}, "raw": { "status": 403, "headers": { "content-type": "text/html", "cf-mitigated": "challenge" }, "body": "<html><title>Just a moment...</title></html>" } }""";

    private readonly TempFolder _folder = new();
    private readonly ManualTime _time = new();
    private readonly Random _random = new(7);
    private int _asked;
    private SandboxHost _seller = null!;
    private SandboxHost _other = null!;
    private Database _database = null!;
    private WebApplication _gateway = null!;
    private HttpClient _client = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        (_seller, _other) = (await SandboxServer.StartAsync(new SandboxOptions { Seed = 1 }), await SandboxServer.StartAsync(new SandboxOptions { Seed = 2 }));
        var config = ConfigReader.Read(
            $$"""
            upstreams:
              - { name: seller, vendor: custom, keys: [sk-1, sk-2, sk-3], endpoints: { openai-chat: "{{_seller.Address}}v1" }, price: { currency: USD, per_million: { input: 1, output: 1 } } }
              - { name: other, vendor: custom, keys: [sk-4], endpoints: { openai-chat: "{{_other.Address}}v1" }, price: { currency: USD, per_million: { input: 9, output: 9 } } }
            routes:
              - { model: work, policy: cheap, candidates: [{ upstream: seller, model: sandbox-text-5 }, { upstream: other, model: sandbox-text-5 }] }
            """,
            ConfigSource.Environment, _ => null).Config!;
        _database = (await Database.OpenAsync(new DatabaseOptions(DatabaseOptions.Sqlite, _folder.Path), TimeProvider.System, NullLogger<Database>.Instance, Cancel)).Value;
        var key = (await new KeyAdmin(_database.Keys, _database.Journal, _time).EnsureFirstAsync(null, Cancel)).Value!;
        _gateway = Gateway.Build(config, "http://127.0.0.1:0", _folder.Path, _database, null, LogLevel.None, _time);
        await _gateway.Services.GetRequiredService<KeyRefreshLoop>().RefreshAsync(Cancel);
        await _gateway.StartAsync(Cancel);
        _client = new HttpClient { BaseAddress = new Uri(_gateway.Urls.First()) };
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key.Secret);
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        var stopping = _gateway.StopAsync(CancellationToken.None);
        await PassAsync(stopping);
        await stopping;
        await _gateway.DisposeAsync();
        await _database.DisposeAsync();
        await _seller.DisposeAsync();
        await _other.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Limits_and_challenge_pages_that_become_frequent_at_several_accounts_are_told_with_evidence_and_traffic_is_moved_while_the_seller_still_answers()
    {
        await AskAsync(minutes: 5, () => Answer);
        Assert.Empty(await AlarmsAsync(least: 0));

        var answered = await AskAsync(minutes: 60, () => _random.NextDouble() switch { < 0.45 => Limited, < 0.5 => Challenge, _ => Answer }, until: () => IsWarned);
        Assert.True(IsWarned);
        Assert.Contains("seller", answered.TakeLast(60)); // it is not gone

        var alarms = await AlarmsAsync(least: 1);
        Assert.All(alarms, alarm => Assert.StartsWith("seller", alarm.Subject, StringComparison.Ordinal));
        Assert.Contains(alarms, alarm => alarm.Evidence["sign"] != "limits shrink" && double.Parse(alarm.Evidence["evidence"], CultureInfo.InvariantCulture) >= TightMinutes.Threshold);
        await AssertMovedAsync();
    }

    [Fact]
    public async Task Limits_that_the_seller_says_shrink_are_told_at_once()
    {
        await AskAsync(minutes: 2, () => Answer);
        Assert.Empty(await AlarmsAsync(least: 0));

        var answered = await AskAsync(minutes: 10, () => AnswerOfLess, until: () => IsWarned);
        Assert.True(IsWarned);
        Assert.All(answered.TakeLast(3), upstream => Assert.Equal("seller", upstream)); // nothing has failed yet

        var alarms = await AlarmsAsync(least: 3);
        Assert.Equal(3, alarms.Select(alarm => alarm.Subject).Distinct().Count());
        Assert.All(alarms, alarm => Assert.Equal(("limits shrink", "requests over openai-chat", "10000", "3000"), (alarm.Evidence["sign"], alarm.Evidence["meter"], alarm.Evidence["before"], alarm.Evidence["now"])));
        await AssertMovedAsync();
    }

    private bool IsWarned => _gateway.Services.GetRequiredService<HealthBoard>().For(Offering).Card.IsWarned;

    private async Task AssertMovedAsync()
    {
        Assert.All(await AskAsync(minutes: 1, () => Answer), upstream => Assert.Equal("other", upstream));
        using var response = await SendAsync();
        Assert.Contains("next seller about to be cut off", response.Headers.GetValues("x-trivet-route").Single(), StringComparison.Ordinal);
    }

    /// <summary>A request every two seconds; what the seller says to the next of them, and who answered each.</summary>
    private async Task<IReadOnlyList<string>> AskAsync(int minutes, Func<string> next, Func<bool>? until = null)
    {
        var answered = new List<string>();
        for (var i = 0; i < minutes * 30 && until?.Invoke() != true; i++)
        {
            _seller.Reset(); // what was for a request that went elsewhere
            _seller.Script(next());
            using var response = await SendAsync();
            if (response.IsSuccessStatusCode)
                answered.Add(response.Headers.GetValues("x-trivet-upstream").Single());
            _time.Advance(TimeSpan.FromSeconds(2));
            await SettleAsync();
        }

        return answered;
    }

    private async Task<HttpResponseMessage> SendAsync()
    {
        // Each a conversation of its own: those go to all accounts, where one stays with one.
        using var content = new StringContent($$"""{"model":"work","messages":[{"role":"user","content":"Hello {{++_asked}}."}]}""", Encoding.UTF8, "application/json");
        var answering = _client.PostAsync(new Uri("/v1/chat/completions", UriKind.Relative), content, Cancel);
        await PassAsync(answering); // pauses between tries are the clock's, too
        return await answering;
    }

    // What the clock has set off runs on other threads; a few of them at a time keeps minutes of the test's clock minutes for the gateway.
    private static Task SettleAsync() => Task.Delay(1, Cancel);

    private async Task PassAsync(Task work)
    {
        for (var i = 0; !work.IsCompleted; i++)
        {
            if (i > 20)
                _time.Advance(TimeSpan.FromMilliseconds(50));
            await Task.Delay(1, CancellationToken.None);
        }
    }

    // Alarms are written behind the requests: those that are to come are waited for.
    private async Task<IReadOnlyList<JournalEntry>> AlarmsAsync(int least)
    {
        var journal = _gateway.Services.GetRequiredService<JournalAdmin>();
        for (var i = 0; ; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            await Task.Delay(10, Cancel);
            var alarms = (await journal.PageAsync(new JournalQuery { Kinds = [JournalKinds.Alarm], Limit = 100 }, Cancel)).Value.Entries;
            if (i >= 10 && alarms.Count >= least || i == 3_000)
                return alarms;
        }
    }
}
