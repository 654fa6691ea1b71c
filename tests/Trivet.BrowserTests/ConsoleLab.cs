using System.Net.Http.Json;
using System.Runtime.ExceptionServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Trivet.BrowserTests;
using Trivet.FunctionalTests.Harness;

[assembly: AssemblyFixture(typeof(ConsoleLab))]
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Trivet.BrowserTests;

/// <summary>
/// A gateway with traffic in it, and a browser: four upstreams of the sandbox's (dear and steady, cheap and flaky, cheap and slow, good and middling), a route over them, and
/// hostile words in everything that a client or an operator may name. Started by the first test that asks.
/// </summary>
public sealed partial class ConsoleLab : IAsyncLifetime
{
    /// <summary>A page is there as soon as its address is; what a test looks at there is waited for by itself. On a busy machine a picture may be long in coming.</summary>
    internal static readonly PageWaitForURLOptions Arrived = new() { WaitUntil = WaitUntilState.Commit };

    /// <summary>What a browser may take for anything, on a machine that does much else, in milliseconds.</summary>
    private const float PatienceMs = 120_000;

    /// <summary>Where a script that runs leaves a mark.</summary>
    internal const string Mark = "__executed";

    internal const string OwnerName = "ada";
    internal const string Password = "a long enough password";

    internal static readonly string Hostile = $"<img src=x onerror=\"window.{Mark}=1\"><script>window.{Mark}=1</script>'\"&";

    /// <summary>Of the organisation <c>default</c>; it asks for <see cref="Claude"/> at an upstream that is no vendor's own.</summary>
    internal const string Team = "research";

    /// <summary>That team's key, whose payloads are recorded.</summary>
    internal const string RecordedKey = "research bot";
    internal const string Claude = "claude-sonnet-4-5";

    /// <summary>A model of a Chinese maker, at an upstream with that vendor's profile.</summary>
    internal const string Domestic = "glm-5.3";

    private const string Chromium = "/usr/bin/chromium";

    private static readonly string[] Flags =
        ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

    private readonly TempFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1);
    private ChildProcess? _sandbox;
    private TrivetProcess? _trivet;
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string? _ownerState;
    private ExceptionDispatchInfo? _failed;

    internal Uri Address => _trivet!.Address;

    /// <summary>Where the server keeps its database.</summary>
    internal string DataFolder => _folder.File("data");

    /// <summary>Where the upstreams really are.</summary>
    internal Uri Sandbox { get; private set; } = null!;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_trivet is not null)
            await _trivet.DisposeAsync();
        if (_sandbox is not null)
            await _sandbox.DisposeAsync();
        _folder.Dispose();
        _gate.Dispose();
    }

    /// <summary>A visitor of its own, signed in as the owner or not at all.</summary>
    internal async Task<Visitor> VisitAsync(bool isSignedIn = true, string language = "en", bool isPhone = false, bool isDark = false, bool hasScripts = true)
    {
        await StartAsync();
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Address.ToString(),
            Locale = language == "zh" ? "zh-CN" : "en-GB",
            TimezoneId = "Europe/Berlin",
            ViewportSize = isPhone ? new ViewportSize { Width = 390, Height = 844 } : new ViewportSize { Width = 1360, Height = 900 },
            ColorScheme = isDark ? ColorScheme.Dark : ColorScheme.Light,
            JavaScriptEnabled = hasScripts,
            BypassCSP = false,
            StorageState = isSignedIn ? _ownerState : null,
        });
        context.SetDefaultTimeout(PatienceMs);
        return await Visitor.EnterAsync(context, Address);
    }

    /// <summary>Some more traffic.</summary>
    internal async Task AskAsync(int count)
    {
        using var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _trivet!.Key);
        for (var i = 0; i < count; i++)
            await client.PostAsJsonAsync("/v1/chat/completions", new { model = "talk", max_tokens = 20, messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken);
    }

    /// <summary>What a client gets who asks for a model.</summary>
    internal async Task<int> StatusAsync(string model)
    {
        using var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _trivet!.Key);
        using var answer = await client.PostAsJsonAsync("/v1/chat/completions", new { model, max_tokens = 20, messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken);
        return (int)answer.StatusCode;
    }

    /// <summary>Runs a verb beside the server.</summary>
    internal async Task<string> RunAsync(params string[] verb)
    {
        await StartAsync();
        await using var run = await _trivet!.RunVerbAsync(verb);
        Assert.True(run.ExitCode == 0, run.Everything);
        return run.Output;
    }

    private async Task StartAsync()
    {
        if (!File.Exists(Chromium))
            Requirement.Missing($"no {Chromium}");
        await _gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            _failed?.Throw();
            if (_browser is not null)
                return;
            (_sandbox, Sandbox) = await TrivetProcess.SandboxAsync();
            await File.WriteAllTextAsync(_folder.File("trivet.yaml"), Config(Sandbox));
            _trivet = await TrivetProcess.ServeAsync(_folder.File("trivet.yaml"), _folder.File("data"));
            await TalkAsync();
            _playwright = await Playwright.CreateAsync();
            var browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions { ExecutablePath = Chromium, Args = Flags });
            await MakeOwnerAsync(browser);
            _browser = browser;
        }
        catch (Exception exception) when (_browser is null)
        {
            _failed ??= ExceptionDispatchInfo.Capture(exception); // tried once: each try leaves processes until the end
            throw;
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task MakeOwnerAsync(IBrowser browser)
    {
        Assert.True(await _trivet!.Process.WaitForAsync(process => Welcome().IsMatch(process.Output), 90), _trivet.Process.Everything);
        await using var context = await browser.NewContextAsync();
        context.SetDefaultTimeout(PatienceMs);
        var page = await context.NewPageAsync();
        await page.GotoAsync(Welcome().Match(_trivet.Process.Output).Value);
        await page.GetByLabel("Name").FillAsync(OwnerName);
        await page.GetByLabel("Password").FillAsync(Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await page.WaitForURLAsync("**/console?said=welcome", ConsoleLab.Arrived);
        _ownerState = await context.StorageStateAsync();
    }

    // Enough that every chart has something to show; nothing of it is made up: the sandbox really answered, or failed.
    private async Task TalkAsync()
    {
        using var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", _trivet!.Key);
        client.DefaultRequestHeaders.TryAddWithoutValidation("User-Agent", Hostile);
        client.DefaultRequestHeaders.TryAddWithoutValidation("x-session-id", Hostile);
        await _trivet.RunVerbAsync("keys", "create", Hostile, "--org", Hostile, "--team", Hostile);
        await TalkAsTeamAsync();
        string[] models = ["talk", "dear/sandbox-large", "flaky/sandbox-chat@502:times=1", "slow/sandbox-text-30@slow:tps=20", "good/sandbox-echo", "any/" + Hostile, Hostile, "flaky/sandbox-chat@503"];
        for (var i = 0; i < 64; i++)
        {
            using var response = await client.PostAsJsonAsync(
                "/v1/chat/completions", new { model = models[i % models.Length], stream = i % 3 != 0, max_tokens = 40, messages = new[] { new { role = "user", content = $"Question {i}: {Hostile}" } } });
            await response.Content.ReadAsStringAsync();
        }
    }

    /// <summary>Asks until the gateway knows a key that was made a moment ago, as every node does within a second or so.</summary>
    internal static async Task<HttpResponseMessage> WhenKeyIsKnownAsync(Func<Task<HttpResponseMessage>> ask)
    {
        for (var tries = 0; ; tries++)
        {
            var answer = await ask();
            if (answer.StatusCode != System.Net.HttpStatusCode.Unauthorized || tries == 300)
                return answer;
            answer.Dispose();
            await Task.Delay(200, TestContext.Current.CancellationToken);
        }
    }

    // A team with a key of its own, that asks for a maker's models at a relay and for others elsewhere.
    private async Task TalkAsTeamAsync()
    {
        await using var made = await _trivet!.RunVerbAsync("keys", "create", RecordedKey, "--team", Team, "--json");
        using var key = JsonDocument.Parse(made.Output);
        using var client = new HttpClient { BaseAddress = Address };
        client.DefaultRequestHeaders.Authorization = new("Bearer", key.RootElement.GetProperty("key").GetString());
        string[] models = [$"any/{Claude}", $"any/{Claude}", "dear/sandbox-large", $"any/{Claude}"];
        foreach (var model in models)
        {
            using var response = await WhenKeyIsKnownAsync(() => client.PostAsJsonAsync("/v1/chat/completions", new { model, max_tokens = 20, messages = new[] { new { role = "user", content = "Compare." } } }));
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }
    }

    private static string Config(Uri sandbox)
    {
        string Upstream(string name, string models, string price) => $$"""
              - name: {{name}}
                vendor: custom
                keys: ["sk-{{name}}"]
                endpoints: { openai-chat: {{sandbox}}v1 }
                models: [{{models}}]
                price: { currency: {{price}} }

            """;
        return $$"""
            upstreams:
            {{Upstream("dear", "sandbox-large, sandbox-chat", "USD, per_million: { input: 3, cache_read: 0.3, output: 15 }")}}
            {{Upstream("flaky", "sandbox-chat, \"sandbox-chat@502:times=1\", \"sandbox-chat@503\"", "USD, per_million: { input: 0.3, cache_read: 0.03, output: 1.2 }")}}
            {{Upstream("slow", "\"sandbox-text-30@slow:tps=20\", sandbox-chat", "CNY, per_million: { input: 2, cache_read: 0.2, output: 8 }")}}
            {{Upstream("good", "sandbox-echo, sandbox-chat", "CNY, per_million: { input: 4, cache_read: 0.4, output: 16 }")}}
            {{Upstream("any", "\"*\"", "USD, per_million: { input: 1, output: 2 }")}}
              - name: bigmodel
                vendor: zhipu
                keys: ["sk-bigmodel"]
                endpoints: { openai-chat: {{sandbox}}v1 }
                models: [{{Domestic}}]
            payload_logging: { keys: [{{RecordedKey}}] }
            fx:
              rates:
                - { pair: USD/CNY, rate: 7.1, since: 2026-01-01 }
            routes:
              - model: talk
                policy: weighted
                candidates:
                  - { upstream: dear, model: sandbox-chat }
                  - { upstream: flaky, model: "sandbox-chat@503" }
                  - { upstream: slow, model: sandbox-chat }
                  - { upstream: good, model: sandbox-chat }
            """;
    }

    [GeneratedRegex(@"http://\S+/console/welcome\?token=\S+")]
    private static partial Regex Welcome();
}
