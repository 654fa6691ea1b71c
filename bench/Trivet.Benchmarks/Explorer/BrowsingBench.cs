using System.Diagnostics;
using Trivet.Benchmarks.Load;
using Trivet.Benchmarks.Measure;

namespace Trivet.Benchmarks.Explorer;

/// <summary>
/// What somebody who browses does to requests that pass through beside: the same requests at the same pace, alone and while every page is opened in turn, a new one every few seconds, and while another process needs a processor as long and as often. Requests are sent when they are due, whatever the ones before
/// do, and the wait for a free connection counts: what had to wait is not left out.
/// </summary>
internal sealed class BrowsingBench(ExplorerSite site, ExplorerOptions options)
{
    private const int Connections = 64;
    private const int QuietPasses = 3;
    private const int WarmUpSeconds = 2;

    private static readonly TimeSpan WarmUpMax = TimeSpan.FromMinutes(5);

    private readonly Scenario _scenario = Scenarios.Make().Single(scenario => scenario.Name == "plain");
    private readonly List<TimeSpan> _pageTimes = [];
    private int _page;

    public async Task RunAsync()
    {
        await WarmUpAsync();
        var alone = new List<(double P50, double P99)>();
        var beside = new List<(double P50, double P99)>();
        var besideWork = new List<(double P50, double P99)>();
        for (var round = 0; round < options.Rounds; round++)
        {
            // By turns first and second, so that what drifts hits both.
            if (round % 2 == 0)
                alone.Add(await RelayAsync(options.Seconds));
            beside.Add(await BesideAsync(BrowseAsync));
            besideWork.Add(await BesideAsync(WorkAsync));
            if (round % 2 == 1)
                alone.Add(await RelayAsync(options.Seconds));
        }

        Console.WriteLine($"relay, {options.Rate} requests/s, {options.Rounds} rounds of {options.Seconds} s, a page every {options.Think} s: p50 and p99 in ms, and the p99 in p99s alone of the same round");
        Print("alone", alone, alone);
        Print("beside who browses", beside, alone);
        Print("beside another process", besideWork, alone);
    }

    // A server runs for weeks; while pages are new to it, compiling them takes a processor for longer than making them does.
    private async Task WarmUpAsync()
    {
        var clock = Stopwatch.StartNew();
        for (var quiet = 0; quiet < QuietPasses && clock.Elapsed < WarmUpMax;)
        {
            var (cpuBefore, jitBefore) = (ProcessCpu.ReadNs(site.Server.Pids), JitCpu.ReadNs(site.Server.Pid));
            var relay = RelayAsync(WarmUpSeconds);
            foreach (var (_, path) in site.Pages)
                await site.GetAsync(path);
            await relay;
            var jitShare = (JitCpu.ReadNs(site.Server.Pid) - jitBefore) / (double)(ProcessCpu.ReadNs(site.Server.Pids) - cpuBefore);
            quiet = jitShare < LoadBench.JitShareMax ? quiet + 1 : 0;
        }

        Console.WriteLine($"warm after {clock.Elapsed.TotalSeconds:0} s");
    }

    private static void Print(string name, List<(double P50, double P99)> rounds, List<(double P50, double P99)> alone)
    {
        var ratios = alone.Zip(rounds, (one, other) => other.P99 / one.P99).Order().ToArray();
        Console.WriteLine($"  {name,-24}{Median(rounds, one => one.P50),8:N2}{Median(rounds, one => one.P99),8:N2}{ratios[ratios.Length / 2],8:N2} ({ratios[0]:N2}-{ratios[^1]:N2})");
    }

    private static double Median(List<(double P50, double P99)> rounds, Func<(double P50, double P99), double> what) => rounds.Select(what).Order().ElementAt(rounds.Count / 2);

    private async Task<(double P50, double P99)> BesideAsync(Func<CancellationToken, Task> what)
    {
        using var over = new CancellationTokenSource();
        var busy = Task.Run(() => what(over.Token));
        var times = await RelayAsync(options.Seconds);
        await over.CancelAsync();
        await busy;
        return times;
    }

    private Task BrowseAsync(CancellationToken over) => EachAsync(
        async () =>
        {
            var start = Stopwatch.GetTimestamp();
            await site.GetAsync(site.Pages[_page++ % site.Pages.Count].Path);
            _pageTimes.Add(Stopwatch.GetElapsedTime(start));
        },
        over);

    // What any other program of the same machine does to the relay that needs a processor as long, and as often.
    private Task WorkAsync(CancellationToken over)
    {
        var turn = 0;
        return EachAsync(
            () =>
            {
                var start = Stopwatch.GetTimestamp();
                var length = _pageTimes[turn++ % _pageTimes.Count];
                while (Stopwatch.GetElapsedTime(start) < length)
                    Thread.SpinWait(50);
                return Task.CompletedTask;
            },
            over);
    }

    private async Task EachAsync(Func<Task> what, CancellationToken over)
    {
        using var clock = new PeriodicTimer(TimeSpan.FromSeconds(options.Think));
        try
        {
            while (await clock.WaitForNextTickAsync(over))
                await what();
        }
        catch (OperationCanceledException)
        {
            // The round is over.
        }
    }

    private async Task<(double P50, double P99)> RelayAsync(int seconds)
    {
        var free = new Stack<HttpConnection>();
        for (var i = 0; i < Connections; i++)
        {
            var connection = new HttpConnection(site.Server.EndPoint);
            await connection.ConnectAsync();
            free.Push(connection);
        }

        var count = options.Rate * seconds;
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
