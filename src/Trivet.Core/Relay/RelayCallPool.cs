using System.Collections.Concurrent;

namespace Trivet.Core.Relay;

/// <summary>Calls to be used again. Bounded, so that a burst does not stay in memory. It knows those that are in use as well, at no cost to any of them.</summary>
internal sealed class RelayCallPool
{
    private const int KeptMax = 256;

    private readonly ConcurrentQueue<RelayCall> _calls = new();
    private readonly HashSet<RelayCall> _all = [];
    private int _count;

    public RelayCall Rent()
    {
        if (!_calls.TryDequeue(out var call))
            return Make();
        Interlocked.Decrement(ref _count);
        return call;
    }

    public void Return(RelayCall call)
    {
        call.Reset();
        if (Interlocked.Increment(ref _count) <= KeptMax)
        {
            _calls.Enqueue(call);
            return;
        }

        Interlocked.Decrement(ref _count);
        lock (_all)
            _all.Remove(call);
        call.Dispose();
    }

    /// <summary>Stops all that run.</summary>
    public void StopAll()
    {
        lock (_all)
        {
            foreach (var call in _all)
                call.Stop();
        }
    }

    private RelayCall Make()
    {
        var call = new RelayCall();
        lock (_all)
            _all.Add(call);
        return call;
    }
}
