using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Statistics;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>What the rounds of one test have come to.</summary>
/// <param name="Rounds">In which it gave evidence for or against.</param>
/// <param name="Bets">See <see cref="RestartedEvidence.Bets"/>.</param>
/// <param name="Recent">See <see cref="RestartedEvidence.Recent"/>.</param>
/// <param name="LastRound">Number of the case's round in which it was last made, or found to be impossible; 0: never.</param>
public readonly record struct TestEvidence(long Rounds, double Bets, double Recent, long LastRound)
{
    /// <summary>Nothing yet.</summary>
    public static readonly TestEvidence None = new(0, 0, 1, 0);

    /// <summary>The bet against honesty.</summary>
    public double EValue => new RestartedEvidence(Rounds, Bets, Recent).EValue;

    internal TestEvidence After(double? evidence, long round)
    {
        if (evidence is not { } e)
            return this with { LastRound = round };
        var next = new RestartedEvidence(Rounds, Bets, Recent).Add(e);
        return new TestEvidence(next.Rounds, next.Bets, next.Recent, round);
    }
}

/// <summary>All that audits know of one offering: the evidence so far, how it stands, when it is looked at next. Kept in the database, shared by nodes.</summary>
public sealed record AuditCase
{
    /// <summary>Evidence of late from which on an offering is looked at more often. Verdicts do not rest on it.</summary>
    public const double SuspiciousFrom = 8;

    private const double RelapseFrom = 3;

    /// <summary><c>upstream/model</c>.</summary>
    public required string Offering { get; init; }

    /// <summary>The upstream alone.</summary>
    public required string Upstream { get; init; }

    /// <summary>Whom it is held against: <c>upstream/model</c>; null for nobody.</summary>
    public string? Reference { get; init; }

    /// <summary>Since when its own answers are known that it is held against where it has no reference, Unix milliseconds; null where they are not.</summary>
    public long? PastSinceMs { get; init; }

    /// <summary>Rounds so far.</summary>
    public long Rounds { get; init; }

    /// <summary>Test by test.</summary>
    public IReadOnlyDictionary<string, TestEvidence> Tests { get; init; } = new Dictionary<string, TestEvidence>(StringComparer.Ordinal);

    /// <summary>The tests that its standing rests on.</summary>
    public IReadOnlyList<string> Accusing { get; init; } = [];

    /// <summary>How it stands.</summary>
    public AuditStanding Standing { get; init; }

    /// <summary>Since when, Unix milliseconds.</summary>
    public long StandingSinceMs { get; init; }

    /// <summary>Rounds in a row in which nothing was found, since it stands so.</summary>
    public int QuietRounds { get; init; }

    /// <summary>When it was last audited, Unix milliseconds; 0: never.</summary>
    public long LastMs { get; init; }

    /// <summary>When it is next, Unix milliseconds.</summary>
    public long NextMs { get; init; }

    /// <summary>Why it cannot be audited; empty where it can.</summary>
    public string Problem { get; init; } = "";

    /// <summary>The evidence of all tests together against "honest from the first audit to this one", an e-value: their mean, which stays one however tests depend on each other.</summary>
    public double EValue => Tests.Where(pair => !CheckShares.IsOfChange(pair.Key)).Sum(pair => pair.Value.EValue - 1) / CheckShares.Count + 1;

    /// <summary>The evidence against "unchanged since it was enrolled", an e-value in the same way. Nothing but words follows from it.</summary>
    public double ChangeEValue => Tests.Where(pair => CheckShares.IsOfChange(pair.Key)).Sum(pair => pair.Value.EValue - 1) / CheckShares.ChangeCount + 1;

    /// <summary>Something of late speaks against it.</summary>
    public bool IsSuspicious => Tests.Values.Any(test => test.Recent >= SuspiciousFrom);

    /// <summary>Of one test.</summary>
    public TestEvidence Of(string test) => Tests.GetValueOrDefault(test, TestEvidence.None);

    /// <summary>After a round.</summary>
    internal AuditCase After(AuditReport report)
    {
        var (round, tests) = (Rounds + 1, new Dictionary<string, TestEvidence>(Tests, StringComparer.Ordinal));
        foreach (var finding in report.Findings)
        {
            // What the budget did not pay for was not looked at: its turn comes first in the next round.
            if (finding.Verdict != AuditVerdict.NotRun || !report.IsCutShort)
                tests[finding.Test] = Of(finding.Test).After(finding.Verdict == AuditVerdict.NotRun ? null : finding.Evidence, round);
        }

        var after = this with { Rounds = round, Tests = tests, LastMs = report.FinishedMs };
        return after.IsQuiet(round) switch
        {
            true => after with { QuietRounds = QuietRounds + 1 },
            null => after,
            false when Standing == AuditStanding.Clean => after with { QuietRounds = 0 },

            // A relapse: the count begins anew, and so does the evidence that it looks at. Else a month of cheating would take as long to be forgotten.
            false => after with { QuietRounds = 0, Tests = Forgotten(tests) },
        };
    }

    /// <summary>Stands so from now on; the evidence of late begins anew, that of all rounds goes on.</summary>
    internal AuditCase Accused(AuditStanding standing, long nowMs)
    {
        var honesty = Tests.Where(pair => !CheckShares.IsOfChange(pair.Key)).ToList();
        var most = honesty.Max(pair => pair.Value.EValue);
        return this with
        {
            Standing = standing,
            StandingSinceMs = nowMs,
            QuietRounds = 0,
            Accusing = [.. honesty.Where(pair => pair.Value.EValue >= most / 100 && pair.Value.EValue > 1).Select(pair => pair.Key).Order(StringComparer.Ordinal)],
            Tests = Forgotten(Tests),
        };
    }

    /// <summary>Its change was told: it is enrolled anew, with evidence of its own.</summary>
    internal AuditCase Renewed() => this with { PastSinceMs = null, Tests = Tests.Where(pair => !CheckShares.IsOfChange(pair.Key)).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal) };

    /// <summary>Stands clean again: another life, with evidence of its own.</summary>
    internal AuditCase Released(long nowMs) => this with
    {
        Standing = AuditStanding.Clean,
        StandingSinceMs = nowMs,
        QuietRounds = 0,
        Accusing = [],
        Tests = Tests.ToDictionary(pair => pair.Key, pair => TestEvidence.None with { LastRound = pair.Value.LastRound }, StringComparer.Ordinal),
    };

    private static Dictionary<string, TestEvidence> Forgotten(IReadOnlyDictionary<string, TestEvidence> tests) =>
        tests.ToDictionary(pair => pair.Key, pair => pair.Value with { Recent = 1 }, StringComparer.Ordinal);

    // Null where the round could not tell: a test that its standing rests on was not made.
    private bool? IsQuiet(long round)
    {
        if (Standing == AuditStanding.Clean)
            return !IsSuspicious;
        if (Accusing.Any(test => Of(test).Recent >= RelapseFrom))
            return false;
        return Accusing.All(test => Of(test).LastRound == round) ? true : null;
    }
}
