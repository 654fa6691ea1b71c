namespace Trivet.Core.Scorecards;

/// <summary>Which of a scorecard's sums an attempt goes into.</summary>
internal static class ScoreRecording
{
    private const double MsPerSecond = 1000;

    private static readonly ScoreSlot[] MoneySlots = [ScoreSlots.Price, ScoreSlots.PerToken, ScoreSlots.Wasted];

    /// <summary>Stability and speed. Not called where the attempt says nothing of its upstream.</summary>
    public static void Stability(ScoreSums sums, in AttemptSample sample, bool isLate)
    {
        var (now, outcome) = (sample.AtMs, sample.Outcome);
        var hasFailed = outcome == AttemptOutcomeKind.Failed;
        sums.Note(ScoreSlots.Fine, outcome == AttemptOutcomeKind.Answered && !isLate, now);
        sums.Note(ScoreSlots.Limited, outcome == AttemptOutcomeKind.Limited, now);
        sums.Note(ScoreSlots.Refused, outcome == AttemptOutcomeKind.Refused, now);
        if (outcome == AttemptOutcomeKind.Answered || sample.IsOverdue)
            sums.Note(ScoreSlots.Late, isLate || sample.IsOverdue, now);
        if (sample.HasBegun)
            sums.Note(ScoreSlots.Aborted, hasFailed, now);
        if (outcome is AttemptOutcomeKind.Answered or AttemptOutcomeKind.Failed)
        {
            sums.Note(ScoreSlots.Burn5m, hasFailed, now);
            sums.Note(ScoreSlots.Burn30m, hasFailed, now);
            sums.Note(ScoreSlots.Burn1h, hasFailed, now);
            sums.Note(ScoreSlots.Burn6h, hasFailed, now);
        }

        if (outcome != AttemptOutcomeKind.Answered)
            return;
        if (sample.GenerationMs > 0)
        {
            sums.Note(ScoreSlots.Speed, sample.TimedTokens, sample.GenerationMs / MsPerSecond, now);
            sums.Note(ScoreSlots.UsualSpeed, sample.TimedTokens, sample.GenerationMs / MsPerSecond, now);
        }

        if (sample.InputTokens > 0)
            sums.Note(ScoreSlots.Cache, sample.CacheReadTokens, sample.InputTokens, now);
    }

    /// <summary>Money, of attempts whose cost is known.</summary>
    public static void Money(ScoreSums sums, in AttemptSample sample)
    {
        var (cost, now) = (sample.CostNano!.Value, sample.AtMs);
        var isWasted = sample.IsWasted;
        if (cost > 0)
            sums.Note(ScoreSlots.Wasted, isWasted ? cost : 0, cost, now);
        var tokens = isWasted ? 0 : sample.InputTokens + sample.OutputTokens;
        if (cost > 0 || tokens > 0)
            sums.Note(ScoreSlots.PerToken, cost, tokens, now);
        if (sample.ListNano is { } list && (cost > 0 || list > 0))
            sums.Note(ScoreSlots.Price, cost, isWasted ? 0 : list, now);
    }

    /// <summary>Money of another currency than so far: what was summed does not compare.</summary>
    public static void StartMoney(ScoreSums sums, ref string current, string currency)
    {
        if (current.Length > 0)
            ClearMoney(sums);
        current = currency;
    }

    /// <summary>Forgets the money.</summary>
    public static void ClearMoney(ScoreSums sums)
    {
        foreach (var slot in MoneySlots)
            sums[slot].Clear();
    }
}
