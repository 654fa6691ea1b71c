namespace Trivet.Core.Scorecards;

/// <summary>
/// How long an offering takes to its first content, lately: histograms with buckets that grow by a quarter, halved when they are full, so that what is old
/// weighs little. Apart for streamed and whole answers, and by the length of the prompt, which most of the time to a first token goes with. Safe for
/// concurrent use; a count lost in a race changes no verdict.
/// </summary>
public sealed class FirstContentTimes
{
    /// <summary>Fewer samples than this tell nothing of the slowest twentieth.</summary>
    private const int SamplesMin = 20;

    private const int SamplesMax = 512;
    private const int BucketCount = 56; // 5 ms to 20 min
    private const double FirstMs = 5;
    private const double Growth = 1.25;
    private const int OutlierBuckets = 7; // 1.25^7 = 4.8

    private static readonly long[] PromptTokens = [2_000, 16_000, 64_000];
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly int[]?[] _histograms = new int[]?[2 * (PromptTokens.Length + 1)];

    /// <summary>Notes one.</summary>
    public void Record(bool isStream, long promptTokens, long milliseconds)
    {
        var counts = _histograms[Place(isStream, promptTokens)] ??= new int[BucketCount + 1]; // the last is their sum
        var bucket = milliseconds <= FirstMs ? 0 : Math.Min((int)(Math.Log(milliseconds / FirstMs) / LogGrowth) + 1, BucketCount - 1);
        counts[bucket]++;
        if (++counts[BucketCount] < SamplesMax)
            return;
        var sum = 0;
        for (var i = 0; i < BucketCount; i++)
            sum += counts[i] /= 2;
        counts[BucketCount] = sum;
    }

    /// <summary>The time within which this share of the answers began, rounded up to a bucket; null while too few are known.</summary>
    public TimeSpan? Quantile(bool isStream, long promptTokens, double share)
    {
        if (_histograms[Place(isStream, promptTokens)] is not { } counts || counts[BucketCount] < SamplesMin)
            return null;
        return TimeSpan.FromMilliseconds(FirstMs * Math.Pow(Growth, BucketOf(counts, counts[BucketCount] * share, BucketCount)));
    }

    /// <summary>
    /// The time within which nineteen of twenty answers began that were not far slower than usual: of those within five times the median, rounded up to a bucket. Where one
    /// call in ten is an outlier, the plain percentile is the outliers' own, and says nothing of how long a call that is well may take. Null while too few are known.
    /// </summary>
    public TimeSpan? UsualSlowest(bool isStream, long promptTokens)
    {
        if (_histograms[Place(isStream, promptTokens)] is not { } counts || counts[BucketCount] < SamplesMin)
            return null;
        var last = Math.Min(BucketOf(counts, counts[BucketCount] * 0.5, BucketCount) + OutlierBuckets, BucketCount - 1);
        var usual = 0;
        for (var i = 0; i <= last; i++)
            usual += counts[i];
        return TimeSpan.FromMilliseconds(FirstMs * Math.Pow(Growth, BucketOf(counts, usual * 0.95, last)));
    }

    private static int BucketOf(int[] counts, double wanted, int last)
    {
        var seen = 0;
        for (var i = 0; i < last; i++)
        {
            seen += counts[i];
            if (seen >= wanted)
                return i;
        }

        return last;
    }

    private static int Place(bool isStream, long promptTokens)
    {
        var length = 0;
        while (length < PromptTokens.Length && promptTokens > PromptTokens[length])
            length++;
        return (length * 2) + (isStream ? 1 : 0);
    }
}
