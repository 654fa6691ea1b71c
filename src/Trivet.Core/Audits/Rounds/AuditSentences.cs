using System.Globalization;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>Verdicts in words.</summary>
public static class AuditSentences
{
    /// <summary>What one audit comes to, with all that came before it.</summary>
    public static string Of(AuditReport report, AuditCase after, AuditStanding standing)
    {
        if (report.Requests == report.Failures)
            return $"{report.Observed} answered nothing: nothing was tested.";
        var strongest = Strongest(report);
        var bet = $"After {Count(after.Rounds, "audit")} a bet against its honesty stands at {Odds(after.EValue)}";
        return standing switch
        {
            AuditStanding.Clean => $"{bet}: nothing follows from that.{(strongest is { Evidence: >= AuditCase.SuspiciousFrom } ? $" {strongest.Sentence}" : "")}",
            AuditStanding.Noted => $"{bet}. {strongest?.Sentence}".TrimEnd(),
            AuditStanding.DownWeighted => $"{bet}; requests go elsewhere first. {strongest?.Sentence}".TrimEnd(),
            _ => $"{bet}; it is in quarantine. {strongest?.Sentence}".TrimEnd(),
        };
    }

    /// <summary>An e-value as people bet.</summary>
    public static string Odds(double eValue) =>
        eValue >= 1e6 ? string.Create(CultureInfo.InvariantCulture, $"10^{Math.Floor(Math.Log10(eValue)):0} to 1")
        : eValue >= 1 ? string.Create(CultureInfo.InvariantCulture, $"{eValue:0.#} to 1")
        : string.Create(CultureInfo.InvariantCulture, $"{eValue:0.###} to 1");

    /// <summary>The finding that speaks most against the upstream; null where none speaks at all.</summary>
    public static AuditFinding? Strongest(AuditReport report) => report.Findings.Where(finding => finding.Evidence > 1).MaxBy(finding => finding.Evidence);

    internal static string Count(long number, string what) => $"{number} {what}{(number == 1 ? "" : "s")}";
}
