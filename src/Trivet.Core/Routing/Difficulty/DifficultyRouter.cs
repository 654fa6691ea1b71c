namespace Trivet.Core.Routing.Difficulty;

/// <summary>A question with what became of it at the weak and at the strong model.</summary>
/// <param name="Text">The question.</param>
/// <param name="WeakIsRight">The weak model was right.</param>
/// <param name="StrongIsRight">The strong one was.</param>
internal sealed record GradedText(string Text, bool WeakIsRight, bool StrongIsRight);

/// <summary>
/// Guesses how much the strong model would gain on a question: two probabilities, strong right minus weak right. Predicting only the weak model's failure sends questions upstairs that nobody can answer.
/// It may be switched on only where it beats prompt length on cross-validated data (<see cref="DifficultyEvaluation"/>): most learned routers do not (EVIDENCE_FACTS §3.2).
/// </summary>
internal sealed class DifficultyRouter
{
    private const double Ridge = 30;

    private readonly LogisticModel _weak, _strong;

    private DifficultyRouter(LogisticModel weak, LogisticModel strong) => (_weak, _strong) = (weak, strong);

    /// <summary>Learns from graded questions.</summary>
    public static DifficultyRouter Train(IReadOnlyList<GradedText> questions)
    {
        var rows = questions.Select(question => Features(question.Text)).ToList();
        return new DifficultyRouter(
            LogisticModel.Fit(rows, [.. questions.Select(question => question.WeakIsRight)], Ridge), LogisticModel.Fit(rows, [.. questions.Select(question => question.StrongIsRight)], Ridge));
    }

    /// <summary>Expected gain of the strong model, −1 to 1.</summary>
    public double Gain(ReadOnlySpan<char> text)
    {
        Span<double> features = stackalloc double[QuestionFeatures.Count];
        QuestionFeatures.Read(text, features);
        return _strong.Probability(features) - _weak.Probability(features);
    }

    private static double[] Features(string text)
    {
        var features = new double[QuestionFeatures.Count];
        QuestionFeatures.Read(text, features);
        return features;
    }
}
