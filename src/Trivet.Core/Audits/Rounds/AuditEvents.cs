using System.Globalization;
using Trivet.Core.Journal;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>Tells people what audits have concluded: the journal and, where the operator wants it, an alarm.</summary>
internal static class AuditEvents
{
    /// <summary>The kind of these alarms.</summary>
    public const string AlarmKind = "audit";

    /// <summary>Tells of a standing that has changed.</summary>
    public static void Tell(JournalRecorder journal, AuditCase before, AuditCase after, StoredAudit audit, AuditsConfig config, long nowMs)
    {
        var (kind, title) = after.Standing switch
        {
            AuditStanding.Clean => (JournalKinds.Release, $"{after.Offering} stands clean again"),
            AuditStanding.Quarantined => (JournalKinds.Quarantine, $"{after.Offering} is in quarantine"),
            AuditStanding.DownWeighted => (JournalKinds.AuditVerdict, $"Audits speak against {after.Offering}: requests go elsewhere first"),
            _ => (JournalKinds.AuditVerdict, $"Audits speak against {after.Offering}"),
        };
        var evidence = Evidence(before, after, audit);
        var text = after.Standing == AuditStanding.Clean
            ? $"In {AuditSentences.Count(AuditsConfig.RecoverAfterRounds, "audit")} in a row nothing spoke against it any more."
            : Reasons(before, audit);
        journal.Record(JournalEntry.Event(kind, after.Offering, audit.Id, nowMs, title) with
        {
            Text = text,
            Tags = JournalEntry.TagsOf([kind, "audit", after.Upstream, .. after.Accusing]),
            Evidence = evidence,
        });
        if (after.Standing >= AuditStanding.DownWeighted && config.Does(AuditAction.Alarm) || (after.Standing == AuditStanding.Noted && config.Does(AuditAction.Alarm) && !config.Does(AuditAction.Note)))
            journal.Raise(new Alarm(AlarmKind, after.Offering, $"{title}. {text}", nowMs, evidence));
    }

    // The finding of this audit where it is this offering's; the fleet's bound may also be met because of another's.
    private static string Reasons(AuditCase before, StoredAudit audit) =>
        audit.Report.Observed == before.Offering && AuditSentences.Strongest(audit.Report) is { } finding ? finding.Sentence : "The evidence was gathered in earlier audits.";

    private static Dictionary<string, string> Evidence(AuditCase before, AuditCase after, StoredAudit audit)
    {
        var evidence = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["audit"] = audit.Id,
            ["e-value"] = before.EValue.ToString("0.###", CultureInfo.InvariantCulture),
            ["rounds"] = before.Rounds.ToString(CultureInfo.InvariantCulture),
            ["reference"] = before.Reference ?? "none",
        };
        foreach (var test in after.Accusing)
            evidence[test] = AuditSentences.Odds(before.Of(test).EValue);
        return evidence;
    }
}
