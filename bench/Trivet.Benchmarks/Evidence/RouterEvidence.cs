using Trivet.Core.Routing.Difficulty;

namespace Trivet.Benchmarks.Evidence;

/// <summary>The difficulty router on questions that a weak and a strong model answered: the learned one earns its place only where it beats prompt length.</summary>
internal sealed class RouterEvidence(IReadOnlyList<GradedQuestion> table, EvidenceOptions options)
{
    private const int Folds = 5;
    private const int Repeats = 20;

    private readonly List<GradedText> _questions = [.. table.Select(question => new GradedText(question.Text, question.WeakIsRight, question.StrongIsRight))];

    public IEnumerable<EvidenceRow> Rows()
    {
        var random = new Random(options.Seed);
        var length = Area(question => question.Text.Length);
        yield return Row("random", Enumerable.Range(0, Repeats).Average(_ => Area(_ => random.NextDouble())));
        yield return Row("prompt length", length);
        var areas = Enumerable.Range(0, Repeats).Select(_ => DifficultyEvaluation.AreaUnderGap(_questions, DifficultyEvaluation.CrossValidated(_questions, Folds, random))).Order().ToList();
        yield return Row($"learned, {Folds}-fold, mean of {Repeats} splits", areas.Average()) with { Low = areas[0], High = areas[^1], Target = $"> {length:0.000} or it stays off", Met = null };
        yield return Row($"learned beats length in so many of {Repeats} splits", areas.Count(area => area > length) / (double)Repeats);
        yield return Row("oracle", Area(question => (question.StrongIsRight ? 1 : 0) - (question.WeakIsRight ? 1 : 0)));
    }

    private double Area(Func<GradedText, double> score) => DifficultyEvaluation.AreaUnderGap(_questions, [.. _questions.Select(score)]);

    private static EvidenceRow Row(string name, double value) => new(EvidenceOptions.Router, $"GSM8K, APGR: {name}", value);
}
