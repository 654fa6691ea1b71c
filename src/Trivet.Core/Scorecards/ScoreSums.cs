namespace Trivet.Core.Scorecards;

/// <summary>The numbers of a scorecard: sums over attempts that fade, so that those of several nodes, or of before and after a restart, simply add. Not thread-safe.</summary>
internal sealed class ScoreSums
{
    /// <summary>Time is taken in steps of this: within one, nothing fades.</summary>
    private const long StepMs = 1_000;

    private const int Legs = 3;

    private readonly double[] _values = new double[ScoreSlots.Count];
    private readonly long[] _lastMs = new long[Legs];

    /// <summary>As of when the numbers stand, Unix milliseconds; 0 where there are none.</summary>
    public long AsOfMs { get; private set; }

    /// <summary>The numbers of a slot.</summary>
    public Span<double> this[ScoreSlot slot] => _values.AsSpan(slot.At, slot.Length);

    /// <summary>When something of a leg was last noted; 0 for never.</summary>
    public long LastMs(ScoreLeg leg) => _lastMs[(int)leg];

    /// <summary>Lets what is old count less.</summary>
    public void Fade(long nowMs)
    {
        var elapsed = nowMs - AsOfMs;
        if (AsOfMs == 0)
            AsOfMs = nowMs;
        if (elapsed < StepMs)
            return;
        AsOfMs = nowMs;
        var at = 0;
        for (var clock = 0; clock < ScoreSlots.Ends.Length; clock++)
        {
            var keep = Math.Pow(0.5, elapsed / ScoreSlots.HalfLivesMs[clock]);
            for (; at < ScoreSlots.Ends[clock]; at++)
                _values[at] *= keep;
        }
    }

    /// <summary>One sample of a share. The sums stand as of now.</summary>
    public void Note(ScoreSlot slot, bool isHit, long nowMs)
    {
        _values[slot.At + 1]++;
        if (isHit)
            _values[slot.At]++;
        Touch(slot.Leg, nowMs);
    }

    /// <summary>One sample of a ratio.</summary>
    public void Note(ScoreSlot slot, double x, double y, long nowMs)
    {
        var sums = this[slot];
        sums[0]++;
        sums[1] += x;
        sums[2] += y;
        sums[3] += x * x;
        sums[4] += x * y;
        sums[5] += y * y;
        Touch(slot.Leg, nowMs);
    }

    /// <summary>Something of a leg was noted.</summary>
    public void Touch(ScoreLeg leg, long nowMs) => _lastMs[(int)leg] = Math.Max(_lastMs[(int)leg], nowMs);

    /// <summary>Adds another's numbers, as they are worth at <paramref name="nowMs"/>. The other fades to that time too.</summary>
    public void Add(ScoreSums other, long nowMs)
    {
        Fade(nowMs);
        other.Fade(nowMs);
        for (var i = 0; i < _values.Length; i++)
            _values[i] += other._values[i];
        for (var leg = 0; leg < Legs; leg++)
            Touch((ScoreLeg)leg, other._lastMs[leg]);
    }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_values);
        Array.Clear(_lastMs);
    }

    /// <summary>A copy.</summary>
    public ScoreSums Copy()
    {
        var copy = new ScoreSums { AsOfMs = AsOfMs };
        _values.CopyTo(copy._values, 0);
        _lastMs.CopyTo(copy._lastMs, 0);
        return copy;
    }

    /// <summary>Sums as they were kept.</summary>
    public static ScoreSums At(long asOfMs) => new() { AsOfMs = asOfMs };
}
