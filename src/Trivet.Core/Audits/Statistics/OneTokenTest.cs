namespace Trivet.Core.Audits.Statistics;

/// <summary>The short answers to one deterministic prompt, from the reference and from the observed upstream.</summary>
/// <param name="Prompt">Which prompt.</param>
/// <param name="Reference">Answers of the reference, as they came.</param>
/// <param name="Observed">Answers of the observed upstream.</param>
internal sealed record OneTokenAnswers(string Prompt, IReadOnlyList<string> Reference, IReadOnlyList<string> Observed);

/// <summary>
/// Two-sample test on one-token answers (temperature 0, a limit of one token): the mean over prompts of the total-variation distance between the two empirical distributions, with
/// labels permuted within each prompt. Exact for any sizes where answers of reference and observed upstream are exchangeable per prompt. A whole-model swap shows in 3 to 15 requests, for the
/// answers share almost nothing (<see cref="OneTokenResult.Overlap"/>). It cannot see a change that keeps the likeliest token: quantisation, small mixing shares, another system prompt of the same model. It needs temperature 0 to be
/// honoured and says "different", never "worse". Between hosts, prompts on the border between two tokens move for honest reasons (batching, FP8): ask prompts that are not.
/// Source: arXiv 2602.11083.
/// </summary>
internal static class OneTokenTest
{
    /// <summary>Runs the test.</summary>
    /// <param name="answers">Prompts with at least one answer from each side; others are left out.</param>
    /// <param name="permutations">How many; the smallest p-value is 1/(this + 1).</param>
    /// <param name="random">Seeded by the caller, so that a report can be recomputed.</param>
    /// <param name="allowance">
    /// The share of observed answers that may differ for innocent reasons, each of them as far from the reference as an answer can be: adds to every permutation's distance what so many answers can add at most. Above 0
    /// the test is not exact any more, for the pool that is permuted holds those answers as well; by simulation it stays below its level (docs/audits.md).
    /// </param>
    public static OneTokenResult Run(IReadOnlyList<OneTokenAnswers> answers, int permutations, Random random, double allowance = 0)
    {
        var strata = answers.Where(a => a.Reference.Count > 0 && a.Observed.Count > 0).Select(Stratum.Of).ToList();
        if (strata.Count == 0)
            return new OneTokenResult(0, 0, 0, 0, 1);
        var observed = Statistic(strata);
        var (atLeast, sum) = (0, 0.0);
        for (var i = 0; i < permutations; i++)
        {
            foreach (var stratum in strata)
                random.Shuffle(stratum.Tokens);
            var distance = Statistic(strata);
            sum += distance;
            if (distance + Innocent(strata, allowance, random) >= observed - 1e-12)
                atLeast++;
        }

        return new OneTokenResult(
            strata.Count, answers.Sum(a => a.Observed.Count), observed, Overlap(answers), PermutationPValue.Of(atLeast, permutations))
        { Expected = permutations == 0 ? 0 : sum / permutations };
    }

    // One answer of n to a prompt moves that prompt's distance by at most 1/n.
    private static double Innocent(List<Stratum> strata, double allowance, Random random)
    {
        if (allowance <= 0)
            return 0;
        var moved = 0.0;
        foreach (var stratum in strata)
        {
            for (var i = 0; i < stratum.Observed; i++)
                moved += random.NextDouble() < allowance ? 1.0 / stratum.Observed : 0;
        }

        return moved / strata.Count;
    }

    // Share of observed answers that the reference has given as well.
    private static double Overlap(IReadOnlyList<OneTokenAnswers> answers)
    {
        int seen = 0, all = 0;
        foreach (var one in answers)
        {
            var support = one.Reference.ToHashSet(StringComparer.Ordinal);
            seen += one.Observed.Count(support.Contains);
            all += one.Observed.Count;
        }

        return all == 0 ? 1 : (double)seen / all;
    }

    private static double Statistic(List<Stratum> strata)
    {
        var sum = 0.0;
        foreach (var stratum in strata)
            sum += stratum.Distance();
        return sum / strata.Count;
    }

    /// <summary>One prompt's answers as small numbers: first those of the reference, then the observed.</summary>
    private sealed class Stratum(int[] tokens, int referenceCount, int kinds)
    {
        private readonly double[] _difference = new double[kinds];

        public int[] Tokens { get; } = tokens;

        public int Observed => Tokens.Length - referenceCount;

        public static Stratum Of(OneTokenAnswers answers)
        {
            var ids = new Dictionary<string, int>(StringComparer.Ordinal);
            int[] tokens = [.. answers.Reference.Concat(answers.Observed).Select(text => ids.TryGetValue(text, out var id) ? id : ids[text] = ids.Count)];
            return new Stratum(tokens, answers.Reference.Count, ids.Count);
        }

        public double Distance()
        {
            _difference.AsSpan().Clear();
            double reference = 1.0 / referenceCount, observed = 1.0 / (Tokens.Length - referenceCount);
            for (var i = 0; i < Tokens.Length; i++)
                _difference[Tokens[i]] += i < referenceCount ? reference : -observed;
            var sum = 0.0;
            foreach (var d in _difference)
                sum += Math.Abs(d);
            return sum / 2;
        }
    }
}

/// <summary>What a <see cref="OneTokenTest"/> found.</summary>
/// <param name="Prompts">Prompts compared.</param>
/// <param name="Requests">Answers of the observed upstream.</param>
/// <param name="Distance">Mean total-variation distance, 0 to 1. Small samples of one and the same model are apart, too: the p-value knows by how much.</param>
/// <param name="Overlap">Share of observed answers that the reference has also given.</param>
/// <param name="PValue">Exact under exchangeability.</param>
internal readonly record struct OneTokenResult(int Prompts, int Requests, double Distance, double Overlap, double PValue)
{
    /// <summary>The mean distance of permutations: how far samples of this size are apart by chance.</summary>
    public double Expected { get; init; }
}

/// <summary>The p-value of a permutation test.</summary>
internal static class PermutationPValue
{
    /// <summary>
    /// (1 + those at least as extreme) / (1 + permutations): the labelling that was observed counts as one of those that could have been, without which the test is not exact.
    /// </summary>
    public static double Of(int atLeast, int permutations) => (1.0 + atLeast) / (permutations + 1);
}
