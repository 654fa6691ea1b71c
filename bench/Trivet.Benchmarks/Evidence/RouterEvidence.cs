using Trivet.Core.Routing.Difficulty;

namespace Trivet.Benchmarks.Evidence;

/// <summary>The difficulty router on questions that a weak and a strong model answered, as <c>trivet route evaluate</c> judges it: the learned one earns its place only where it beats prompt length.</summary>
internal sealed class RouterEvidence(IReadOnlyList<GradedText> questions, EvidenceOptions options)
{
    public IEnumerable<EvidenceRow> Rows()
    {
        var verdict = RouterVerdict.Of(questions, options.Seed);
        yield return Row("random", verdict.Random);
        yield return Row("prompt length", verdict.Length);
        yield return Row("learned, 5-fold, mean of 20 splits", verdict.Learned) with { Low = verdict.LearnedLow, High = verdict.LearnedHigh, Target = $"> {verdict.Length:0.000} or it stays off", Met = null };
        yield return Row("learned beats length in so many of 20 splits", verdict.Wins);
        yield return Row("oracle", verdict.Oracle);
    }

    private static EvidenceRow Row(string name, double value) => new(EvidenceOptions.Router, $"GSM8K, APGR: {name}", value);
}
