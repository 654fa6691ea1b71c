using System.Diagnostics;
using Trivet.Benchmarks.Measure;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Load;

/// <summary>
/// Runs every scenario against all targets in interleaved rounds. Within a round each target gets two batches, in an order that is then run
/// backwards (a b c, c b a), and costs are compared within the round only: a machine that slows down evenly, or between rounds, changes no ratio.
/// </summary>
internal sealed class LoadBench(BenchOptions options, Scenario[] scenarios, params string[] targetNames)
{
    /// <summary>
    /// How long a target may go on working after its last answer before its CPU is read: books are written in batches behind the answers, and
    /// are part of the cost.
    /// </summary>
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(500);

    /// <summary>What compiling may take of a target's CPU in a batch; under it, nothing much is left to compile.</summary>
    public const double JitShareMax = 0.03;

    /// <summary>
    /// So many quiet batches in a row and a target is warm. One is not enough: between two waves of compiling lies a time in which nothing is compiled and methods
    /// run with the counters that the next wave decides by, which costs as much again (a quarter of Trivet's samples, where it was profiled).
    /// </summary>
    private const int QuietBatches = 4;

    /// <summary>
    /// Before its first scenario a target works for so long, however quiet it is: what is done behind the answers (commits, sums, renewals) runs a few times a second, and becomes hot
    /// enough to be compiled when the first batches have long been answered.
    /// </summary>
    private static readonly TimeSpan FirstWarmUpMin = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan WarmUpMax = TimeSpan.FromSeconds(90);

    private readonly RuntimeMetrics _metrics = new();
    private readonly HashSet<int> _warm = [];
    private InstructionCounter? _instructions;

    public async Task<int> RunAsync()
    {
        foreach (var unknown in options.Scenarios.Except(scenarios.Select(s => s.Name), StringComparer.Ordinal))
            throw new BenchOptionException($"'{unknown}' is not a scenario; there are {string.Join(", ", scenarios.Select(s => s.Name))}.");

        (_instructions, var instructionsNote) = InstructionCounter.TryCreate(options.PerfEvent);
        UnixSignals.RaiseOpenFiles();
        using var fleet = await TargetFleet.StartAsync(options, targetNames);
        var report = new LoadReport(options, instructionsNote, fleet.LeftOut);
        report.PrintHead();
        foreach (var scenario in scenarios.Where(s => options.Scenarios.Length == 0 || options.Scenarios.Contains(s.Name, StringComparer.Ordinal)))
        {
            Target[] targets = [.. fleet.Targets.Where(t => scenario.Targets.Contains(t.Name, StringComparer.Ordinal))];
            if (targets.Length > 0)
                report.Add(scenario, await MeasureAsync(scenario, targets));
        }
        await report.WriteJsonAsync();
        return report.Verdict();
    }

    private async Task<Dictionary<string, List<BatchCost>>> MeasureAsync(Scenario scenario, Target[] targets)
    {
        foreach (var target in targets)
            await WarmUpAsync(scenario, target);

        var costs = targets.ToDictionary(t => t.Name, _ => new List<BatchCost>(), StringComparer.Ordinal);
        for (var round = 0; round <= options.Rounds; round++)
        {
            Target[] order = [.. targets[(round % targets.Length)..], .. targets[..(round % targets.Length)]];
            var ofRound = new Dictionary<string, BatchCost>(StringComparer.Ordinal);
            foreach (var target in order)
                ofRound[target.Name] = await MeasureAsync(scenario, target);
            foreach (var target in order.Reverse())
                ofRound[target.Name] += await MeasureAsync(scenario, target);
            if (round == 0)
                continue;       // it still shows the end of the warm-up
            foreach (var (name, cost) in ofRound)
                costs[name].Add(cost);
        }
        return costs;
    }

    /// <summary>Never scaled: what the JIT has yet to compile would be booked as the target's cost.</summary>
    private async Task WarmUpAsync(Scenario scenario, Target target)
    {
        var clock = Stopwatch.StartNew();
        var least = _warm.Add(target.Pid) ? FirstWarmUpMin : TimeSpan.Zero;
        for (var quiet = 0; clock.Elapsed < WarmUpMax;)
        {
            var (cpuBefore, jitBefore) = (ProcessCpu.ReadNs(target.Pids), JitCpu.ReadNs(target.Pid));
            await LoadBatch.RunAsync(target, scenario, scenario.WarmUp / 2);
            await Task.Delay(Drain);
            var jitShare = (JitCpu.ReadNs(target.Pid) - jitBefore) / (double)(ProcessCpu.ReadNs(target.Pids) - cpuBefore);
            quiet = jitShare < JitShareMax ? quiet + 1 : 0;
            if (quiet >= QuietBatches && clock.Elapsed >= least)
                return;
        }
        Console.WriteLine($"  {target.Name} is still compiling after {WarmUpMax.TotalSeconds:0} seconds of warm-up for {scenario.Name}.");
    }

    private async Task<BatchCost> MeasureAsync(Scenario scenario, Target target)
    {
        var requests = Scaled(scenario.Requests / 2);
        var allocatedBefore = await _metrics.ReadAllocatedBytesAsync(target);
        var counting = _instructions is null ? null : await _instructions.StartAsync(target.Pids);
        var jitBefore = JitCpu.ReadNs(target.Pid);
        var cpuBefore = ProcessCpu.ReadNs(target.Pids);

        var times = await LoadBatch.RunAsync(target, scenario, requests);
        await Task.Delay(Drain);

        var cpuNs = ProcessCpu.ReadNs(target.Pids) - cpuBefore;
        var jitNs = Math.Max(JitCpu.ReadNs(target.Pid) - jitBefore, 0);
        var instructions = counting is null ? null : await counting.StopAsync();
        var allocated = await _metrics.ReadAllocatedBytesAsync(target) - allocatedBefore;
        target.ThrowIfEnded();
        return new BatchCost(requests, cpuNs, jitNs, allocated, instructions, times);
    }

    private int Scaled(int requests) => Math.Max((int)(requests * options.Scale), 10);
}
