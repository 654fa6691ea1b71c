using System.Numerics;
using System.Runtime.InteropServices;

namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Are two sets of ordinary answers written in one manner? The squared distance of their mean vectors (the maximum mean discrepancy of a linear kernel), permutation null. Exact where the answers are exchangeable, which ordinary
/// answers are only as far as the same is asked of both: other questions differ, too. So it is a reason to look, and no evidence.
/// </summary>
internal static class MannerTest
{
    /// <summary>The p-value.</summary>
    /// <param name="some">Vectors of one length.</param>
    /// <param name="others">Of the same length.</param>
    /// <param name="permutations">How many; the smallest p-value is 1/(this + 1).</param>
    /// <param name="random">Seeded by the caller.</param>
    public static double PValue(IReadOnlyList<float[]> some, IReadOnlyList<float[]> others, int permutations, Random random)
    {
        if (some.Count == 0 || others.Count == 0)
            return 1;
        float[][] all = [.. some, .. others];
        var total = new float[all[0].Length];
        foreach (var one in all)
            Add(total, one);
        var (sum, observed) = (new float[total.Length], 0f);
        var atLeast = 0;
        for (var i = 0; i <= permutations; i++)
        {
            if (i > 0)
                random.Shuffle(all);
            sum.AsSpan().Clear();
            for (var j = 0; j < some.Count; j++)
                Add(sum, all[j]);
            var distance = Distance(sum, total, some.Count, others.Count);
            if (i == 0)
                observed = distance;
            else if (distance >= observed - 1e-7f)
                atLeast++;
        }

        return PermutationPValue.Of(atLeast, permutations);
    }

    private static void Add(float[] sum, float[] one)
    {
        var sums = MemoryMarshal.Cast<float, Vector<float>>(sum.AsSpan());
        var ones = MemoryMarshal.Cast<float, Vector<float>>(one.AsSpan());
        for (var i = 0; i < sums.Length; i++)
            sums[i] += ones[i];
        for (var i = sums.Length * Vector<float>.Count; i < sum.Length; i++)
            sum[i] += one[i];
    }

    // The mean of some minus that of the others: the rest of the total is theirs.
    private static float Distance(float[] sum, float[] total, int some, int others)
    {
        var squares = 0f;
        for (var i = 0; i < sum.Length; i++)
        {
            var difference = sum[i] / some - (total[i] - sum[i]) / others;
            squares += difference * difference;
        }

        return squares;
    }
}
