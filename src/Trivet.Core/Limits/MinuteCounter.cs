namespace Trivet.Core.Limits;

/// <summary>
/// Counts units (requests, tokens) against a limit per minute. Two windows of a minute are kept, and the older one counts with the part of it that lies within the last sixty seconds: exact in the
/// first minute, and no burst of twice the limit at the turn of one. In memory, of this node alone.
/// </summary>
internal sealed class MinuteCounter(long limit, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _window = time.TimestampFrequency * 60;
    private long _start;
    private long _previous;
    private long _current;

    public long Limit => limit;

    /// <summary>Counts, if that stays within the limit. A single request larger than the limit is let through when nothing else was counted: it could never be, else.</summary>
    /// <param name="units">How many.</param>
    /// <param name="wait">How long until there is room, where there is none.</param>
    public bool TryTake(long units, out TimeSpan wait)
    {
        lock (_gate)
        {
            var now = Turn();
            var used = Used(now);
            wait = TimeSpan.Zero;
            if (used + units <= limit || used == 0)
            {
                _current += units;
                return true;
            }

            wait = TimeSpan.FromSeconds(Math.Max(1, Math.Ceiling((double)TicksUntil(units, now) / time.TimestampFrequency)));
            return false;
        }
    }

    /// <summary>Adds what was used beyond what was counted at first, or takes back.</summary>
    public void Correct(long units)
    {
        lock (_gate)
        {
            Turn();
            _current = Math.Max(0, _current + units);
        }
    }

    /// <summary>What is left now, and when all of it is back if nothing more is counted.</summary>
    public MinuteStanding Look()
    {
        lock (_gate)
        {
            var now = Turn();
            var used = Used(now);

            // What the current window holds fades in the next one.
            var ticks = used == 0 ? 0 : _start + (_current > 0 ? 2 : 1) * _window - now;
            return new MinuteStanding(limit, Math.Max(0, limit - used), TimeSpan.FromSeconds((double)ticks / time.TimestampFrequency), time.GetUtcNow());
        }
    }

    private long Turn()
    {
        var now = time.GetTimestamp();
        var passed = now - _start;
        if (passed >= 2 * _window || _start == 0)
            (_start, _previous, _current) = (now, 0, 0);
        else if (passed >= _window)
            (_start, _previous, _current) = (_start + _window, _current, 0);
        return now;
    }

    private long Used(long now) => _current + (long)((Int128)_previous * (_start + _window - now) / _window);

    // The older window fades evenly. What the current one holds beyond the limit must become the older one first, and fade then.
    private long TicksUntil(long units, long now)
    {
        var room = limit - units - _current;
        var left = _start + _window - now;
        if (room >= 0 && _previous > 0)
            return Math.Max(0, left - (long)((Int128)room * _window / _previous));
        return _current == 0 ? left : left + Math.Max(0, _window - (long)((Int128)Math.Max(0, limit - units) * _window / _current));
    }
}

/// <summary>How a limit per minute stands.</summary>
/// <param name="Limit">Units per minute.</param>
/// <param name="Remaining">What is left of them now.</param>
/// <param name="Reset">How long until all of it is back.</param>
/// <param name="Now">When that was.</param>
internal readonly record struct MinuteStanding(long Limit, long Remaining, TimeSpan Reset, DateTimeOffset Now)
{
    /// <summary>The tightest of several; null where there is none.</summary>
    public static MinuteStanding? Tightest(ReadOnlySpan<MinuteCounter> counters)
    {
        MinuteStanding? tightest = null;
        foreach (var counter in counters)
        {
            var standing = counter.Look();
            if (tightest is null || standing.Remaining < tightest.Value.Remaining)
                tightest = standing;
        }

        return tightest;
    }
}

/// <summary>Counts requests that run at the same time. In memory, of this node alone.</summary>
internal sealed class ConcurrencyCounter(int limit)
{
    private int _count;

    public int Limit => limit;

    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= limit)
            return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    public void Exit() => Interlocked.Decrement(ref _count);
}
