namespace Trivet.Core.Audits.Statistics;

/// <summary>
/// Which of many verdicts stand when all are looked at together. Benjamini and Hochberg 1995 keeps the expected share of false ones among those that stand
/// at most α for p-values that are independent or positively dependent; e-BH (Wang and Ramdas 2022) does so for e-values under any dependence, which is what one vendor's outage does to a fleet. Holm 1979 keeps the
/// probability of a single false one at most α under any dependence. They cannot mend p-values that are wrong themselves.
/// </summary>
internal static class FalseDiscovery
{
    /// <summary>Marks the hypotheses that Benjamini and Hochberg reject at level <paramref name="alpha"/>.</summary>
    public static bool[] BenjaminiHochberg(ReadOnlySpan<double> pValues, double alpha)
    {
        var order = Order(pValues);
        var last = -1;
        for (var rank = 0; rank < order.Length; rank++)
        {
            if (pValues[order[rank]] <= alpha * (rank + 1) / order.Length)
                last = rank;
        }

        return Mark(order, last);
    }

    /// <summary>Marks the hypotheses that e-BH rejects at level <paramref name="alpha"/>.</summary>
    public static bool[] EBenjaminiHochberg(ReadOnlySpan<double> eValues, double alpha)
    {
        Span<double> inverse = eValues.Length <= 256 ? stackalloc double[eValues.Length] : new double[eValues.Length];
        for (var i = 0; i < eValues.Length; i++)
            inverse[i] = 1 / eValues[i]; // e ≥ n/(α k) reads as 1/e ≤ α k/n: the same steps on another scale
        return BenjaminiHochberg(inverse, alpha);
    }

    /// <summary>Marks the hypotheses that Holm rejects at level <paramref name="alpha"/>.</summary>
    public static bool[] Holm(ReadOnlySpan<double> pValues, double alpha)
    {
        var order = Order(pValues);
        var last = -1;
        while (last + 1 < order.Length && pValues[order[last + 1]] <= alpha / (order.Length - last - 1))
            last++;
        return Mark(order, last);
    }

    private static int[] Order(ReadOnlySpan<double> pValues)
    {
        var order = new int[pValues.Length];
        for (var i = 0; i < order.Length; i++)
            order[i] = i;
        var keys = pValues.ToArray();
        Array.Sort(keys, order);
        return order;
    }

    private static bool[] Mark(int[] order, int last)
    {
        var rejected = new bool[order.Length];
        for (var rank = 0; rank <= last; rank++)
            rejected[order[rank]] = true;
        return rejected;
    }
}
