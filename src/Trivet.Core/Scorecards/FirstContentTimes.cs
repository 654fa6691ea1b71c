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

    /// <summary>From 5 ms to 20 minutes.</summary>
    internal const int BucketCount = 56;

    private const double FirstMs = 5;
    private const double Growth = 1.25;
    private const int OutlierBuckets = 7; // 1.25^7 = 4.8

    /// <summary>What begins within a second is not late for anybody, however quick it is as a rule.</summary>
    private const long LateMsMin = 1_000;

    private static readonly long[] PromptTokens = [2_000, 16_000, 64_000];
    private static readonly double LogGrowth = Math.Log(Growth);

    private readonly int[]?[] _histograms = new int[]?[PlaceCount];
    private int[]?[] _peers = new int[]?[PlaceCount];

    /// <summary>How many histograms there are: two for each class of lengths.</summary>
    internal static int PlaceCount => 2 * (PromptTokens.Length + 1);

    /// <summary>Notes one.</summary>
    public void Record(bool isStream, long promptTokens, long milliseconds)
    {
        var counts = _histograms[Place(isStream, promptTokens)] ??= new int[BucketCount + 1]; // the last is their sum
        counts[BucketOf(milliseconds)]++;
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
        var place = Place(isStream, promptTokens);
        return Count(place, BucketCount) is var sum && sum < SamplesMin ? null : EndOf(BucketOf(place, sum * share, BucketCount));
    }

    /// <summary>
    /// The time within which nineteen of twenty answers began that were not far slower than usual: of those within five times the median, rounded up to a bucket. Where one
    /// call in ten is an outlier, the plain percentile is the outliers' own, and says nothing of how long a call that is well may take. Null while too few are known.
    /// </summary>
    public TimeSpan? UsualSlowest(bool isStream, long promptTokens)
    {
        var place = Place(isStream, promptTokens);
        if (Count(place, BucketCount) < SamplesMin)
            return null;
        var last = LastUsual(place);
        var usual = 0;
        for (var i = 0; i <= last; i++)
            usual += Count(place, i);
        return EndOf(BucketOf(place, usual * 0.95, last));
    }

    /// <summary>Whether an answer began far later than is usual for prompts of its length: over about five times the median, and over a second. False while too few are known.</summary>
    public bool IsLate(bool isStream, long promptTokens, long milliseconds)
    {
        if (milliseconds <= LateMsMin)
            return false;
        var place = Place(isStream, promptTokens);
        return Count(place, BucketCount) >= SamplesMin && BucketOf(milliseconds) > LastUsual(place);
    }

    /// <summary>
    /// The milliseconds within which a share of the answers to such prompts begin, with the interval between the order statistics that holds it in 95 of 100 cases; its upper end is infinite where so few
    /// samples bound nothing. Where this length has been asked too seldom, the nearest one that has been speaks for it. Allocates nothing.
    /// </summary>
    public Estimate Read(bool isStream, long promptTokens, double share, long lastMs)
    {
        var place = Nearest(Place(isStream, promptTokens));
        var n = Count(place, BucketCount);
        if (n == 0)
            return Estimate.Unknown;
        var half = Intervals.Z * Math.Sqrt(n * share * (1 - share));
        var upper = (n * share) + half;
        return new Estimate(
            Interpolate(place, n * share), Interpolate(place, Math.Max((n * share) - half, 0)), upper > n - 0.5 ? double.PositiveInfinity : Interpolate(place, upper), n, lastMs);
    }

    /// <summary>The classes of lengths: from how many tokens to how many (null: without a bound), each for streams and for whole answers.</summary>
    internal static IEnumerable<(bool IsStream, long From, long? To)> Classes()
    {
        foreach (var isStream in (bool[])[true, false])
        {
            for (var i = 0; i <= PromptTokens.Length; i++)
                yield return (isStream, i == 0 ? 0 : PromptTokens[i - 1] + 1, i == PromptTokens.Length ? null : PromptTokens[i]);
        }
    }

    /// <summary>How many answers of a class are known, those of other nodes with them.</summary>
    internal int Known(bool isStream, long promptTokens) => Count(Place(isStream, promptTokens), BucketCount);

    /// <summary>The counts of this node as they stand: each histogram's buckets, null where it has none.</summary>
    internal int[]?[] Export() => Array.ConvertAll(_histograms, static counts => counts?[..BucketCount]);

    /// <summary>Forgets what this node counted.</summary>
    internal void Clear() => Array.Clear(_histograms);

    /// <summary>Counts of before a restart come on top.</summary>
    internal void Restore(int[]?[] kept)
    {
        for (var place = 0; place < PlaceCount; place++)
        {
            if (kept[place] is { } counts)
                AddTo(_histograms[place] ??= new int[BucketCount + 1], counts, 1);
        }
    }

    /// <summary>What other nodes counted, in place of what they had before.</summary>
    internal void TakePeers(int[]?[] peers) => Volatile.Write(ref _peers, peers);

    /// <summary>Adds one node's counts to others', so much of them as they are still worth.</summary>
    internal static void Merge(int[]?[] into, int[]?[] counts, double keep)
    {
        for (var place = 0; place < PlaceCount; place++)
        {
            if (counts[place] is { } some)
                AddTo(into[place] ??= new int[BucketCount + 1], some, keep);
        }
    }

    private static void AddTo(int[] into, int[] counts, double keep)
    {
        for (var i = 0; i < Math.Min(counts.Length, BucketCount); i++)
        {
            var count = (int)Math.Round(counts[i] * keep);
            into[i] += count;
            into[BucketCount] += count;
        }
    }

    private int Count(int place, int bucket) => (_histograms[place]?[bucket] ?? 0) + (Volatile.Read(ref _peers)[place]?[bucket] ?? 0);

    private int LastUsual(int place) => Math.Min(BucketOf(place, Count(place, BucketCount) * 0.5, BucketCount) + OutlierBuckets, BucketCount - 1);

    private int BucketOf(int place, double wanted, int last)
    {
        var seen = 0;
        for (var i = 0; i < last; i++)
        {
            seen += Count(place, i);
            if (seen >= wanted)
                return i;
        }

        return last;
    }

    // Within a bucket as if its samples lay evenly on the logarithm.
    private double Interpolate(int place, double rank)
    {
        var seen = 0;
        for (var i = 0; i < BucketCount; i++)
        {
            var count = Count(place, i);
            if (count > 0 && seen + count >= rank)
                return FirstMs * Math.Pow(Growth, i - 1 + Math.Clamp((rank - seen) / count, 0, 1));
            seen += count;
        }

        return EndOf(BucketCount).TotalMilliseconds;
    }

    // Places of one kind are two apart.
    private int Nearest(int place)
    {
        for (var away = 0; away <= PromptTokens.Length * 2; away += 2)
        {
            if (place - away >= 0 && Count(place - away, BucketCount) >= SamplesMin)
                return place - away;
            if (place + away < PlaceCount && Count(place + away, BucketCount) >= SamplesMin)
                return place + away;
        }

        return place;
    }

    private static TimeSpan EndOf(int bucket) => TimeSpan.FromMilliseconds(FirstMs * Math.Pow(Growth, bucket));

    private static int BucketOf(long milliseconds) => milliseconds <= FirstMs ? 0 : Math.Min((int)(Math.Log(milliseconds / FirstMs) / LogGrowth) + 1, BucketCount - 1);

    private static int Place(bool isStream, long promptTokens)
    {
        var length = 0;
        while (length < PromptTokens.Length && promptTokens > PromptTokens[length])
            length++;
        return (length * 2) + (isStream ? 1 : 0);
    }
}
