namespace Trivet.Core.Routing.Difficulty;

/// <summary>How the learned router does on graded questions beside what costs nothing to know. It may be used only where it beats prompt length.</summary>
public sealed record RouterVerdict
{
    private const int Folds = 5;
    private const int Repeats = 20;

    /// <summary>The share of splits in which it must beat length: by chance it would in half of them.</summary>
    private const double WinsMin = 0.95;

    /// <summary>Rows.</summary>
    public int Questions { get; private init; }

    /// <summary>The weak model's share of right answers.</summary>
    public double Weak { get; private init; }

    /// <summary>The strong model's.</summary>
    public double Strong { get; private init; }

    /// <summary>APGR of a random order, the mean of twenty.</summary>
    public double Random { get; private init; }

    /// <summary>APGR of prompt length.</summary>
    public double Length { get; private init; }

    /// <summary>APGR of the learned router on questions that it has not seen, the mean of twenty splits into five parts.</summary>
    public double Learned { get; private init; }

    /// <summary>The least of the twenty.</summary>
    public double LearnedLow { get; private init; }

    /// <summary>The most.</summary>
    public double LearnedHigh { get; private init; }

    /// <summary>The share of splits in which it beats length.</summary>
    public double Wins { get; private init; }

    /// <summary>APGR of who knows the outcomes.</summary>
    public double Oracle { get; private init; }

    /// <summary>Whether it may be switched on for questions like these.</summary>
    public bool MayBeUsed => Wins >= WinsMin && Learned > Length;

    /// <summary>Judges a table, cross-validated; the same table and seed give the same verdict.</summary>
    internal static RouterVerdict Of(IReadOnlyList<GradedText> questions, int seed)
    {
        var random = new Random(seed);
        var length = Area(questions, question => question.Text.Length);
        var chance = Enumerable.Range(0, Repeats).Average(_ => Area(questions, _ => random.NextDouble()));
        var areas = Enumerable.Range(0, Repeats).Select(_ => DifficultyEvaluation.AreaUnderGap(questions, DifficultyEvaluation.CrossValidated(questions, Folds, random))).ToList();
        return new RouterVerdict
        {
            Questions = questions.Count,
            Weak = questions.Count(question => question.WeakIsRight) / (double)questions.Count,
            Strong = questions.Count(question => question.StrongIsRight) / (double)questions.Count,
            Random = chance,
            Length = length,
            Learned = areas.Average(),
            LearnedLow = areas.Min(),
            LearnedHigh = areas.Max(),
            Wins = areas.Count(area => area > length) / (double)Repeats,
            Oracle = Area(questions, question => (question.StrongIsRight ? 1 : 0) - (question.WeakIsRight ? 1 : 0)),
        };
    }

    private static double Area(IReadOnlyList<GradedText> questions, Func<GradedText, double> score) => DifficultyEvaluation.AreaUnderGap(questions, [.. questions.Select(score)]);
}
