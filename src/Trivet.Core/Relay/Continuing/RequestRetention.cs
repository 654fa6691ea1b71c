namespace Trivet.Core.Relay.Continuing;

/// <summary>How much of the process's memory may go to requests that are kept while their answers stream, in case an answer breaks off. Beyond it answers are not continued.</summary>
internal sealed class RequestRetention
{
    private const long BytesMax = 256L << 20;

    private long _bytes;

    /// <summary>Takes room for a request; false where there is none.</summary>
    public bool TryTake(long bytes)
    {
        if (Interlocked.Add(ref _bytes, bytes) <= BytesMax)
            return true;
        Interlocked.Add(ref _bytes, -bytes);
        return false;
    }

    /// <summary>Gives room back.</summary>
    public void Return(long bytes) => Interlocked.Add(ref _bytes, -bytes);
}
