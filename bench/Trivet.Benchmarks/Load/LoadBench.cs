using Trivet.Benchmarks.Measure;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Load;

/// <summary>One batch of one target: what its processes spent, per request where it says so.</summary>
internal sealed record BatchCost(double CpuSecondsPer1000, double? AllocatedBytesPerRequest, double? InstructionsPerRequest, double RequestsPerSecond, BatchTimes Times);

/// <summary>
/// Runs every scenario against all targets in interleaved rounds: within a round each target gets one batch, in an order that turns from round
/// to round, and costs are compared within the round only. A machine that slows down between rounds then changes no ratio.
/// </summary>
internal sealed class LoadBench(BenchOptions options)
{
    /// <summary>
    /// How long a target may go on working after its last answer before its CPU is read: books are written in batches behind the answers, and
    /// are part of the cost.
    /// </summary>
    private static readonly TimeSpan Drain = TimeSpan.FromMilliseconds(700);

    private readonly RuntimeMetrics _metrics = new();
    private InstructionCounter? _instructions;

    public async Task<int> RunAsync()
    {
        var scenarios = Scenarios.Make();
        foreach (var unknown in options.Scenarios.Except(scenarios.Select(s => s.Name), StringComparer.Ordinal))
            throw new BenchOptionException($"'{unknown}' is not a scenario; there are {string.Join(", ", scenarios.Select(s => s.Name))}.");

        (_instructions, var instructionsNote) = InstructionCounter.TryCreate(options.PerfEvent);
        UnixSignals.RaiseOpenFiles();
        using var fleet = await TargetFleet.StartAsync(options, TargetNames.Direct, TargetNames.Nginx, TargetNames.Raw, TargetNames.Parsing, TargetNames.Trivet);
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
        {
            // Two parts with a pause between: what the JIT compiles again it compiles in the background, and then once more with a profile.
            await LoadBatch.RunAsync(target, scenario, Scaled(scenario.WarmUp / 2));
            await Task.Delay(Drain);
            await LoadBatch.RunAsync(target, scenario, Scaled(scenario.WarmUp / 2));
        }
        await Task.Delay(Drain);

        var costs = targets.ToDictionary(t => t.Name, _ => new List<BatchCost>(), StringComparer.Ordinal);
        for (var round = 0; round < options.Rounds; round++)
        {
            for (var i = 0; i < targets.Length; i++)
            {
                var target = targets[(round + i) % targets.Length];
                costs[target.Name].Add(await MeasureAsync(scenario, target));
            }
        }
        return costs;
    }

    private async Task<BatchCost> MeasureAsync(Scenario scenario, Target target)
    {
        var requests = Scaled(scenario.Requests);
        var allocatedBefore = await _metrics.ReadAllocatedBytesAsync(target);
        var counting = _instructions is null ? null : await _instructions.StartAsync(target.Pids);
        var cpuBefore = ProcessCpu.ReadNs(target.Pids);

        var times = await LoadBatch.RunAsync(target, scenario, requests);
        await Task.Delay(Drain);

        var cpuNs = ProcessCpu.ReadNs(target.Pids) - cpuBefore;
        var instructions = counting is null ? null : await counting.StopAsync();
        var allocated = await _metrics.ReadAllocatedBytesAsync(target) - allocatedBefore;
        target.ThrowIfEnded();
        return new BatchCost(
            cpuNs / 1e9 * 1000 / requests,
            (double?)allocated / requests,
            (double?)instructions / requests,
            requests / times.Seconds,
            times);
    }

    private int Scaled(int requests) => Math.Max((int)(requests * options.Scale), 10);
}
