namespace Trivet.Core.Upstreams;

/// <summary>
/// How many retries one upstream may get: a fraction of its requests of the last seconds, and a floor. Without it every failure of an upstream that is down
/// comes back as two or three requests more, and what was overloaded stays so. Thousandths of a retry; safe for concurrent use.
/// </summary>
public sealed class RetryBudget(TimeProvider time)
{
    private const long OneRetry = 1000;
    private const long WindowMs = 10_000;

    private readonly Lock _gate = new();
    private long _earned;
    private long _windowStart = time.GetTimestamp();
    private long _floorUsed;

    /// <summary>A request, not a retry, was sent.</summary>
    public void Earn(int percent) => Interlocked.Add(ref _earned, percent * OneRetry / 100);

    /// <summary>Whether one retry more may be sent; if so it is counted.</summary>
    public bool TryTake(int floor)
    {
        lock (_gate)
        {
            // What was earned halves with every window, so that a quiet hour of traffic pays for no storm.
            var windows = (long)time.GetElapsedTime(_windowStart).TotalMilliseconds / WindowMs;
            if (windows > 0)
            {
                (_windowStart, _floorUsed) = (time.GetTimestamp(), 0);
                Interlocked.Exchange(ref _earned, Volatile.Read(ref _earned) >> (int)Math.Min(windows, 62));
            }

            if (_floorUsed < floor)
            {
                _floorUsed++;
                return true;
            }

            if (Volatile.Read(ref _earned) < OneRetry)
                return false;
            Interlocked.Add(ref _earned, -OneRetry);
            return true;
        }
    }
}
