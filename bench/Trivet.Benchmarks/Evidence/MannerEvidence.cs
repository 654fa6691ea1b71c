using Trivet.Core.Audits.Rounds;
using Trivet.Core.Audits.Statistics;
using Trivet.Core.Scorecards.Manner;

namespace Trivet.Benchmarks.Evidence;

/// <summary>
/// Ordinary answers of two models to prompts drawn anew for each side: how often a swap is seen, how often an honest upstream looks odd, and how often it does where other things are asked of it.
/// </summary>
internal sealed class MannerEvidence(AnswerSet set, EvidenceOptions options)
{
    private const int Permutations = 1999;
    private const double OddAt = 0.001;

    private readonly List<(float[][] Claimed, float[][] Foreign)> _vectors =
        [.. set.Answers.Select(prompt => (prompt.Claimed.Select(text => AnswerManner.VectorOf(text.Trim())).ToArray(), prompt.Foreign.Select(text => AnswerManner.VectorOf(text.Trim())).ToArray()))];

    public IEnumerable<EvidenceRow> Rows()
    {
        var all = _vectors.Count;
        yield return Row("honest, the same prompts", 0, (0, all), (0, all)).AtMost(0.01);
        yield return Row($"all {set.Foreign}, the same prompts", 1, (0, all), (0, all));
        yield return Row($"30 % {set.Foreign}, the same prompts", 0.3, (0, all), (0, all));
        yield return Row("honest, other prompts on either side", 0, (0, all / 2), (all / 2, all));
    }

    private EvidenceRow Row(string name, double mixed, (int From, int To) reference, (int From, int To) observed)
    {
        var random = new Random(options.Seed + (int)(mixed * 100) + observed.From);
        var odd = 0;
        for (var i = 0; i < options.Simulations; i++)
        {
            var some = Enumerable.Range(0, TrafficSigns.Answers).Select(_ => Pick(observed, random.NextDouble() < mixed, random)).ToList();
            var others = Enumerable.Range(0, TrafficSigns.Answers).Select(_ => Pick(reference, isForeign: false, random)).ToList();
            odd += MannerTest.PValue(some, others, Permutations, random) <= OddAt ? 1 : 0;
        }

        return EvidenceRow.Rate(EvidenceOptions.Manner, $"{set.Claimed}, {TrafficSigns.Answers} ordinary answers against {TrafficSigns.Answers}, p ≤ {OddAt}: {name}", odd, options.Simulations);
    }

    private float[] Pick((int From, int To) prompts, bool isForeign, Random random)
    {
        var (claimed, foreign) = _vectors[random.Next(prompts.From, prompts.To)];
        return isForeign ? foreign[random.Next(foreign.Length)] : claimed[random.Next(claimed.Length)];
    }
}
