using Trivet.Core.Audits;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Failures;
using Trivet.Core.Scorecards;

namespace Trivet.FunctionalTests.Storage;

public sealed class AuditStoreTests(PostgresCluster cluster)
{
    private const long Day = 1_800_000_000_000;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task One_node_audits_at_a_time(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var (one, other) = ((await test.OpenAsync()).Audits, (await test.OpenAsync()).Audits);
        Assert.True((await one.TryLeaseAsync("a", TimeSpan.FromMinutes(1), Cancel)).Value);
        Assert.False((await other.TryLeaseAsync("b", TimeSpan.FromMinutes(1), Cancel)).Value);
        Assert.True((await one.TryLeaseAsync("a", TimeSpan.FromSeconds(-1), Cancel)).Value);
        Assert.True((await other.TryLeaseAsync("b", TimeSpan.FromMinutes(1), Cancel)).Value);
        Assert.False((await one.TryLeaseAsync("a", TimeSpan.FromMinutes(1), Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task A_day_s_money_is_spent_once_also_by_an_audit_that_never_ended(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Audits;
        Assert.Equal(1_000, (await store.BeginAsync(Beginning("a1", Day), Cancel)).Value);
        Assert.Equal(0, (await store.BeginAsync(Beginning("a2", Day), Cancel)).Value); // all of it is set aside
        await store.FinishAsync(Audit("a1", spent: 300), [], Cancel);
        Assert.Equal(700, (await store.BeginAsync(Beginning("a3", Day + 5), Cancel)).Value); // and never ends
        Assert.Equal(0, (await store.BeginAsync(Beginning("a4", Day + 6), Cancel)).Value);
        Assert.Equal(1_000, (await store.BeginAsync(Beginning("a5", Day) with { Upstream = "other" }, Cancel)).Value);
        Assert.Equal(1_000, (await store.BeginAsync(Beginning("a6", Day + 86_400_000) with { DayStartMs = Day + 86_400_000 }, Cancel)).Value);
    }

    [Theory]
    [InlineData("sqlite")]
    [InlineData("postgres")]
    public async Task Cases_and_audits_come_back_as_they_were_kept(string engine)
    {
        await using var test = await TestDatabase.CreateAsync(engine, cluster);
        var store = (await test.OpenAsync()).Audits;
        await store.BeginAsync(Beginning("a1", Day), Cancel);
        await store.BeginAsync(Beginning("a2", Day) with { Upstream = "other", Offering = "other/m" }, Cancel);
        var one = new AuditCase
        {
            Offering = "relay/m",
            Upstream = "relay",
            Rounds = 3,
            Standing = AuditStanding.Quarantined,
            Accusing = ["identity.one-token"],
            Tests = new Dictionary<string, TestEvidence> { ["identity.one-token"] = new(3, 1e200, 1, 3) },
        };
        Assert.Equal(1, (await store.FinishAsync(Audit("a1", found: true), [one], Cancel)).Value);
        await store.FinishAsync(Audit("a2"), [], Cancel);
        await store.SaveCasesAsync([one with { QuietRounds = 2 }], Cancel);

        var kept = Assert.Single((await store.CasesAsync(Cancel)).Value);
        Assert.Equal((AuditStanding.Quarantined, 2, one.EValue), (kept.Standing, kept.QuietRounds, kept.EValue));
        Assert.Equal(one.Tests["identity.one-token"], kept.Tests["identity.one-token"]);
        Assert.Equal(["a2", "a1"], (await store.ListAsync(new AuditQuery(), Cancel)).Value.Select(audit => audit.Id));
        Assert.Equal(["a1"], (await store.ListAsync(new AuditQuery { OnlyProblems = true }, Cancel)).Value.Select(audit => audit.Id));
        Assert.Equal(["a1"], (await store.ListAsync(new AuditQuery { After = "a2" }, Cancel)).Value.Select(audit => audit.Id));
        Assert.Equal(["a2"], (await store.ListAsync(new AuditQuery { Upstream = "other" }, Cancel)).Value.Select(audit => audit.Id));
        var found = (await store.FindAsync("a1", Cancel)).Value;
        Assert.Equal("\0Grüße\"", Assert.Single(found.Report.Exchanges).Answer);
        Assert.Equal(double.PositiveInfinity, found.Report.Findings[0].EValue);
        Assert.Equal(StoreFaultKind.NotFound, (await store.FindAsync("nothing", Cancel)).Fault!.Kind);

        // What found nothing loses its questions and answers after a while, what accuses keeps them.
        Assert.Equal(1, (await store.ExpireAsync(Day + 1, Cancel)).Value);
        Assert.Empty((await store.FindAsync("a2", Cancel)).Value.Report.Exchanges);
        Assert.Single((await store.FindAsync("a1", Cancel)).Value.Report.Exchanges);
    }

    private static AuditBeginning Beginning(string id, long startedMs) => new(id, "relay/m", "relay", startedMs, Day, 1_000, "USD");

    private static StoredAudit Audit(string id, long spent = 10, bool found = false) => new()
    {
        Id = id,
        Standing = AuditStanding.Clean,
        EValue = 2,
        Sentence = "S",
        Report = new AuditReport
        {
            Observed = "relay/m",
            Reference = null,
            StartedMs = Day,
            FinishedMs = Day + 1,
            Seed = 1,
            FalseAlarmRate = 0.01,
            SpentNano = spent,
            BudgetNano = 1_000,
            Currency = "USD",
            IsPriceAssumed = false,
            Requests = 1,
            Failures = 0,
            Findings = [new AuditFinding("identity.one-token", AuditVerdict.Clean, "S") { EValue = double.PositiveInfinity, Evidence = found ? 100 : 0.5 }],
            Exchanges = [new AuditExchange("identity.one-token", "relay/m", "Q", 8, 0, "\0Grüße\"") { CostNano = 3 }],
        },
    };
}
