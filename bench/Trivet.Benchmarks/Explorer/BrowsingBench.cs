using System.Diagnostics;
using Trivet.Benchmarks.Load;

namespace Trivet.Benchmarks.Explorer;

/// <summary>
/// What somebody who browses does to requests that pass through beside: the same requests at the same pace, alone and while every page is opened, a new one each second. Requests are sent when they are due, whatever the ones before
/// do, and the wait for a free connection counts: what had to wait is not left out.
/// </summary>
internal sealed class BrowsingBench(ExplorerSite site, ExplorerOptions options)
{
    private const int Connections = 64;

    private static readonly TimeSpan Think = TimeSpan.FromSeconds(1);

    private readonly Scenario _scenario = Scenarios.Make().Single(scenario => scenario.Name == "plain");
    private int _page;

    public async Task RunAsync()
    {
        await RelayAsync(); // the JIT has seen it then
        var alone = new List<(double P50, double P99)>();
        var beside = new List<(double P50, double P99)>();
        for (var round = 0; round < options.Rounds; round++)
        {
            // By turns first and second, so that what drifts hits both.
            if (round % 2 == 0)
                alone.Add(await RelayAsync());
            beside.Add(await BesideAsync());
            if (round % 2 == 1)
                alone.Add(await RelayAsync());
        }

        Console.WriteLine($"relay, {options.Rate} requests/s, {options.Rounds} rounds of {options.Seconds} s: p50 and p99 in ms");
        Console.WriteLine($"  alone                {Median(alone, one => one.P50),8:N2}{Median(alone, one => one.P99),8:N2}");
        Console.WriteLine($"  beside who browses   {Median(beside, one => one.P50),8:N2}{Median(beside, one => one.P99),8:N2}");
        var ratios = alone.Zip(beside, (one, other) => other.P99 / one.P99).Order().ToArray();
        Console.WriteLine($"  p99 beside / alone, of the same round: median {ratios[ratios.Length / 2]:N2} ({ratios[0]:N2}-{ratios[^1]:N2})");
    }

    private static double Median(List<(double P50, double P99)> rounds, Func<(double P50, double P99), double> what) => rounds.Select(what).Order().ElementAt(rounds.Count / 2);

    private async Task<(double P50, double P99)> BesideAsync()
    {
        using var over = new CancellationTokenSource();
        var browsing = Task.Run(() => BrowseAsync(over.Token));
        var times = await RelayAsync();
        await over.CancelAsync();
        await browsing;
        return times;
    }

    private async Task BrowseAsync(CancellationToken over)
    {
        using var clock = new PeriodicTimer(Think);
        try
        {
            while (await clock.WaitForNextTickAsync(over))
                await site.GetAsync(site.Pages[_page++ % site.Pages.Count].Path);
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private async Task<(double P50, double P99)> RelayAsync()
    {
        var free = new Stack<HttpConnection>();
        for (var i = 0; i < Connections; i++)
        {
            var connection = new HttpConnection(site.Server.EndPoint);
            await connection.ConnectAsync();
            free.Push(connection);
        }

        var count = options.Rate * options.Seconds;
        var latencies = new long[count];
        var pending = new Task[count];
        using var turns = new SemaphoreSlim(Connections);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            var due = start + (i * Stopwatch.Frequency / options.Rate);
            while (Stopwatch.GetTimestamp() < due)
                await Task.Delay(1);
            pending[i] = AskAsync(i, Stopwatch.GetTimestamp());
        }

        await Task.WhenAll(pending);
        while (free.TryPop(out var connection))
            connection.Dispose();
        site.Server.ThrowIfEnded();
        Array.Sort(latencies);
        return (Ms(latencies[count / 2]), Ms(latencies[count * 99 / 100]));

        async Task AskAsync(int i, long began)
        {
            await Task.Yield();
            await turns.WaitAsync();
            HttpConnection connection;
            lock (free)
                connection = free.Pop();
            _scenario.Check.Verify(await connection.ExchangeAsync(_scenario.Request));
            latencies[i] = Stopwatch.GetTimestamp() - began;
            lock (free)
                free.Push(connection);
            turns.Release();
        }
    }

    private static double Ms(long ticks) => ticks * 1000.0 / Stopwatch.Frequency;
}
