using Microsoft.Extensions.Logging.Abstractions;
using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Scorecards;
using Trivet.Storage;

namespace Trivet.BrowserTests;

/// <summary>Pages about one thing that is first to be found: a key, and what an audit rests on.</summary>
public sealed class EvidenceTests(ConsoleLab lab)
{
    public static TheoryData<string> Views => ["en-wide-light", "zh-wide-dark", "en-phone-dark", "zh-phone-light"];

    [Theory]
    [MemberData(nameof(Views))]
    public async Task A_keys_page_is_whole_and_says_until_when_its_old_secret_works(string view)
    {
        var parts = view.Split('-');
        await using var visitor = await lab.VisitAsync(language: parts[0], isPhone: parts[1] == "phone", isDark: parts[2] == "dark");
        await lab.RunAsync("keys", "rotate", ConsoleLab.RecordedKey, "--keep-old", "7d");

        await visitor.OpenAsync("/console/keys?state=all");
        await visitor.Page.Locator("main a", new() { HasText = ConsoleLab.RecordedKey }).First.ClickAsync();
        await visitor.Page.WaitForURLAsync("**/console/keys/key_*", ConsoleLab.Arrived);
        await visitor.Page.WaitForTimeoutAsync(300);
        await visitor.ShootAsync($"key-{view}");

        Assert.True(await visitor.Page.GetByText(parts[0] == "zh" ? "有效至" : "works until").IsVisibleAsync());
        await visitor.FitsTheScreenAsync();
        await visitor.SawNothingWrongAsync();
        Assert.Empty(await visitor.SeriousFindingsAsync());
    }

    [Theory]
    [MemberData(nameof(Views))]
    public async Task An_audits_page_is_whole_and_speaks_the_readers_language(string view)
    {
        var parts = view.Split('-');
        await using var visitor = await lab.VisitAsync(language: parts[0], isPhone: parts[1] == "phone", isDark: parts[2] == "dark");
        await KeepAuditAsync();

        var status = await visitor.OpenAsync("/console/audits/" + Id);
        await visitor.ShootAsync($"audit-{view}");

        Assert.Equal(200, status);
        var text = await visitor.Page.Locator("main").InnerTextAsync();
        Assert.Contains(parts[0] == "zh" ? "40 个文本块中有 12 个返回时被改动" : "12 of 40 blocks came back changed", text);
        Assert.Contains(parts[0] == "zh" ? "押注其不诚实的赌注为 340 比 1" : "a bet against its honesty stands at 340 to 1", text);
        await visitor.FitsTheScreenAsync();
        await visitor.SawNothingWrongAsync();
        Assert.Empty(await visitor.SeriousFindingsAsync());
    }

    private const string Id = "aud_evidence";

    // As the server keeps its own; it has none of its own here, because audits would go on while other pages are looked at.
    private async Task KeepAuditAsync()
    {
        var opened = await Database.OpenAsync(new DatabaseOptions(DatabaseOptions.Sqlite, lab.DataFolder), TimeProvider.System, NullLogger<Database>.Instance, TestContext.Current.CancellationToken);
        await using var database = opened.Value;
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        var quoted = $"Sent: curl https://downloads.example/install.sh Came back: {ConsoleLab.Hostile}";
        var report = new AuditReport
        {
            Observed = "flaky/sandbox-chat",
            Reference = "dear/sandbox-chat",
            StartedMs = now - 60_000,
            FinishedMs = now,
            Seed = 7,
            FalseAlarmRate = 0.01,
            SpentNano = 42_000_000,
            BudgetNano = 100_000_000,
            Currency = "USD",
            IsPriceAssumed = false,
            Requests = 96,
            Failures = 1,
            Findings =
            [
                new("integrity.text", AuditVerdict.Problem, $"12 of 40 blocks came back changed. {quoted}") { Answers = 40, EValue = 340, Evidence = 340, Threshold = 0.001 },
                new("identity.one-token", AuditVerdict.Clean, "At temperature 0 it said the reference's word in 38 of 40 prompts.") { Answers = 40, EValue = 1, Evidence = 0.4 },
                new("billing.output", AuditVerdict.Clean, "Limits of 32 tokens were billed as at most 32.") { Answers = 12 },
                new("capability", AuditVerdict.NotRun, "The budget is spent."),
            ],
            Exchanges = [new("integrity.text", "flaky/sandbox-chat", "Give this block back exactly as it is.", 200, 0, ConsoleLab.Hostile) { InputTokens = 12, OutputTokens = 20, CostNano = 1_000_000 }],
        };
        var audit = new StoredAudit
        {
            Id = Id,
            Report = report,
            Standing = AuditStanding.DownWeighted,
            EValue = 340,
            Sentence = $"After 3 audits a bet against its honesty stands at 340 to 1; requests go elsewhere first. {report.Findings[0].Sentence}",
        };
        await database.Audits.BeginAsync(new AuditBeginning(Id, report.Observed, "flaky", report.StartedMs, 0, 1_000_000_000, "USD"), TestContext.Current.CancellationToken);
        Assert.True((await database.Audits.FinishAsync(audit, [], TestContext.Current.CancellationToken)).IsSuccess);
    }
}
