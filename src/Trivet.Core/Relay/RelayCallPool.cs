using System.Collections.Concurrent;

namespace Trivet.Core.Relay;

/// <summary>Calls to be used again. Bounded, so that a burst does not stay in memory.</summary>
internal sealed class RelayCallPool
{
    private const int KeptMax = 256;

    private readonly ConcurrentQueue<RelayCall> _calls = new();
    private int _count;

    public RelayCall Rent()
    {
        if (!_calls.TryDequeue(out var call))
            return new RelayCall();
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
        call.Dispose();
    }
}
