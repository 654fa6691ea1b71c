using System.Diagnostics.Metrics;
using Trivet.Core.Failures;

namespace Trivet.Core.Diagnostics;

/// <summary>What this node has served lately, as people watch it.</summary>
/// <param name="PerSecond">Requests that ended in each of the last seconds, the oldest first; the second that runs is not among them.</param>
/// <param name="Requests">How many ended within the last five minutes.</param>
/// <param name="Failed">Those of them that failed by no fault of the client's.</param>
/// <param name="FirstContentP50">The median time to the first content of attempts in five minutes, rounded up to a bucket; null where there were none.</param>
/// <param name="FirstContentP95">The time within which nineteen of twenty began.</param>
/// <param name="HourRequests">How many ended within the last hour.</param>
/// <param name="HourFailed">Those that failed by no fault of the client's.</param>
public sealed record LiveReading(
    IReadOnlyList<double?> PerSecond, long Requests, long Failed, TimeSpan? FirstContentP50, TimeSpan? FirstContentP95, long HourRequests, long HourFailed)
{
    /// <summary>How many times as fast as it may the last hour used up an error budget: 1 uses it up exactly by the end of its period. Null without requests.</summary>
    public double? Burn(double target) => HourRequests == 0 ? null : (double)HourFailed / HourRequests / (1 - target);
}

/// <summary>Listens to Trivet's own meter and remembers the last hour in rings of seconds and minutes. Of this node and since its start: the books know the rest. Safe for concurrent use.</summary>
public sealed class LiveBoard : IDisposable
{
    /// <summary>How many seconds are shown.</summary>
    public const int SecondsShown = 90;

    private const int Seconds = 300;
    private const int Minutes = 60;
    private const int FirstSeconds = 10;
    private const int FirstSlots = 30; // five minutes
    private const int BucketCount = 48; // 5 ms to three minutes
    private const double FirstMs = 5;
    private const double Growth = 1.25;

    private static readonly double LogGrowth = Math.Log(Growth);

    // Whoever asked wrongly, or left, says nothing of us.
    private static readonly HashSet<string> OurFaults =
        [.. FailureTable.Rows.Where(rule => rule.Fault is FaultSide.Upstream or FaultSide.Gateway or FaultSide.Operator).Select(rule => rule.Code)];

    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly Slot[] _seconds = new Slot[Seconds];
    private readonly Slot[] _minutes = new Slot[Minutes];
    private readonly long[] _firstAt = new long[FirstSlots];
    private readonly int[,] _firsts = new int[FirstSlots, BucketCount];

    /// <summary>Starts to listen.</summary>
    public LiveBoard(TimeProvider time)
        : this(time, null)
    {
    }

    /// <summary>The same for one meter of several in a process.</summary>
    internal LiveBoard(TimeProvider time, Meter? only)
    {
        _time = time;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == TrivetMetrics.MeterName && (only is null || instrument.Meter == only) && instrument.Name is "trivet.requests" or "gen_ai.server.time_to_first_token")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, _, tags, _) => RequestEnded(tags));
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => FirstContent(seconds * 1000));
        _listener.Start();
    }

    /// <summary>What stands now.</summary>
    public LiveReading Read()
    {
        var now = Second();
        lock (_gate)
        {
            var perSecond = new double?[SecondsShown];
            for (var i = 0; i < SecondsShown; i++)
            {
                var at = now - SecondsShown + i;
                perSecond[i] = _seconds[at % Seconds] is var slot && slot.At == at ? slot.Requests : 0;
            }

            var (requests, failed) = Sum(_seconds, now - Seconds);
            var (hour, hourFailed) = Sum(_minutes, (now / 60) - Minutes);
            var firsts = new int[BucketCount];
            for (var slot = 0; slot < FirstSlots; slot++)
            {
                for (var bucket = 0; bucket < BucketCount && _firstAt[slot] > (now / FirstSeconds) - FirstSlots; bucket++)
                    firsts[bucket] += _firsts[slot, bucket];
            }

            return new LiveReading(perSecond, requests, failed, Quantile(firsts, 0.5), Quantile(firsts, 0.95), hour, hourFailed);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _listener.Dispose();

    private long Second() => _time.GetUtcNow().ToUnixTimeSeconds();

    private void RequestEnded(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var isOurFault = false;
        foreach (var tag in tags)
        {
            if (tag.Key == "outcome")
                isOurFault = tag.Value is string outcome && OurFaults.Contains(outcome);
        }

        var now = Second();
        lock (_gate)
        {
            Count(_seconds, now, isOurFault);
            Count(_minutes, now / 60, isOurFault);
        }
    }

    private void FirstContent(double milliseconds)
    {
        var at = Second() / FirstSeconds;
        var slot = at % FirstSlots;
        var bucket = milliseconds <= FirstMs ? 0 : Math.Min((int)(Math.Log(milliseconds / FirstMs) / LogGrowth) + 1, BucketCount - 1);
        lock (_gate)
        {
            if (_firstAt[slot] != at)
            {
                _firstAt[slot] = at;
                for (var i = 0; i < BucketCount; i++)
                    _firsts[slot, i] = 0;
            }

            _firsts[slot, bucket]++;
        }
    }

    private static void Count(Slot[] ring, long at, bool isOurFault)
    {
        ref var slot = ref ring[at % ring.Length];
        if (slot.At != at)
            slot = new Slot { At = at };
        slot.Requests++;
        if (isOurFault)
            slot.Failed++;
    }

    private static (long Requests, long Failed) Sum(Slot[] ring, long after)
    {
        var (requests, failed) = (0L, 0L);
        foreach (var slot in ring)
        {
            if (slot.At <= after)
                continue;
            requests += slot.Requests;
            failed += slot.Failed;
        }

        return (requests, failed);
    }

    private static TimeSpan? Quantile(int[] counts, double share)
    {
        var wanted = counts.Sum() * share;
        if (wanted <= 0)
            return null;
        var seen = 0;
        for (var i = 0; i < BucketCount; i++)
        {
            seen += counts[i];
            if (seen >= wanted)
                return TimeSpan.FromMilliseconds(FirstMs * Math.Pow(Growth, i));
        }

        return null;
    }

    private struct Slot
    {
        public long At;
        public int Requests;
        public int Failed;
    }
}
