using Trivet.Core.Audits.Statistics;
using Trivet.Core.Scorecards;

namespace Trivet.Core.Audits.Rounds;

/// <summary>
/// Free signs in ordinary traffic that an offering is not as it was, or not as its reference: another pace and, where the operator allows that answers are read for it, another manner of writing. They say when to audit, never what
/// was found: traffic changes for honest reasons. Not thread-safe.
/// </summary>
internal sealed class TrafficSigns(HealthBoard health)
{
    /// <summary>So many answers of either side are held against each other.</summary>
    public const int Answers = 64;

    private const int AnswersMin = 40;
    private const int AnswersBetween = 32;
    private const int Permutations = 1999;
    private const double OddAt = 0.001;

    private readonly Dictionary<string, (long Count, bool IsOdd)> _manners = new(StringComparer.Ordinal);

    /// <summary>Whether something looks otherwise.</summary>
    public bool IsOdd(AuditSubject subject, AuditsConfig config, long nowMs) =>
        health.For(subject.Observed.Id).Card.HasOtherPace(nowMs) || (config.ReadsAnswers && HasOtherManner(subject));

    // Asked every few seconds: computed only when there is enough that is new.
    private bool HasOtherManner(AuditSubject subject)
    {
        if (health.For(subject.Observed.Id).Card.Manner is not { } manner)
            return false;
        var known = _manners.GetValueOrDefault(subject.Observed.Id);
        if (manner.Count < known.Count + AnswersBetween)
            return known.IsOdd;
        var isOdd = IsOther(manner.Newest(), subject.Reference is { } reference ? health.For(reference.Id).Card.Manner?.Newest() : null);
        _manners[subject.Observed.Id] = (manner.Count, isOdd);
        return isOdd;
    }

    /// <summary>Held against the reference's answers where there are enough, else against its own of before.</summary>
    internal static bool IsOther(IReadOnlyList<float[]> newest, IReadOnlyList<float[]>? reference)
    {
        var others = reference is { Count: >= AnswersMin } ? [.. reference.Take(Answers)] : newest.Skip(Answers).ToList();
        var some = newest.Take(Answers).ToList();
        return some.Count >= AnswersMin && others.Count >= AnswersMin && MannerTest.PValue(some, others, Permutations, new Random(some.Count)) <= OddAt;
    }
}
