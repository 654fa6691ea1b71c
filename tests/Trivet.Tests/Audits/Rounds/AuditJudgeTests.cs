using Trivet.Core.Audits;
using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Scorecards;

namespace Trivet.Tests.Audits.Rounds;

public sealed class AuditJudgeTests
{
    private const long Now = 1_800_000_000_000;
    private const string Test = "identity.one-token";

    private static readonly AuditsConfig Config = new() { IsEnabled = true };

    // Of an offering that is no Claude and has a reference.
    private static readonly IReadOnlyList<AuditStep> Steps = [.. AuditSteps.All.Where(step => step is not (AuditStep.Past or AuditStep.Replay))];

    [Fact]
    public void The_more_upstreams_are_looked_at_the_more_evidence_one_needs()
    {
        Assert.Equal(AuditStanding.Quarantined, StandingOf(Fleet(1, 150)));
        Assert.Equal(AuditStanding.DownWeighted, StandingOf(Fleet(10, 150)));
        Assert.Equal(AuditStanding.Noted, StandingOf(Fleet(60, 150)));
        Assert.Equal(AuditStanding.Clean, StandingOf(Fleet(60, 5)));
        Assert.Equal(AuditStanding.Quarantined, StandingOf(Fleet(60, 6_100)));
    }

    [Fact]
    public void Many_guilty_ones_together_need_less_each()
    {
        AuditCase[] fleet = [.. Enumerable.Range(0, 10).Select(i => Case($"bad{i}/m", 650)), .. Fleet(50, 1)];
        Assert.Equal(10, AuditJudge.Judge(fleet, Config, Now).Count(one => one.Standing == AuditStanding.Quarantined));
    }

    [Fact]
    public void Only_what_the_operator_allows_follows()
    {
        foreach (var (actions, standing) in ((AuditAction[], AuditStanding)[])[([AuditAction.Note, AuditAction.Alarm], AuditStanding.Noted), ([AuditAction.DownWeight], AuditStanding.DownWeighted), ([AuditAction.Quarantine], AuditStanding.Quarantined), ([], AuditStanding.Clean)])
            Assert.Equal(standing, StandingOf(Fleet(1, 1e6), Config with { Actions = actions }));
    }

    [Fact]
    public void A_standing_falls_after_quiet_rounds_alone_and_the_evidence_then_begins_anew()
    {
        var accused = AuditJudge.Judge(Fleet(1, 1e6), Config, Now).Single();
        Assert.Equal([Test], accused.Accusing);
        var one = accused;
        for (var round = 1; round < AuditsConfig.RecoverAfterRounds; round++)
        {
            one = one.After(Report(0.3));
            Assert.Empty(AuditJudge.Judge([one], Config, Now + round));
        }

        var relapsed = one.After(Report(50));
        Assert.Equal(0, relapsed.QuietRounds);
        Assert.Equal(one.QuietRounds, one.After(Report(null)).QuietRounds); // what was not looked at says nothing
        var released = AuditJudge.Judge([one.After(Report(0.9))], Config, Now).Single();
        Assert.Equal((AuditStanding.Clean, 1.0, 0), (released.Standing, released.EValue, released.QuietRounds));
    }

    [Fact]
    public void What_has_turned_honest_is_released_and_what_goes_on_is_not()
    {
        var one = AuditJudge.Judge(Fleet(1, 1e6), Config, Now).Single();
        for (var round = 0; round < 200; round++)
            one = one.After(Report(round % 5 == 0 ? 60 : 0.5)); // a fifth of rounds still speaks against it
        Assert.Empty(AuditJudge.Judge([one], Config, Now));
    }

    [Fact]
    public void Trust_makes_rounds_rare_and_suspicion_makes_them_frequent()
    {
        var (every, one) = (TimeSpan.FromHours(24), new AuditCase { Offering = "relay/m", Upstream = "relay" });
        var waits = new List<double>();
        for (var round = 0; round < 6; round++)
        {
            one = one.After(Report(0.4));
            waits.Add((AuditSchedule.NextMs(one, every, Now) - Now) / 3_600_000.0);
        }

        Assert.Equal(waits.Take(3).Order(), waits.Take(3));
        Assert.All(waits.Skip(3), wait => Assert.InRange(wait, 21.5, 26.5));
        Assert.InRange(waits[0], 5, 7);
        Assert.InRange((AuditSchedule.NextMs(one.After(Report(60)), every, Now) - Now) / 3_600_000.0, 2.6, 3.4);
        Assert.InRange(AuditSchedule.TomorrowMs(one, Now) - AuditSchedule.DayStartMs(Now), 24 * 3_600_000, 25 * 3_600_000);
    }

    [Fact]
    public void A_round_makes_every_cheap_test_and_one_dear_one_in_turn_and_what_is_suspicious_first()
    {
        var one = new AuditCase { Offering = "relay/m", Upstream = "relay" };
        var dear = new List<AuditStep>();
        for (var round = 0; round < 3; round++)
        {
            var steps = AuditSchedule.StepsOf(one, Steps);
            Assert.Equal(6, steps.Count);
            dear.Add(steps[^1]);
            one = one.After(Report(0.5, [.. steps.SelectMany(AuditSteps.TestsOf)]));
        }

        Assert.Equal([AuditStep.Cache, AuditStep.Capability, AuditStep.Sampling], dear);

        // A dear one in doubt is the only dear one: the money of the day buys more looks at it.
        var doubted = AuditSchedule.StepsOf(one.After(Report(60, "identity.sampling")), Steps);
        Assert.Equal(AuditStep.Sampling, doubted[0]);
        Assert.Equal([AuditStep.Sampling], doubted.Where(AuditSteps.IsDear));
    }

    [Fact]
    public void What_the_budget_did_not_reach_comes_first_the_next_time()
    {
        var one = new AuditCase { Offering = "relay/m", Upstream = "relay" };
        var report = Report(0.5, "integrity.hidden-prompt", "integrity.text", "integrity.injection") with { IsCutShort = true };
        report = report with { Findings = [.. report.Findings, new AuditFinding(Test, AuditVerdict.NotRun, "The budget is spent.")] };
        Assert.Equal([AuditStep.Tools, AuditStep.OneToken, AuditStep.Lengths], AuditSchedule.StepsOf(one.After(report), Steps).Take(3));
    }

    [Fact]
    public void A_model_is_held_against_the_reference_that_names_it_best()
    {
        var config = new AuditsConfig { References = new Dictionary<string, string> { ["gpt-*"] = "openai", ["gpt-5*"] = "azure", ["gpt-5"] = "openai/gpt-5-2026" } };
        Assert.Equal(["openai", "azure", "openai/gpt-5-2026", null], new[] { "gpt-4o", "gpt-5-mini", "gpt-5", "claude" }.Select(config.ReferenceOf));
    }

    private static AuditStanding StandingOf(AuditCase[] fleet, AuditsConfig? config = null) =>
        AuditJudge.Judge(fleet, config ?? Config, Now).Where(one => one.Offering == "bad/m").Select(one => one.Standing).SingleOrDefault();

    private static AuditCase[] Fleet(int size, double evidence) => [Case("bad/m", evidence), .. Enumerable.Range(1, size - 1).Select(i => Case($"good{i}/m", 0.5))];

    // The evidence of all tests is their mean, those that were never made counting one.
    private static AuditCase Case(string offering, double evidence) => new()
    {
        Offering = offering,
        Upstream = offering.Split('/')[0],
        Rounds = 1,
        Tests = new Dictionary<string, TestEvidence> { [Test] = new(1, (evidence - 1) * CheckShares.Count + 0.5, 1, 1) },
    };

    private static AuditReport Report(double? evidence, params string[] tests) => new()
    {
        Observed = "bad/m",
        Reference = "official/m",
        StartedMs = Now,
        FinishedMs = Now,
        Seed = 1,
        FalseAlarmRate = 0.01,
        SpentNano = 1,
        BudgetNano = 2,
        Currency = "USD",
        IsPriceAssumed = false,
        Requests = 1,
        Failures = 0,
        Findings = [.. (tests.Length == 0 ? [Test] : tests).Select(test => new AuditFinding(test, evidence is null ? AuditVerdict.NotRun : AuditVerdict.Clean, "S") { Evidence = evidence })],
        Exchanges = [],
        IsCutShort = evidence is null,
    };
}
