namespace Trivet.Core.Scorecards.Warnings;

/// <summary>
/// Whether minutes in which an upstream holds somebody back have become more frequent than they were. Minutes, because limits and refusals come in bursts and single attempts say the same
/// thing many times; and given the minute before, because a burst that runs into the next minute is no news. The statistic is a Shiryaev–Roberts e-detector: each minute multiplies by its likelihood
/// ratio, an e-value as long as tight minutes are no likelier than the baseline says. Then on average it takes at least <see cref="Threshold"/> minutes with traffic until a false alarm. Not thread-safe.
/// </summary>
internal sealed class TightMinutes(double priorShare, double priorAfterTight)
{
    /// <summary>So many minutes with traffic pass between two false alarms, on average, at least: 69 days without a pause.</summary>
    public const double Threshold = 100_000;

    /// <summary>How many minutes the prior is worth.</summary>
    private const double PriorMinutes = 20;

    /// <summary>The baseline's memory, in minutes with traffic: long against any alarm, so that what rises does not become the baseline while it is looked at.</summary>
    private const double Memory = 2_000;

    /// <summary>What is learned from few minutes may be too low by chance: it is taken for half as much again.</summary>
    private const double Caution = 1.5;
    private const double BaselineMin = 0.005;
    private const double BaselineMax = 0.6;
    private const double RaisedMin = 0.5;
    private const double RaisedMax = 0.95;

    private readonly double[] _tight = new double[2];
    private readonly double[] _minutes = new double[2];
    private bool _wasTight;

    /// <summary>The statistic.</summary>
    public double Evidence { get; private set; }

    /// <summary>How many of the last minutes in a row, or nearly, were tight: since the statistic last was at nothing.</summary>
    public int TightSince { get; private set; }

    /// <summary>It has reached the threshold.</summary>
    public bool IsAlarmed => Evidence >= Threshold;

    /// <summary>How often a minute is tight after one that was not, by what was seen.</summary>
    public double Baseline => BaselineAfter(0);

    /// <summary>A minute is over.</summary>
    public void Close(bool isTight)
    {
        var before = _wasTight ? 1 : 0;
        var p0 = BaselineAfter(before);
        var p1 = Math.Clamp(4 * p0, Math.Max(RaisedMin, (1 + p0) / 2), RaisedMax);
        Evidence = (Evidence + 1) * (isTight ? p1 / p0 : (1 - p1) / (1 - p0));
        TightSince = isTight ? TightSince + 1 : Evidence < 1 ? 0 : TightSince;
        var keep = 1 - (1 / Memory);
        _minutes[before] = (_minutes[before] * keep) + 1;
        _tight[before] = (_tight[before] * keep) + (isTight ? 1 : 0);
        _wasTight = isTight;
    }

    /// <summary>The alarm is over: what comes now is looked at from the beginning.</summary>
    public void Restart() => (Evidence, TightSince) = (0, 0);

    private double BaselineAfter(int state)
    {
        var prior = state == 0 ? priorShare : priorAfterTight;
        var share = ((prior * PriorMinutes) + _tight[state]) / (PriorMinutes + _minutes[state]);
        return Math.Clamp(share * Caution, BaselineMin, BaselineMax);
    }
}
