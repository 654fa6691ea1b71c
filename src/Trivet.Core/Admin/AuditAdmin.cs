using Trivet.Core.Audits;
using Trivet.Core.Audits.Checks;
using Trivet.Core.Audits.Rounds;
using Trivet.Core.Failures;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Admin;

/// <summary>One question of an evidence page, with the answers of both sides.</summary>
/// <param name="Question">What was asked.</param>
/// <param name="Temperature">Null: the vendor's.</param>
/// <param name="TokensMax">The limit of the answer.</param>
/// <param name="Observed">What the offering answered, once for each time it was asked.</param>
/// <param name="Reference">What the reference answered; empty where it was not asked.</param>
public sealed record EvidencePair(string Question, double? Temperature, int TokensMax, IReadOnlyList<AuditExchange> Observed, IReadOnlyList<AuditExchange> Reference);

/// <summary>One test of an evidence page.</summary>
/// <param name="Finding">What it found in this audit.</param>
/// <param name="EValueSoFar">The bet of this test over all audits; null where nothing is known of that any more.</param>
/// <param name="Pairs">What was asked for it alone; empty for tests that read the answers to others.</param>
public sealed record EvidenceTest(AuditFinding Finding, double? EValueSoFar, IReadOnlyList<EvidencePair> Pairs);

/// <summary>All that a verdict rests on.</summary>
/// <param name="Audit">The audit.</param>
/// <param name="Case">What all audits of the offering have come to by now; null where nothing is known of it any more.</param>
/// <param name="QuarantineFrom">The bet at which an offering that alone is accused goes into quarantine; null where audits are off.</param>
/// <param name="Tests">Test by test, the strongest first.</param>
/// <param name="HasExchanges">False: the questions and answers are no longer kept.</param>
public sealed record EvidencePage(StoredAudit Audit, AuditCase? Case, double? QuarantineFrom, IReadOnlyList<EvidenceTest> Tests, bool HasExchanges);

/// <summary>Audits for people: how offerings stand, what was audited, and what a verdict rests on.</summary>
public sealed class AuditAdmin(IAuditStore store)
{
    /// <summary>The test whose exchanges hold the operator's own items.</summary>
    public const string OwnItemsTest = CheckShares.Own;

    /// <summary>How every offering stands, the worst first.</summary>
    public async ValueTask<StoreOutcome<IReadOnlyList<AuditCase>>> CasesAsync(CancellationToken cancellationToken)
    {
        var cases = await store.CasesAsync(cancellationToken);
        return cases.Fault is { } fault ? fault : StoreOutcome.Of<IReadOnlyList<AuditCase>>([.. cases.Value.OrderByDescending(one => one.Standing).ThenByDescending(one => one.EValue).ThenBy(one => one.Offering, StringComparer.Ordinal)]);
    }

    /// <summary>Audits, the newest first.</summary>
    public ValueTask<StoreOutcome<IReadOnlyList<StoredAudit>>> ListAsync(AuditQuery query, CancellationToken cancellationToken) => store.ListAsync(query, cancellationToken);

    /// <summary>One audit with all that it rests on.</summary>
    public async ValueTask<StoreOutcome<EvidencePage>> PageAsync(string id, AuditsConfig config, CancellationToken cancellationToken)
    {
        var (audit, cases) = (await store.FindAsync(id, cancellationToken), await store.CasesAsync(cancellationToken));
        if ((audit.Fault ?? cases.Fault) is { } fault)
            return fault;
        var report = audit.Value.Report;
        var one = cases.Value.FirstOrDefault(other => other.Offering == report.Observed);
        var fleet = cases.Value.Count(other => other.Rounds > 0);
        return new EvidencePage(
            audit.Value, one, config.IsEnabled ? AuditJudge.QuarantineFrom(fleet, config) : null,
            [.. report.Findings.OrderByDescending(finding => finding.Evidence ?? -1).Select(finding => new EvidenceTest(finding, one?.Tests.ContainsKey(finding.Test) == true ? one.Of(finding.Test).EValue : null, Pairs(report, finding.Test)))],
            report.Exchanges.Count > 0);
    }

    /// <summary>A standing as it is written.</summary>
    public static string Word(AuditStanding standing) => standing switch
    {
        AuditStanding.Clean => "clean",
        AuditStanding.Noted => "noted",
        AuditStanding.DownWeighted => "down-weighted",
        _ => "quarantined",
    };

    private static List<EvidencePair> Pairs(AuditReport report, string test) =>
        [.. report.Exchanges.Where(exchange => exchange.Test == test).GroupBy(exchange => (exchange.Question, exchange.Temperature, exchange.TokensMax)).Select(group => new EvidencePair(
            group.Key.Question, group.Key.Temperature, group.Key.TokensMax,
            [.. group.Where(exchange => exchange.Offering == report.Observed)], [.. group.Where(exchange => exchange.Offering != report.Observed)]))];
}
