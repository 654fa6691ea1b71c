namespace Trivet.Benchmarks.Weather;

/// <summary>One after the other.</summary>
internal sealed class RoundRobin(int relays) : IWeatherPolicy
{
    public string Name => "round robin";

    public (int First, int Second) Choose(int slot) => (slot % relays, (slot + 1) % relays);

    public void Tell(int relay, int slot, bool isWell)
    {
        // It does not learn.
    }
}

/// <summary>The relay that was best over the whole time, which nobody knows beforehand.</summary>
internal sealed class StaticBest(RelayWeather weather) : IWeatherPolicy
{
    private readonly int[] _order = [.. Enumerable.Range(0, weather.Fails.Length).OrderByDescending(weather.Availability)];

    public string Name => "best static in hindsight";

    public (int First, int Second) Choose(int slot) => (_order[0], _order[1]);

    public void Tell(int relay, int slot, bool isWell)
    {
        // It knows all.
    }
}

/// <summary>Stays while it goes well and takes the next when it does not.</summary>
internal sealed class WinStay(int relays) : IWeatherPolicy
{
    private int _current;

    public string Name => "win-stay/lose-shift";

    public (int First, int Second) Choose(int slot) => (_current, (_current + 1) % relays);

    public void Tell(int relay, int slot, bool isWell)
    {
        if (!isWell && relay == _current)
            _current = (_current + 1) % relays;
    }
}

/// <summary>The lowest moving average of failures, the first of equals. As EVIDENCE_FACTS §4.2 has it: what shows whether this weather is like the real one.</summary>
internal sealed class MovingAverage(int relays, double weight) : IWeatherPolicy
{
    private readonly double[] _failures = new double[relays];

    public string Name => FormattableString.Invariant($"moving average {weight}");

    public (int First, int Second) Choose(int slot)
    {
        var order = Enumerable.Range(0, relays).OrderBy(relay => _failures[relay]).ToList();
        return (order[0], order[1]);
    }

    public void Tell(int relay, int slot, bool isWell) => _failures[relay] += weight * ((isWell ? 0 : 1) - _failures[relay]);
}

/// <summary>The lowest share of failures so far.</summary>
internal sealed class RunningMean(int relays) : IWeatherPolicy
{
    private readonly int[] _failures = new int[relays];
    private readonly int[] _asked = new int[relays];

    public string Name => "running mean";

    public (int First, int Second) Choose(int slot)
    {
        var order = Enumerable.Range(0, relays).OrderBy(relay => _failures[relay] / Math.Max(1.0, _asked[relay])).ToList();
        return (order[0], order[1]);
    }

    public void Tell(int relay, int slot, bool isWell)
    {
        _asked[relay]++;
        _failures[relay] += isWell ? 0 : 1;
    }
}
