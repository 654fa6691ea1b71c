using System.Net.Http.Json;
using System.Text.Json;
using Trivet.Core.Audits.Probes;
using Trivet.FunctionalTests.Harness;
using Trivet.Sandbox;

namespace Trivet.FunctionalTests.Audits;

/// <summary><c>trivet audit</c> on upstreams that cheat in one way each, and on one that does not. The sandbox knows nothing of the tests that are made.</summary>
public sealed class AuditTests : IAsyncLifetime
{
    private const string Seed = "11";

    private readonly TempFolder _folder = new();
    private SandboxHost _sandbox = null!;
    private string _rates = "";

    public async ValueTask InitializeAsync()
    {
        _sandbox = await SandboxServer.StartAsync(new SandboxOptions { Seed = 5 });
        _sandbox.Answers(JsonSerializer.Serialize(CapabilityItems.Make(int.Parse(Seed), 96).Select(item => new
        {
            question = item.Question.Text,
            answer = item.Skill == CapabilitySkill.ToolCalls ? $"[[tool {item.Question.Tool!.Name} {item.Expected}]]" : item.Expected,
        })));
    }

    [Theory]
    [InlineData("sandbox-voice-A@swap=B", "identity.one-token")]
    [InlineData("sandbox-voice-A@mix=B:share=0.3", "identity.sampling")]
    [InlineData("sandbox-voice-A@inflate=8", "billing.input")]
    [InlineData("sandbox-voice-A-cached@pocket-cache", "billing.cache")]
    [InlineData("sandbox-voice-A@tamper", "integrity.tools")]
    [InlineData("sandbox-voice-A@inject", "integrity.injection")]
    [InlineData("sandbox-voice-A@hidden-system=300", "integrity.hidden-prompt")]
    [InlineData("sandbox-voice-A@answer-cache", "identity.repeats")]
    [InlineData("sandbox-voice-A@skill=0.6", "capability")]
    [InlineData("sandbox-voice-A@wrong-model=sandbox-voice-mini", "identity.shape")]
    public async Task What_a_dishonest_upstream_does_is_found_within_its_budget(string model, string test)
    {
        var report = await AuditAsync(model, model.Split('@')[0], "3.00USD", exitCode: 1);

        Assert.Contains(test, Problems(report));
        Assert.InRange(report.GetProperty("spent_nano").GetInt64(), 1, report.GetProperty("budget_nano").GetInt64());
    }

    [Fact]
    public async Task Items_of_the_operator_s_own_show_what_an_upstream_cannot_do()
    {
        var items = Enumerable.Range(1, 60).Select(i => (Question: $"Which rack holds part {i * 37}?", Answer: $"Rack {i * 7}")).ToList();
        _sandbox.Answers(JsonSerializer.Serialize(items.Select(item => new { question = item.Question, answer = item.Answer })));
        File.WriteAllText(_folder.File("items.yaml"), "items:\n" + string.Concat(items.Select(item => $"  - question: {item.Question}\n    models: [sandbox-*]\n    expect: {{ contains: [{item.Answer}] }}\n")));
        await using (var imported = await RunAsync(["audits", "items", "import", _folder.File("items.yaml")]))
            Assert.True(imported.ExitCode == 0, imported.Everything);
        await using (var added = await RunAsync(["audits", "items", "add", "Say nothing", "--lacks", "something", "--models", "other"]))
            Assert.True(added.ExitCode == 0, added.Everything);

        var report = await AuditAsync("sandbox-voice-A@skill=0.3", "sandbox-voice-A", "3.00USD", exitCode: 1);

        Assert.Contains("capability.own", Problems(report));
        Assert.DoesNotContain(report.GetProperty("exchanges").EnumerateArray(), exchange => exchange.GetProperty("question").GetString() == "Say nothing");
        await using var listed = await RunAsync(["audits", "items", "list", "--json"]);
        var kept = JsonDocument.Parse(listed.Output).RootElement.EnumerateArray().ToList();
        Assert.Equal(61, kept.Count);
        await using (var removed = await RunAsync(["audits", "items", "remove", kept[0].GetProperty("id").GetString()!]))
            Assert.True(removed.ExitCode == 0, removed.Everything);
        await using var again = await RunAsync(["audits", "items", "remove", kept[0].GetProperty("id").GetString()!]);
        Assert.Equal(1, again.ExitCode);
    }

    [Fact]
    public async Task Without_a_reference_an_offering_is_held_against_what_it_answered_before()
    {
        const int Swapped = 1500;
        var model = $"sandbox-voice-A@swap=B:after={Swapped}";
        await using (var made = await RunAsync(["keys", "create", "first"])) // the database is there
            Assert.True(made.ExitCode == 0, made.Everything);

        var first = await AuditAsync(model, null, "3.00USD", exitCode: 0);
        Assert.Equal(JsonValueKind.Null, first.GetProperty("past_since_ms").ValueKind);
        var same = await AuditAsync(model, null, "3.00USD", exitCode: 0);
        Assert.Equal("clean", Verdict(same, "identity.past"));
        Assert.Equal(first.GetProperty("started_ms").GetInt64(), same.GetProperty("past_since_ms").GetInt64());

        using (var client = new HttpClient { BaseAddress = _sandbox.Address })
        {
            client.DefaultRequestHeaders.Authorization = new("Bearer", "sk-lab");
            for (var i = 0; i < Swapped; i++)
                (await client.PostAsJsonAsync(new Uri("/v1/chat/completions", UriKind.Relative), new { model, max_tokens = 1, messages = new[] { new { role = "user", content = "Hello" } } }, TestContext.Current.CancellationToken)).EnsureSuccessStatusCode().Dispose();
        }

        var changed = await AuditAsync(model, null, "3.00USD", exitCode: 1);
        Assert.Equal("changed", Verdict(changed, "identity.past"));
        Assert.Equal((true, false), (changed.GetProperty("has_changed").GetBoolean(), changed.GetProperty("has_problem").GetBoolean()));
        await using (var told = await RunAsync(["audit", "lab", "--model", model, "--budget", "3.00USD"]))
            Assert.Contains("It has changed since", told.Output, StringComparison.Ordinal);
        await using (var enrolled = await RunAsync(["audit", "lab", "--model", model, "--budget", "3.00USD", "--enrol"]))
            Assert.True(enrolled.ExitCode == 0, enrolled.Everything);
        Assert.Equal("clean", Verdict(await AuditAsync(model, null, "3.00USD", exitCode: 0), "identity.past"));
    }

    [Theory]
    [InlineData("sandbox-voice-A-claude", "clean")]
    [InlineData("sandbox-voice-A-claude@forge-thoughts", "problem")]
    public async Task A_signed_thought_is_genuine_where_its_issuer_takes_it_back(string model, string verdict)
    {
        // The issuer is the sandbox, whose signatures have another form than Claude's: what they look like is not the question here.
        await using var typed = await RunAsync(["audit", "messages", "--model", model, "--against", "messages/sandbox-voice-A-claude", "--budget", "0.12USD", "--seed", Seed, "--json"]);
        var report = JsonDocument.Parse(typed.Output).RootElement;
        Assert.True(Verdict(report, "identity.replay") == verdict, typed.Output[..Math.Min(typed.Output.Length, 6000)]);
    }

    [Fact]
    public async Task A_reference_that_bills_in_another_currency_is_paid_by_the_rate_of_the_day()
    {
        await using var refused = await RunAsync(["audit", "lab", "--model", "sandbox-voice-A", "--against", "foreign/sandbox-voice-A", "--budget", "0.30USD"]);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("foreign/sandbox-voice-A bills in CNY", refused.Error, StringComparison.Ordinal);

        _rates = "fx: { rates: [{ pair: USD/CNY, rate: 7.2, since: 2020-01-01 }] }";
        var report = await AuditAsync("sandbox-voice-A", "foreign/sandbox-voice-A", "0.30USD", exitCode: 0);

        var exchanges = report.GetProperty("exchanges").EnumerateArray().ToList();
        Assert.Contains(exchanges, exchange => exchange.GetProperty("offering").GetString() == "foreign/sandbox-voice-A" && exchange.GetProperty("cost_nano").GetInt64() > 0);
        Assert.Equal(report.GetProperty("spent_nano").GetInt64(), exchanges.Sum(exchange => exchange.GetProperty("cost_nano").GetInt64()));
        Assert.InRange(report.GetProperty("spent_nano").GetInt64(), 1, 300_000_000);
    }

    [Fact]
    public async Task An_honest_upstream_is_cleared_and_the_false_alarm_rate_is_stated()
    {
        var report = await AuditAsync("sandbox-voice-A-cached", "sandbox-voice-A-cached", "3.00USD", exitCode: 0);

        Assert.Empty(Problems(report));
        Assert.Equal(0.01, report.GetProperty("false_alarm_rate").GetDouble());
        Assert.DoesNotContain(report.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("verdict").GetString() == "not_run");
        Assert.Equal(report.GetProperty("requests").GetInt32(), report.GetProperty("exchanges").GetArrayLength());
    }

    [Fact]
    public async Task A_small_budget_is_kept_and_what_it_did_not_pay_for_is_said()
    {
        var report = await AuditAsync("sandbox-voice-A", null, "0.002USD", exitCode: 0);

        Assert.True(report.GetProperty("spent_nano").GetInt64() <= 2_000_000);
        Assert.Contains(report.GetProperty("findings").EnumerateArray(), finding => finding.GetProperty("sentence").GetString() == "The budget is spent.");
        Assert.Single(Directory.GetFiles(_folder.File("data/audits")));
    }

    [Fact]
    public async Task Wrong_use_is_told_from_a_no()
    {
        foreach (string[] wrong in new[] { new[] { "audit", "nobody" }, ["audit", "lab", "--budget", "much"], ["audit", "lab", "--budget", "1.00CNY"], ["audit", "lab", "--against", "nobody"] })
        {
            await using var typed = await RunAsync([.. wrong, .. wrong[1] == "lab" ? new[] { "--model", "sandbox-voice-A" } : []]);
            Assert.True(typed.ExitCode == 2, typed.Everything);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sandbox.DisposeAsync();
        _folder.Dispose();
    }

    private static List<string?> Problems(JsonElement report) =>
        [.. report.GetProperty("findings").EnumerateArray().Where(finding => finding.GetProperty("verdict").GetString() == "problem").Select(finding => finding.GetProperty("test").GetString())];

    private static string? Verdict(JsonElement report, string test) => report.GetProperty("findings").EnumerateArray().Single(finding => finding.GetProperty("test").GetString() == test).GetProperty("verdict").GetString();

    private async Task<JsonElement> AuditAsync(string model, string? reference, string budget, int exitCode)
    {
        await using var typed = await RunAsync(["audit", "lab", "--model", model, "--budget", budget, "--seed", Seed, "--json", .. reference is null ? Array.Empty<string>() : ["--against", reference.Contains('/', StringComparison.Ordinal) ? reference : "lab/" + reference]]);
        Assert.True(typed.ExitCode == exitCode, typed.Everything.Length > 3000 ? typed.Everything[..3000] : typed.Everything);
        return JsonDocument.Parse(typed.Output).RootElement;
    }

    private Task<ChildProcess> RunAsync(string[] args)
    {
        var config = _folder.File("trivet.yaml");
        File.WriteAllText(config, $$"""
            upstreams:
              - name: lab
                vendor: custom
                keys: [sk-lab]
                endpoints: { openai-chat: "{{_sandbox.Address.GetLeftPart(UriPartial.Authority)}}/v1" }
                models: ["*"]
                price: { currency: USD, per_million: { input: 1, cache_read: 0.1, output: 5 } }
              - name: foreign
                vendor: custom
                keys: [sk-foreign]
                endpoints: { openai-chat: "{{_sandbox.Address.GetLeftPart(UriPartial.Authority)}}/v1" }
                models: ["*"]
                price: { currency: CNY, per_million: { input: 7, cache_read: 0.7, output: 35 } }
              - name: messages
                vendor: custom
                keys: [sk-messages]
                endpoints: { anthropic-messages: "{{_sandbox.Address.GetLeftPart(UriPartial.Authority)}}" }
                models: ["*"]
                price: { currency: USD, per_million: { input: 1, cache_read: 0.1, output: 5 } }
            {{_rates}}
            """);
        return ChildProcess.RunAsync("dotnet", [Repository.TrivetDll, .. args, "--config", config, "--data", _folder.File("data")], folder: _folder.Path, secondsMax: 600);
    }
}
