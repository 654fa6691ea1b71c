using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>When and what: back-off for the trusted, zeal for the suspicious. Pure.</summary>
internal static class AuditSchedule
{
    private const int Zeal = 8;
    private const double Jitter = 0.2;
    private const long DayMs = 86_400_000;

    /// <summary>
    /// When the next round is. A new offering is looked at at once, after a quarter of the time, a half, and then the whole while nothing speaks against it; a suspicious one after an eighth.
    /// One in quarantine is looked at as often as the trusted: no request depends on it. Times are shifted a little, by what no seller can foresee to the hour.
    /// </summary>
    public static long NextMs(AuditCase one, TimeSpan every, long nowMs)
    {
        var share = one.Standing == AuditStanding.Quarantined ? 1.0 : one.IsSuspicious ? 1.0 / Zeal : Math.Min(1.0, Math.Pow(2, one.QuietRounds) / Zeal);
        return nowMs + (long)(every.TotalMilliseconds * share * (1 + Jitter * (Luck(one) - 0.5)));
    }

    /// <summary>Rounds of one offering are never closer than this, whatever speaks against it.</summary>
    public static long SoonestMs(TimeSpan every) => (long)(every.TotalMilliseconds / Zeal);

    /// <summary>After the day's money is spent: some time in the first hour of the next day.</summary>
    public static long TomorrowMs(AuditCase one, long nowMs) => DayStartMs(nowMs) + DayMs + (long)(Luck(one) * 3_600_000);

    /// <summary>Midnight (UTC) before a time.</summary>
    public static long DayStartMs(long nowMs) => nowMs / DayMs * DayMs;

    /// <summary>
    /// The steps of the next round: first those against which something speaks, then the cheap ones and one dear one in turn, the one that was longest ago first, so that what a small budget leaves out today comes tomorrow.
    /// A dear one that is suspected of late is the one of its round: the day's money then buys more looks at what is in doubt.
    /// </summary>
    public static IReadOnlyList<AuditStep> StepsOf(AuditCase one, IReadOnlyList<AuditStep> possible)
    {
        var steps = possible.OrderBy(step => LastRound(one, step)).ThenBy(step => step).ToList();
        var accused = steps.Where(step => IsSuspected(one, step) || AuditSteps.TestsOf(step).Any(one.Accusing.Contains)).ToList();
        var inTurn = accused.Any(step => AuditSteps.IsDear(step) && IsSuspected(one, step)) ? 0 : 1;
        return [.. accused, .. steps.Except(accused).Where(step => !AuditSteps.IsDear(step)), .. steps.Except(accused).Where(AuditSteps.IsDear).Take(inTurn)];
    }

    private static bool IsSuspected(AuditCase one, AuditStep step) => AuditSteps.TestsOf(step).Any(test => one.Of(test).Recent >= AuditCase.SuspiciousFrom);

    // Some tests of a step need what is not there (items of the operator's own): what was never made does not count as overdue once another of the step was.
    private static long LastRound(AuditCase one, AuditStep step) => AuditSteps.TestsOf(step).Select(test => one.Of(test).LastRound).Where(round => round > 0).DefaultIfEmpty(0).Min();

    private static double Luck(AuditCase one)
    {
        var hash = 14695981039346656037UL ^ (ulong)one.Rounds;
        foreach (var c in one.Offering)
            hash = (hash ^ c) * 1099511628211UL;
        hash ^= hash >> 33;
        return (hash * 0xFF51AFD7ED558CCDUL >> 11) / (double)(1UL << 53);
    }
}
