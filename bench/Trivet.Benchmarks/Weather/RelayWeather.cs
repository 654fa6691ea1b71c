namespace Trivet.Benchmarks.Weather;

/// <summary>When relays fail: one array a relay, one entry for each ten minutes.</summary>
internal sealed record RelayWeather(IReadOnlyList<string> Names, bool[][] Fails)
{
    public int Slots => Fails[0].Length;

    public double Availability(int relay) => 1 - (Fails[relay].Count(static fails => fails) / (double)Slots);
}

/// <summary>
/// Weather with the statistics of 151 real relays, probed every ten minutes for twelve weeks (EVIDENCE_FACTS §4.1): availability .763, .904, .9875, .9975, .9988 at
/// the 10th, 25th, 50th, 75th and 90th percentile; seven failures in ten last one probe, one in ten 30 minutes and more, one in a hundred 90 and more; a relay that
/// failed ten minutes ago fails with .70 against .072 for any; failures come in bunches; now and then many fail together.
/// </summary>
internal static class WeatherMaker
{
    private const double LongRunMean = 160; // so that all runs together last 3.3 slots, and P(fail | failed before) is 1 - 1/3.3 = .70
    private const int RunsMin = 6; // no single outage is more than this part of a relay's failures

    private const double BunchShare = 0.88; // up times that are the short ones within a bunch: up times have a median of 30 minutes, one in ten is above 370
    private const double BunchUpMean = 4.5;
    private const double FrontChance = 0.001;
    private const int FrontSlotsMax = 6;
    private const double FrontFails = 0.12;

    private static readonly (double Share, double Availability)[] Availabilities = [(0, .5), (.10, .763), (.25, .904), (.50, .9875), (.75, .9975), (.90, .9988), (1, .9995)];

    /// <summary>A draw of so many relays over so many slots.</summary>
    public static RelayWeather Make(int relays, int slots, int seed)
    {
        var random = new Random(seed);
        var fronts = Fronts(slots, random);
        var fails = new bool[relays][];
        for (var i = 0; i < relays; i++)
            fails[i] = Relay(AvailabilityAt(random.NextDouble()), slots, fronts, random);
        return new RelayWeather([.. Enumerable.Range(1, relays).Select(i => $"relay-{i}")], fails);
    }

    private static double AvailabilityAt(double share)
    {
        var above = Array.FindIndex(Availabilities, point => point.Share >= share && point.Share > 0);
        var (from, to) = (Availabilities[above - 1], Availabilities[above]);
        var part = (share - from.Share) / (to.Share - from.Share);
        return 1 - Math.Exp(((1 - part) * Math.Log(1 - from.Availability)) + (part * Math.Log(1 - to.Availability)));
    }

    // As many failures as its availability says, in runs, with up times between them that are short within a bunch.
    private static bool[] Relay(double availability, int slots, bool[] fronts, Random random)
    {
        var fails = new bool[slots];
        var failing = (int)Math.Round((1 - availability) * slots);
        var runs = new List<int>();
        for (var left = failing; left > 0; left -= runs[^1])
            runs.Add(Math.Min(left, Run(random, longest: Math.Max(1, failing / RunsMin))));
        random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(runs));
        var ups = UpTimes(runs.Count + 1, slots - failing, random);
        var slot = 0;
        for (var i = 0; i < runs.Count; i++)
        {
            slot += ups[i];
            for (var run = runs[i]; run > 0 && slot < slots; run--)
                fails[slot++] = true;
        }

        for (slot = 0; slot < slots; slot++)
            fails[slot] |= fronts[slot] && random.NextDouble() < FrontFails;
        return fails;
    }

    private static int[] UpTimes(int count, int slots, Random random)
    {
        var bunched = Math.Min(BunchUpMean, slots / (double)count);
        var shares = new double[count];
        var isLong = new bool[count];
        var (shortSum, longSum) = (0.0, 0.0);
        for (var i = 0; i < count; i++)
        {
            isLong[i] = i == 0 || random.NextDouble() >= BunchShare;
            shares[i] = isLong[i] ? Exponential(1, random) : Math.Max(1, Exponential(bunched, random));
            (shortSum, longSum) = isLong[i] ? (shortSum, longSum + shares[i]) : (shortSum + shares[i], longSum);
        }

        var scale = Math.Max(0, slots - shortSum) / longSum;
        return [.. shares.Select((share, i) => Math.Max(1, (int)(isLong[i] ? share * scale : share)))];
    }

    private static int Run(Random random, int longest) => Math.Min(longest, random.NextDouble() switch
    {
        < .70 => 1,
        < .90 => random.Next(2, 5),
        < .99 => random.Next(5, 11),
        _ => 11 + (int)Exponential(LongRunMean - 11, random),
    });

    private static bool[] Fronts(int slots, Random random)
    {
        var fronts = new bool[slots];
        for (var slot = 0; slot < slots; slot++)
        {
            if (random.NextDouble() >= FrontChance)
                continue;
            for (var end = slot + random.Next(1, FrontSlotsMax + 1); slot < end && slot < slots; slot++)
                fronts[slot] = true;
        }

        return fronts;
    }

    private static double Exponential(double mean, Random random) => -mean * Math.Log(1 - random.NextDouble());
}
