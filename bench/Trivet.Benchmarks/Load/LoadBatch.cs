using System.Diagnostics;
using System.Net.Sockets;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Load;

/// <summary>What the clients saw of one batch. Latencies are of the whole answer.</summary>
internal sealed record BatchTimes(double Seconds, double P50Ms, double P99Ms);

/// <summary>A number of requests over a number of connections, each answer checked; bounded in time, and over at the first wrong answer.</summary>
internal static class LoadBatch
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static async Task<BatchTimes> RunAsync(Target target, Scenario scenario, int requests)
    {
        var connections = new HttpConnection[Math.Min(scenario.Concurrency, requests)];
        var latencies = new long[requests];
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            for (var i = 0; i < connections.Length; i++)
            {
                connections[i] = new HttpConnection(target.EndPoint);
                await connections[i].ConnectAsync();
            }
            // A socket that is closed under it ends a pending read: cheaper than a token on each.
            using var closing = limit.Token.Register(() => Array.ForEach(connections, c => c.Dispose()));
            var next = -1;
            var start = Stopwatch.GetTimestamp();
            await Task.WhenAll(connections.Select(c => Task.Run(() => WorkAsync(c))));
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Array.Sort(latencies);
            return new BatchTimes(seconds, Ms(latencies[requests / 2]), Ms(latencies[requests * 99 / 100]));

            async Task WorkAsync(HttpConnection connection)
            {
                for (int i; (i = Interlocked.Increment(ref next)) < requests;)
                {
                    var sent = Stopwatch.GetTimestamp();
                    scenario.Check.Verify(await connection.ExchangeAsync(scenario.Request));
                    latencies[i] = Stopwatch.GetTimestamp() - sent;
                }
            }
        }
        catch (Exception e) when (e is BenchFailedException or InvalidDataException or EndOfStreamException or SocketException or ObjectDisposedException)
        {
            target.ThrowIfEnded();
            var what = limit.IsCancellationRequested ? $"no end after {Limit.TotalSeconds:0} seconds" : e.Message;
            throw new BenchFailedException($"{scenario.Name} through {target.Name}: {what}\n{target.Said()}");
        }
        finally
        {
            foreach (var connection in connections)
                connection?.Dispose();
        }
    }

    private static double Ms(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
