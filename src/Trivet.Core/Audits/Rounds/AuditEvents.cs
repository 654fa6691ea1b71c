using System.Globalization;
using Trivet.Core.Audits.Checks;
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

    /// <summary>Tells of an offering that is not as it was. It may be its vendor's doing: nothing follows from it.</summary>
    public static void TellChange(JournalRecorder journal, AuditCase before, StoredAudit audit, AuditsConfig config, long sinceMs, long nowMs)
    {
        var title = $"{before.Offering} has changed since {DateTimeOffset.FromUnixTimeMilliseconds(sinceMs):yyyy-MM-dd}";
        var finding = audit.Report.Findings.Where(one => CheckShares.IsOfChange(one.Test) && one.Evidence is not null).MaxBy(one => one.Evidence);
        var text = $"{finding?.Sentence} A new version, another template and another model look alike here. It is enrolled anew; name a reference under audits.references to learn which it is.".TrimStart();
        var evidence = new Dictionary<string, string>(StringComparer.Ordinal) { ["audit"] = audit.Id, ["e-value"] = AuditSentences.Odds(before.ChangeEValue), ["since"] = $"{DateTimeOffset.FromUnixTimeMilliseconds(sinceMs):u}" };
        journal.Record(JournalEntry.Event(JournalKinds.AuditVerdict, before.Offering, audit.Id + "-changed", nowMs, title) with
        {
            Text = text,
            Tags = JournalEntry.TagsOf([JournalKinds.AuditVerdict, "audit", "changed", before.Upstream]),
            Evidence = evidence,
        });
        if (config.Does(AuditAction.Alarm))
            journal.Raise(new Alarm(AlarmKind, before.Offering, $"{title}. {text}", nowMs, evidence));
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
