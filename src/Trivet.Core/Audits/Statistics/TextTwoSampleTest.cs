using System.Numerics;
using System.Runtime.InteropServices;

namespace Trivet.Core.Audits.Statistics;

/// <summary>Sampled answers to one prompt (temperature 1) of the reference and of the observed upstream.</summary>
/// <param name="Prompt">Which prompt.</param>
/// <param name="Reference">Answers of the reference.</param>
/// <param name="Observed">Answers of the observed upstream.</param>
internal sealed record PromptAnswers(string Prompt, IReadOnlyList<string> Reference, IReadOnlyList<string> Observed);

/// <summary>
/// Do two upstreams answer from one distribution? For each kernel (character trigrams, words) two numbers, each standardised by its own permutation distribution, and all added up: (1) the unbiased squared maximum
/// mean discrepancy over pairs of the same prompt, which sees any difference that a prompt's answers show; (2) the products of the differences of mean features between <em>different</em> prompts, which sees a
/// manner that the answers to all prompts share. A foreign model that is mixed in has its manner everywhere, so (2) adds up over prompts where (1) only adds noise: docs/audits.md has the power of both.
/// <para>The null permutes labels within each prompt, together for all numbers, so the test is exact for any sizes where honest answers to a prompt are exchangeable.</para>
/// <para>It says "different", never "worse": another system prompt, chat template, stop handling or decoding default also differs. It cannot see 10 % mixing at this size, nor a model of the same
/// family that talks alike, nor quantisation; it needs temperature above 0 to be honoured, and a cache that repeats answers shows as a difference.</para>
/// Sources: Gretton et al. 2012 for the statistic; arXiv 2410.20247 for its use on models; combining kernels under one permutation null: Schrab et al. 2023.
/// </summary>
internal static class TextTwoSampleTest
{
    /// <summary>Runs the test on texts.</summary>
    /// <param name="answers">Prompts with answers of both sides; others are left out.</param>
    /// <param name="permutations">How many; the smallest p-value is 1/(this + 1).</param>
    /// <param name="random">Seeded by the caller, so that a report can be recomputed.</param>
    /// <param name="features">What is compared; trigrams and words unless told otherwise.</param>
    public static TextTwoSampleResult Run(IReadOnlyList<PromptAnswers> answers, int permutations, Random random, ReadOnlySpan<TextFeatures> features = default)
    {
        var used = answers.Where(a => a.Reference.Count > 0 && a.Observed.Count > 0).ToList();
        var texts = used.SelectMany(a => a.Reference.Concat(a.Observed)).ToList();
        var prompts = used.SelectMany((a, prompt) => Enumerable.Repeat(prompt, a.Reference.Count + a.Observed.Count)).ToList();
        var grams = new List<GramMatrix>();
        foreach (var feature in features.IsEmpty ? [TextFeatures.Trigrams, TextFeatures.Words] : features)
            grams.Add(TextKernel.Gram(texts, prompts, feature));
        return Run(
            grams, [.. used.Select(a => (a.Reference.Count, a.Observed.Count))], permutations, random);
    }

    /// <summary>Runs the test on similarities.</summary>
    /// <param name="grams">One matrix per kernel, of all answers: prompt by prompt, in each first those of the reference. Their numbers are shifted in place.</param>
    /// <param name="sizes">Answers of reference and observed upstream, prompt by prompt; none of them 0.</param>
    /// <param name="permutations">How many.</param>
    /// <param name="random">Seeded by the caller.</param>
    public static TextTwoSampleResult Run(IReadOnlyList<GramMatrix> grams, ReadOnlySpan<(int Reference, int Observed)> sizes, int permutations, Random random)
    {
        if (sizes.IsEmpty)
            return new TextTwoSampleResult(0, 0, 0, 1);
        foreach (var gram in grams)
            Prepare(gram);
        var strata = Strata(sizes);
        var signs = new float[grams[0].Size];
        foreach (var stratum in strata)
            stratum.Label(signs);
        var seed = random.Next();

        // 1 all numbers for the labels as they are and for every permutation  2 each on the scale of its own distribution  3 the sum's rank
        var numbers = new double[2 * grams.Count][];
        for (var k = 0; k < numbers.Length; k++)
            numbers[k] = new double[permutations + 1];
        var labels = new float[signs.Length];
        for (var k = 0; k < grams.Count; k++)
        {
            // The same permutations for every kernel: one null for all.
            var shuffled = new Random(seed);
            signs.CopyTo(labels, 0);
            foreach (var stratum in strata)
                stratum.Sum(grams[k]);
            for (var i = 0; i <= permutations; i++)
            {
                if (i > 0)
                {
                    foreach (var stratum in strata)
                        shuffled.Shuffle(labels.AsSpan(stratum.Start, stratum.Count));
                }

                (numbers[2 * k][i], numbers[2 * k + 1][i]) = Statistics(grams[k], strata, labels);
            }
        }

        var squaredDiscrepancy = numbers[0][0] / strata.Sum(stratum => stratum.Weight);
        foreach (var values in numbers)
            Standardise(values);
        var observed = Score(numbers, 0);
        var atLeast = 0;
        for (var i = 1; i <= permutations; i++)
            atLeast += Score(numbers, i) >= observed - 1e-9 ? 1 : 0;
        return new TextTwoSampleResult(strata.Length, strata.Sum(stratum => stratum.Observed), squaredDiscrepancy, PermutationPValue.Of(atLeast, permutations)) { Score = observed };
    }

    private static double Score(double[][] numbers, int labelling)
    {
        var sum = 0.0;
        foreach (var values in numbers)
            sum += values[labelling];
        return sum;
    }

    // Labels sum to zero in every prompt, so a constant changes neither number; without it sums of floats keep their digits. What a text is to itself says nothing.
    private static void Prepare(GramMatrix gram)
    {
        double sum = 0;
        for (var i = 0; i < gram.Size; i++)
        {
            foreach (var value in gram.Row(i))
                sum += value;
        }

        var mean = (float)(sum / ((double)gram.Size * gram.Size));
        for (var i = 0; i < gram.Size; i++)
        {
            foreach (ref var value in gram.Row(i))
                value -= mean;
            gram[i, i] = 0;
        }
    }

    private static Stratum[] Strata(ReadOnlySpan<(int Reference, int Observed)> sizes)
    {
        var strata = new Stratum[sizes.Length];
        var start = 0;
        for (var i = 0; i < sizes.Length; i++)
        {
            strata[i] = new Stratum(start, sizes[i].Reference, sizes[i].Observed);
            start += strata[i].Count;
        }

        return strata;
    }

    private static (double Within, double Across) Statistics(GramMatrix gram, Stratum[] strata, float[] signs)
    {
        double within = 0, across = 0;
        foreach (var stratum in strata)
        {
            double quadratic = 0, reference = 0, observed = 0;
            ReadOnlySpan<float> own = signs.AsSpan(stratum.Start, stratum.Count);
            for (var i = 0; i < own.Length; i++)
            {
                ReadOnlySpan<float> row = gram.Row(stratum.Start + i);
                var near = (double)Dot(row.Slice(stratum.Start, stratum.Count), own) * own[i];
                across += (double)Dot(row, signs) * own[i] - near;
                quadratic += near;
                if (own[i] > 0)
                    reference += stratum.RowSums[i];
                else
                    observed += stratum.RowSums[i];
            }

            within += stratum.Weight * stratum.SquaredDiscrepancy(quadratic, reference, observed);
        }

        return (within, across);
    }

    private static void Standardise(double[] values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(value => (value - mean) * (value - mean)) / values.Length);
        for (var i = 0; i < values.Length; i++)
            values[i] = deviation > 0 ? (values[i] - mean) / deviation : 0;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        var x = MemoryMarshal.Cast<float, Vector<float>>(a);
        var y = MemoryMarshal.Cast<float, Vector<float>>(b);
        // Four sums side by side: an addition need not wait for the one before it.
        var (p, q, r, s) = (Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero, Vector<float>.Zero);
        var at = 0;
        for (; at + 4 <= x.Length; at += 4)
        {
            p += x[at] * y[at];
            q += x[at + 1] * y[at + 1];
            r += x[at + 2] * y[at + 2];
            s += x[at + 3] * y[at + 3];
        }

        for (; at < x.Length; at++)
            p += x[at] * y[at];
        var result = Vector.Sum(p + q + (r + s));
        for (var i = x.Length * Vector<float>.Count; i < a.Length; i++)
            result += a[i] * b[i];
        return result;
    }

    /// <summary>The answers to one prompt: a run of rows.</summary>
    private sealed record Stratum(int Start, int Reference, int Observed)
    {
        public int Count => Reference + Observed;

        /// <summary>The inverse variance of a difference of means, up to a factor: prompts with more answers count more.</summary>
        public double Weight => (double)Reference * Observed / Count;

        /// <summary>Similarity of each answer to all others of the prompt, which no label changes.</summary>
        public double[] RowSums { get; } = new double[Reference + Observed];

        public void Label(float[] signs)
        {
            signs.AsSpan(Start, Reference).Fill((float)(Weight / Reference));
            signs.AsSpan(Start + Reference, Observed).Fill((float)(-Weight / Observed));
        }

        public void Sum(GramMatrix gram)
        {
            for (var i = 0; i < Count; i++)
            {
                RowSums[i] = 0;
                foreach (var value in gram.Row(Start + i).Slice(Start, Count))
                    RowSums[i] += value;
            }
        }

        // The quadratic form weighs pairs as the biased discrepancy does. With the fixed row sums of either side it tells the three sums over pairs apart, which the unbiased one weighs anew.
        // One text alone has no pair, and its side no term of its own.
        public double SquaredDiscrepancy(double quadratic, double reference, double observed)
        {
            double x = Reference, y = Observed;
            var mixed = (reference / (x * x) + observed / (y * y) - quadratic / (Weight * Weight)) / ((1 / x + 1 / y) * (1 / x + 1 / y));
            return (Reference > 1 ? (reference - mixed) / (x * (x - 1)) : 0) + (Observed > 1 ? (observed - mixed) / (y * (y - 1)) : 0) - 2 * mixed / (x * y);
        }
    }
}

/// <summary>What a <see cref="TextTwoSampleTest"/> found.</summary>
/// <param name="Prompts">Prompts compared.</param>
/// <param name="Answers">Answers of the observed upstream.</param>
/// <param name="SquaredDiscrepancy">Unbiased squared maximum mean discrepancy of character trigrams over pairs of the same prompt: around 0 for one distribution, may be below.</param>
/// <param name="PValue">Exact under exchangeability.</param>
internal readonly record struct TextTwoSampleResult(int Prompts, int Answers, double SquaredDiscrepancy, double PValue)
{
    /// <summary>The sum of the standardised numbers: around 0 for one distribution.</summary>
    public double Score { get; init; }
}
