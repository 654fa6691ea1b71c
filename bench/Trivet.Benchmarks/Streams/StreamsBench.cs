using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Load;
using Trivet.Benchmarks.Measure;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Streams;

/// <summary>Memory that one open stream holds: the difference of two readings, over the number of streams. Null where the target does not say.</summary>
internal sealed record StreamsResult(
    string Target, int Streams, double RssBytesPerStream, double? HeapBytesPerStream, double? CommittedBytesPerStream, MemoryReading Before, MemoryReading After,
    double CpuCores);

/// <summary>Opens many streams of one chunk a second through raw and trivet in turn, and weighs the process before and while they are open.</summary>
internal sealed class StreamsBench(BenchOptions options)
{
    private const int StreamBytesMax = 25_000;
    private const int WarmUpStreams = 300;
    private const int FilesPerStream = 2;       // in the target: one socket to the client, one to the vendor
    private static readonly TimeSpan Settle = TimeSpan.FromSeconds(5);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public async Task<int> RunAsync()
    {
        var openFiles = UnixSignals.RaiseOpenFiles();
        if (openFiles < options.Streams * FilesPerStream + 200)
            throw new BenchFailedException($"{options.Streams} streams need {options.Streams * FilesPerStream + 200} open files; this machine allows {openFiles} (ulimit -Hn).");

        using var metrics = new RuntimeMetrics();
        using var fleet = await TargetFleet.StartAsync(options, TargetNames.Raw, TargetNames.Trivet);
        foreach (var line in fleet.LeftOut)
            Console.WriteLine($"LEFT OUT  {line}");
        Console.WriteLine($"{options.Streams} streams of one chunk a second, read {options.SettleSeconds} s after the last was opened");
        Console.WriteLine($"  {"target",-8} {"RSS B/stream",13} {"heap B/stream",14} {"committed",10} {"RSS MB before",14} {"after",8} {"CPU cores",10}");
        var results = new List<StreamsResult>();
        foreach (var target in fleet.Targets)
        {
            var result = await MeasureAsync(target, metrics);
            results.Add(result);
            Console.WriteLine(
                $"  {result.Target,-8} {result.RssBytesPerStream,13:#,0} {result.HeapBytesPerStream,14:#,0} {result.CommittedBytesPerStream,10:#,0} " +
                $"{result.Before.RssBytes / 1e6,14:0.0} {result.After.RssBytes / 1e6,8:0.0} {result.CpuCores,10:0.000}");
        }
        if (options.JsonFile is not null)
            await File.WriteAllTextAsync(options.JsonFile, JsonSerializer.Serialize(results, Json));
        return options.Assert ? Verdict(results) : 0;
    }

    private static int Verdict(List<StreamsResult> results)
    {
        var trivet = results.Find(r => r.Target == TargetNames.Trivet);
        var holds = trivet?.RssBytesPerStream < StreamBytesMax;
        Console.WriteLine($"{(holds ? "ok    " : "FAILED")}  trivet holds {trivet?.RssBytesPerStream.ToString("#,0", CultureInfo.InvariantCulture) ?? "?"} bytes per stream, allowed {StreamBytesMax:#,0}");
        return holds ? 0 : 1;
    }

    private async Task<StreamsResult> MeasureAsync(Target target, RuntimeMetrics metrics)
    {
        // 1. A process that has been in use: code compiled, pools filled, and the GC's nursery touched once from end to end, which would otherwise
        //    count as memory of the streams.
        var plain = Scenarios.Make().First(s => s.Name == "plain");
        await LoadBatch.RunAsync(target, plain, 20_000);
        await using (var warmUp = await OpenStreams.OpenAsync(target, WarmUpStreams))
            await Task.Delay(Settle);
        await Task.Delay(Settle);
        var before = await metrics.ReadMemoryAsync(target);

        // 2. The streams, left alone until their opening is digested; each must still be flowing at the reading.
        await using var streams = await OpenStreams.OpenAsync(target, options.Streams);
        var cpuBefore = ProcessCpu.ReadNs(target.Pids);
        await Task.Delay(TimeSpan.FromSeconds(options.SettleSeconds));
        var cpuCores = (ProcessCpu.ReadNs(target.Pids) - cpuBefore) / 1e9 / options.SettleSeconds;
        await streams.VerifyAllFlowAsync();
        var after = await metrics.ReadMemoryAsync(target);
        await streams.VerifyAllFlowAsync();

        return new StreamsResult(
            target.Name, options.Streams,
            (after.RssBytes - before.RssBytes) / (double)options.Streams,
            (after.HeapBytes - before.HeapBytes) / (double?)options.Streams,
            (after.CommittedBytes - before.CommittedBytes) / (double?)options.Streams,
            before, after, cpuCores);
    }
}
