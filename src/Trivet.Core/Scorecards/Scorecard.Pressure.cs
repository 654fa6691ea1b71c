using Trivet.Core.Scorecards.Checks;
using Trivet.Core.Scorecards.Warnings;

namespace Trivet.Core.Scorecards;

/// <content>What the early warning looks at: plain counts of this process, which do not fade.</content>
public sealed partial class Scorecard
{
    private const int LimitsMax = 64;
    private const double ShrunkShare = 0.8;
    private const long LimitsEveryMs = 10_000;

    private readonly Dictionary<(string Model, string Meter), ToldLimit> _limits = [];
    private ShrunkLimit? _shrunk;
    private PressureCounts _pressure;
    private long _limitsReadMs;

    /// <summary>The vendor that it belongs to; empty until something was asked.</summary>
    internal string Vendor { get; set; } = "";

    /// <summary>The counts.</summary>
    internal PressureCounts Pressure
    {
        get
        {
            lock (_gate)
                return _pressure;
        }
    }

    /// <summary>Whether the limits that an answer's headers tell are to be read: now and then, because they hardly change.</summary>
    internal bool TakesLimits(long nowMs)
    {
        var last = Volatile.Read(ref _limitsReadMs);
        return nowMs - last >= LimitsEveryMs && Interlocked.CompareExchange(ref _limitsReadMs, nowMs, last) == last;
    }

    /// <summary>The vendor said what its limit is. One that is a fifth lower than it was, and said so twice, has shrunk.</summary>
    internal void NoteLimit(string model, string meter, double limit)
    {
        lock (_gate)
        {
            if (!_limits.TryGetValue((model, meter), out var told))
            {
                if (_limits.Count < LimitsMax)
                    _limits[(model, meter)] = new ToldLimit(limit, 0);
                return;
            }

            var isLower = limit < ShrunkShare * told.Highest;
            if (isLower && told.LowerSeen > 0)
            {
                _shrunk = new ShrunkLimit(model, meter, told.Highest, limit);
                _limits[(model, meter)] = new ToldLimit(limit, 0);
                return;
            }

            _limits[(model, meter)] = new ToldLimit(Math.Max(told.Highest, limit), isLower ? 1 : 0);
        }
    }

    /// <summary>The limit that has shrunk since this was last asked; null for none.</summary>
    internal ShrunkLimit? TakeShrunkLimit()
    {
        lock (_gate)
        {
            var shrunk = _shrunk;
            _shrunk = null;
            return shrunk;
        }
    }

    private void Press(in AttemptSample sample)
    {
        if (sample.Outcome == AttemptOutcomeKind.Neutral)
            return;
        _pressure.Attempts++;
        if (sample.Outcome == AttemptOutcomeKind.Limited && !sample.IsChallenged)
            _pressure.Limited++;
        else if (sample.Outcome == AttemptOutcomeKind.Refused || sample.IsChallenged)
            _pressure.Refused++;
    }

    private void Press(in CheckFindings findings)
    {
        if (!findings.IsWhole)
            return;
        _pressure.Checked++;
        if (findings.Has(CheckKind.Refusal))
            _pressure.RefusedAnswers++;
    }

    private readonly record struct ToldLimit(double Highest, int LowerSeen);
}

/// <summary>Plain counts of this process.</summary>
internal struct PressureCounts
{
    public long Attempts;
    public long Limited;
    public long Refused;
    public long Checked;
    public long RefusedAnswers;
}
