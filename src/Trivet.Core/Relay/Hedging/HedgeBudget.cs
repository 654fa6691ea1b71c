using Trivet.Core.Routing;

namespace Trivet.Core.Relay.Hedging;

/// <summary>
/// How many hedges a route may still begin: a share of its requests, and so much money a day. What a hedge may cost is taken before it begins and corrected when
/// it has ended, so that many at once do not spend more than there is. Of this process alone. Safe for concurrent use.
/// </summary>
internal sealed class HedgeBudget
{
    private const long OneHedge = 100;
    private const long EarnedMax = 10 * OneHedge; // a quiet hour pays for no storm
    private const long DayMs = 86_400_000;

    private readonly Lock _gate = new();
    private long _earned;
    private long _day;
    private long _spentNano;

    /// <summary>A request that could be hedged.</summary>
    public void Earn(HedgeConfig config)
    {
        lock (_gate)
            _earned = Math.Min(_earned + config.SharePercent, EarnedMax);
    }

    /// <summary>Takes one hedge that may cost so much, in the budget's currency, at <paramref name="nowMs"/> (Unix milliseconds).</summary>
    public bool TryTake(HedgeConfig config, long worstNano, long nowMs)
    {
        lock (_gate)
        {
            if (nowMs / DayMs is var day && day != _day)
                (_day, _spentNano) = (day, 0);
            if (_earned < OneHedge || worstNano > config.SpendNano - _spentNano)
                return false;
            _earned -= OneHedge;
            _spentNano += worstNano;
            return true;
        }
    }

    /// <summary>It did not begin.</summary>
    public void Return(long worstNano)
    {
        lock (_gate)
            (_earned, _spentNano) = (_earned + OneHedge, _spentNano - worstNano);
    }

    /// <summary>It has ended, and the loser cost so much.</summary>
    public void Settle(long worstNano, long costNano)
    {
        lock (_gate)
            _spentNano += costNano - worstNano;
    }
}
