namespace Trivet.Benchmarks.Evidence;

/// <summary>
/// A month of a made-up market of upstreams that sell one model: prices that move every few days, quality that drops for hours to days (a cheaper model is served) and comes back, outages of minutes to hours, failures in
/// between, tokens that are counted too high. The truth is known, so that regret can be told; minute by minute.
/// </summary>
internal sealed class MarketDraw
{
    public const int Offerings = 12;
    public const int Days = 30;
    public const int Minutes = Days * 24 * 60;

    private readonly double[][] _price = new double[Offerings][];
    private readonly double[][] _quality = new double[Offerings][];
    private readonly bool[][] _isOut = new bool[Offerings][];

    public MarketDraw(int seed)
    {
        var random = new Random(seed);
        for (var i = 0; i < Offerings; i++)
        {
            Inflation[i] = random.Next(4) == 0 ? 1.1 + (0.3 * random.NextDouble()) : 1;
            FailureShare[i] = i % 6 == 5 ? 0.08 : 0.002 + (0.01 * random.NextDouble()); // two of twelve fail more often than the floor allows
            _price[i] = Prices(random);
            _quality[i] = Qualities(random, i % 4 == 3 ? 0.8 : 0.95 + (0.045 * random.NextDouble())); // three are never good enough
            _isOut[i] = Outages(random);
        }
    }

    /// <summary>Tokens that are billed for one of the prompt.</summary>
    public double[] Inflation { get; } = new double[Offerings];

    /// <summary>Attempts that fail while it is not out.</summary>
    public double[] FailureShare { get; } = new double[Offerings];

    public double Price(int offering, int minute) => _price[offering][minute];

    public double Quality(int offering, int minute) => _quality[offering][minute];

    public bool IsOut(int offering, int minute) => _isOut[offering][minute];

    private static double[] Prices(Random random)
    {
        var prices = new double[Minutes];
        var price = 0.7 + (1.3 * random.NextDouble());
        for (var minute = 0; minute < Minutes; minute++)
        {
            if (random.NextDouble() < 1.0 / (4 * 24 * 60))
                price = Math.Clamp(price * Math.Exp((random.NextDouble() - 0.5) * 0.5), 0.5, 3);
            prices[minute] = price;
        }

        return prices;
    }

    private static double[] Qualities(Random random, double usual)
    {
        var qualities = new double[Minutes];
        var (until, fallen) = (0, 0.0);
        for (var minute = 0; minute < Minutes; minute++)
        {
            if (minute >= until && random.NextDouble() < 1.0 / (10 * 24 * 60))
                (until, fallen) = (minute + (6 * 60) + random.Next(3 * 24 * 60), 0.45 + (0.3 * random.NextDouble()));
            qualities[minute] = minute < until ? Math.Min(fallen, usual) : usual;
        }

        return qualities;
    }

    private static bool[] Outages(Random random)
    {
        var outages = new bool[Minutes];
        var until = 0;
        for (var minute = 0; minute < Minutes; minute++)
        {
            if (minute >= until && random.NextDouble() < 1.0 / (6 * 24 * 60))
                until = minute + 3 + (int)(-Math.Log(1 - random.NextDouble()) * 30);
            outages[minute] = minute < until;
        }

        return outages;
    }
}
