using Trivet.Core.Audits.Statistics;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>
/// What follows from the evidence of a whole fleet. In quarantine stands what e-BH (Wang and Ramdas 2022) rejects at the stated rate: of those in quarantine at most that share is honest on average, whatever upstreams have in
/// common. Behind others stands what it rejects at ten times the rate; noted is what any one bet of so many to one speaks against. A standing only ever rises by evidence; it falls after so many quiet rounds
/// (<see cref="AuditsConfig.RecoverAfterRounds"/>), and the evidence then begins anew. Pure.
/// </summary>
internal static class AuditJudge
{
    private const double Looser = 10;

    /// <summary>The cases whose standing changes, as they stand then.</summary>
    public static IReadOnlyList<AuditCase> Judge(IReadOnlyList<AuditCase> fleet, AuditsConfig config, long nowMs)
    {
        var cases = fleet.Where(one => one.Rounds > 0).ToList();
        var (rate, looser) = (config.FalseAlarmRate, Math.Min(0.5, config.FalseAlarmRate * Looser));
        double[] evidence = [.. cases.Select(one => one.EValue)];
        var (guilty, suspected) = (FalseDiscovery.EBenjaminiHochberg(evidence, rate), FalseDiscovery.EBenjaminiHochberg(evidence, looser));
        var changed = new List<AuditCase>();
        for (var i = 0; i < cases.Count; i++)
        {
            var one = cases[i];
            var reached = guilty[i] ? AuditStanding.Quarantined : suspected[i] ? AuditStanding.DownWeighted : evidence[i] >= 1 / looser ? AuditStanding.Noted : AuditStanding.Clean;
            var allowed = Allowed(reached, config);
            if (one.Standing != AuditStanding.Clean && one.QuietRounds >= AuditsConfig.RecoverAfterRounds)
                changed.Add(one.Released(nowMs));
            else if (allowed > one.Standing)
                changed.Add(one.Accused(allowed, nowMs));
        }

        return changed;
    }

    /// <summary>The e-value with which an offering is quarantined where it is the only one that is accused.</summary>
    public static double QuarantineFrom(int fleet, AuditsConfig config) => Math.Max(1, fleet) / config.FalseAlarmRate;

    private static AuditStanding Allowed(AuditStanding reached, AuditsConfig config) => reached switch
    {
        AuditStanding.Quarantined when config.Does(AuditAction.Quarantine) => reached,
        >= AuditStanding.DownWeighted when config.Does(AuditAction.DownWeight) => AuditStanding.DownWeighted,
        >= AuditStanding.Noted when config.Does(AuditAction.Note) || config.Does(AuditAction.Alarm) => AuditStanding.Noted,
        _ => AuditStanding.Clean,
    };
}
