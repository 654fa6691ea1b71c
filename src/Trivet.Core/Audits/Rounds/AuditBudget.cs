namespace Trivet.Core.Audits.Rounds;

/// <summary>What is left of a day's money.</summary>
public static class AuditBudget
{
    private const int LeastShare = 10;

    /// <summary>Whether a rest is worth beginning a round with: a tenth of the day's, at least.</summary>
    public static bool IsWorthwhile(long restNano, long dayBudgetNano) => restNano > 0 && restNano >= dayBudgetNano / LeastShare;
}
