using Trivet.Core.Audits.Statistics;

namespace Trivet.Benchmarks.Evidence;

/// <summary>Two-sample tests on real answers: how often honest upstreams are accused, and how often a swapped or mixed-in model is found.</summary>
internal sealed class MmdEvidence
{
    private const int Permutations = 199;

    /// <summary>At most .05 is allowed. The test is exact, so a cut there would show more than that in every second run of so few simulations; this one keeps it with room for chance.</summary>
    private const double Alpha = 0.03;

    private const double FalseAlarmsMax = 0.05;
    private const int AnswersMax = 40;       // of one model to one prompt: the matrices of all pairs must fit in memory
    private const int PromptsMax = 50;

    private readonly AnswerSet _set;
    private readonly GramMatrix[] _grams;
    private readonly (int Claimed, int Foreign)[] _starts;
    private readonly EvidenceOptions _options;

    public MmdEvidence(AnswerSet set, EvidenceOptions options)
    {
        (_set, _options) = (set, options);
        var (texts, prompts) = (new List<string>(), new List<int>());
        _starts = [.. set.Answers.Take(PromptsMax).Select((prompt, number) =>
        {
            var claimed = texts.Count;
            texts.AddRange(prompt.Claimed.Take(AnswersMax));
            var foreign = texts.Count;
            texts.AddRange(prompt.Foreign.Take(AnswersMax));
            prompts.AddRange(Enumerable.Repeat(number, texts.Count - claimed));
            return (claimed, foreign);
        })];
        _grams = [TextKernel.Gram(texts, prompts, TextFeatures.Trigrams), TextKernel.Gram(texts, prompts, TextFeatures.Words)];
    }

    public IEnumerable<EvidenceRow> Rows()
    {
        yield return Row(25, 10, 0.2).AtLeast(0.8);
        yield return Row(25, 10, 0).AtMost(FalseAlarmsMax);
        yield return Row(10, 2, 0).AtMost(FalseAlarmsMax);
        yield return Row(10, 2, 1).AtLeast(0.99);
        yield return Row(25, 10, 0.1);
        yield return Row(25, 5, 0.2);
        yield return Row(10, 5, 0.5);
    }

    private EvidenceRow Row(int prompts, int samples, double mixed)
    {
        prompts = Math.Min(prompts, _starts.Length);
        var random = new Random(_options.Seed + prompts * 1_000_000 + samples * 10_000 + (int)(mixed * 1000));
        var alarms = 0;
        for (var i = 0; i < _options.Simulations; i++)
            alarms += PValue(prompts, samples, mixed, random) <= Alpha ? 1 : 0;
        var name = mixed switch { 0 => "honest: false alarms", 1 => $"all {_set.Foreign}", _ => $"{mixed:P0} {_set.Foreign}" };
        return EvidenceRow.Rate(EvidenceOptions.Mmd, $"{_set.Claimed}, {prompts} prompts × {samples}, p ≤ {Alpha}: {name}", alarms, _options.Simulations);
    }

    private double PValue(int prompts, int samples, double mixed, Random random)
    {
        var order = Enumerable.Range(0, _starts.Length).ToArray();
        random.Shuffle(order);
        var chosen = new int[prompts * samples * 2];
        for (var p = 0; p < prompts; p++)
        {
            var (claimed, foreign) = _starts[order[p]];
            var own = Pick(foreign - claimed, 2 * samples, random);
            var other = Pick(Math.Min(AnswersMax, _set.Answers[order[p]].Foreign.Length), samples, random);
            for (var i = 0; i < 2 * samples; i++)
            {
                var isForeign = i >= samples && random.NextDouble() < mixed;
                chosen[p * samples * 2 + i] = isForeign ? foreign + other[i - samples] : claimed + own[i];
            }
        }

        return TextTwoSampleTest.Run([.. _grams.Select(gram => gram.Select(chosen))], [.. Enumerable.Repeat((samples, samples), prompts)], Permutations, random).PValue;
    }

    private static int[] Pick(int of, int count, Random random)
    {
        var all = Enumerable.Range(0, of).ToArray();
        random.Shuffle(all);
        return all[..count];
    }
}
