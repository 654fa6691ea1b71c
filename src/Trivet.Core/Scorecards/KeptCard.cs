namespace Trivet.Core.Scorecards;

/// <summary>A scorecard's content, of one node or of several, as it is kept and shared.</summary>
/// <param name="Sums">The sums.</param>
/// <param name="FirstContent">The histograms of first content, by place.</param>
internal sealed record KeptCard(ScoreSums Sums, int[]?[] FirstContent)
{
    /// <summary>After so long without news of a node nothing of what it counted is left to speak of: ten half-lives.</summary>
    public static readonly TimeSpan KeepFor = TimeSpan.FromDays(30);

    /// <summary>A node that has not written since says nothing of what is wrong now.</summary>
    private static readonly double WarningMs = TimeSpan.FromHours(1).TotalMilliseconds;

    private static readonly double TimesHalfLifeMs = TimeSpan.FromDays(1).TotalMilliseconds;

    /// <summary>Currency of the money; empty where there is none.</summary>
    public string Currency { get; init; } = "";

    /// <summary>What audits had concluded; kept for people, because audits keep it themselves.</summary>
    public AuditStanding Standing { get; init; }

    /// <summary>A copy, because what is summed fades.</summary>
    public KeptCard Copy() => this with { Sums = Sums.Copy() };

    /// <summary>Why it is warned of; null where it is not.</summary>
    public string? Warning { get; init; }

    /// <summary>Several nodes' as one: what they counted adds up. Null of none.</summary>
    public static KeptCard? Sum(IEnumerable<KeptCard> cards, long nowMs)
    {
        KeptCard? sum = null;
        foreach (var card in cards)
        {
            sum ??= new KeptCard(ScoreSums.At(nowMs), new int[]?[FirstContentTimes.PlaceCount]);
            if (sum.Currency.Length == 0)
                sum = sum with { Currency = card.Currency };
            else if (card.Currency != sum.Currency)
                ScoreRecording.ClearMoney(card.Sums);
            var age = Math.Max(nowMs - card.Sums.AsOfMs, 0);
            var keep = Math.Pow(0.5, age / TimesHalfLifeMs);
            sum.Sums.Add(card.Sums, nowMs);
            FirstContentTimes.Merge(sum.FirstContent, card.FirstContent, keep);
            sum = sum with
            {
                Warning = sum.Warning ?? (age < WarningMs ? card.Warning : null),
                Standing = sum.Standing > card.Standing ? sum.Standing : card.Standing,
            };
        }

        return sum;
    }
}
