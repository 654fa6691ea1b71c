using Trivet.Core.Failures;
using Trivet.Core.Snapshots;

namespace Trivet.Core.Relay.Load;

/// <summary>
/// What this process takes on. It sheds early, before memory grows: by how many requests run, by what their bodies take, by how much the heap holds; and takes
/// nothing new while it is being stopped. A request costs two interlocked operations; safe for concurrent use.
/// </summary>
public sealed class LoadGate
{
    /// <summary>A body up to this counts as a request; larger ones also by their size.</summary>
    public const int SmallBodyBytes = 64 * 1024;

    /// <summary>Of the memory, what bodies may take: each is held once, and up to twice more while it is translated.</summary>
    private const int BodyShare = 4;

    private static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan CollectEvery = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly Func<long> _heapBytes;
    private readonly long _bytesAvailable;
    private int _running;
    private long _bodyBytes;
    private long _lookedTimestamp;
    private long _collectedTimestamp;
    private volatile bool _isShort;
    private volatile bool _isStopping;

    /// <summary>One per process.</summary>
    public LoadGate(TimeProvider time)
        : this(time, static () => GC.GetGCMemoryInfo(GCKind.Any).HeapSizeBytes, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes)
    {
    }

    internal LoadGate(TimeProvider time, Func<long> heapBytes, long bytesAvailable)
    {
        (_time, _heapBytes, _bytesAvailable) = (time, heapBytes, bytesAvailable);
        _lookedTimestamp = _collectedTimestamp = time.GetTimestamp();
    }

    /// <summary>Requests that run.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Nothing new is taken.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>From now on nothing new is taken.</summary>
    public void Stop() => _isStopping = true;

    /// <summary>Takes a request on. Null where it is; it then ends with <see cref="Exit"/>.</summary>
    /// <param name="limits">What may be taken on.</param>
    /// <param name="now">The time provider's timestamp.</param>
    public Failure? Enter(LimitsConfig limits, long now)
    {
        if (_isStopping)
            return new Failure(FailureKind.GatewayStopping);
        if (Interlocked.Increment(ref _running) <= limits.ConcurrentMax && !IsShort(limits, now))
            return null;
        Interlocked.Decrement(ref _running);
        return new Failure(FailureKind.GatewayOverloaded);
    }

    /// <summary>It has ended.</summary>
    public void Exit() => Interlocked.Decrement(ref _running);

    /// <summary>Takes so much more of a body on. False where there is no room for it.</summary>
    public bool TryHold(LimitsConfig limits, long bytes)
    {
        var held = Interlocked.Add(ref _bodyBytes, bytes);
        if (held <= MemoryMax(limits) / BodyShare || held == bytes) // one alone is served, however small the machine
            return true;
        Interlocked.Add(ref _bodyBytes, -bytes);
        return false;
    }

    /// <summary>The body is no longer held.</summary>
    public void Release(long bytes) => Interlocked.Add(ref _bodyBytes, -bytes);

    private long MemoryMax(LimitsConfig limits) => limits.MemoryBytesMax ?? _bytesAvailable / 4 * 3;

    // What the last collection left: what is garbage by now is not counted. Where nothing new is taken nothing is allocated, and no collection would come by itself to
    // tell that there is room again.
    private bool IsShort(LimitsConfig limits, long now)
    {
        var looked = Volatile.Read(ref _lookedTimestamp);
        if (_time.GetElapsedTime(looked, now) < LookEvery || Interlocked.CompareExchange(ref _lookedTimestamp, now, looked) != looked)
            return _isShort;
        _isShort = _heapBytes() > MemoryMax(limits);
        if (_isShort && _time.GetElapsedTime(_collectedTimestamp, now) >= CollectEvery)
        {
            _collectedTimestamp = now;
            GC.Collect(GC.MaxGeneration, GCCollectionMode.Forced, blocking: false);
        }

        return _isShort;
    }
}
