using System.Net.Sockets;
using Trivet.Benchmarks.Load;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Streams;

/// <summary>Streams that are held open and read, never to their end.</summary>
internal sealed class OpenStreams : IAsyncDisposable
{
    private const int OpenAtOnce = 50;

    private readonly Target _target;
    private readonly HttpConnection[] _connections;
    private readonly long[] _reads;
    private readonly List<Task> _loops = [];

    private OpenStreams(Target target, int count)
    {
        _target = target;
        _connections = new HttpConnection[count];
        _reads = new long[count];
    }

    public static async Task<OpenStreams> OpenAsync(Target target, int count)
    {
        var streams = new OpenStreams(target, count);
        var request = Scenarios.SlowStreamRequest();
        try
        {
            await Parallel.ForAsync(0, count, new ParallelOptions { MaxDegreeOfParallelism = OpenAtOnce }, async (i, _) =>
            {
                var connection = streams._connections[i] = new HttpConnection(target.EndPoint, 4096);
                await connection.ConnectAsync();
                var (status, length) = await connection.BeginAsync(request);
                if (status != 200 || length is not null)
                    throw new BenchFailedException($"a slow stream through {target.Name} was answered with status {status} and length {length}. {target.Said()}");
            });
        }
        catch (Exception e) when (e is SocketException or EndOfStreamException)
        {
            await streams.DisposeAsync();
            target.ThrowIfEnded();
            throw new BenchFailedException($"{target.Name} does not hold {count} streams: {e.Message} {target.Said()}");
        }
        for (var i = 0; i < count; i++)
            streams._loops.Add(streams.ReadAsync(i));
        return streams;
    }

    /// <summary>Throws unless every stream gets something within three seconds.</summary>
    public async Task VerifyAllFlowAsync()
    {
        long[] before = [.. _reads];
        await Task.Delay(TimeSpan.FromSeconds(3));
        var still = before.Where((reads, i) => Volatile.Read(ref _reads[i]) == reads).Count();
        if (still > 0)
            throw new BenchFailedException($"{still} of {_reads.Length} streams through {_target.Name} have stopped. {_target.Said()}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            connection?.Dispose();
        await Task.WhenAll(_loops);
    }

    private async Task ReadAsync(int i)
    {
        try
        {
            while (await _connections[i].ReceiveAndForgetAsync() > 0)
                Interlocked.Increment(ref _reads[i]);
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Closed by us, or by the target: then it no longer flows, and the check says so.
        }
    }
}
