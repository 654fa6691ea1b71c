using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Measure;
using Trivet.Benchmarks.Targets;

namespace Trivet.Benchmarks.Load;

/// <summary>What one target costs in one scenario, over all rounds. Ratios are to the scenario's baseline in the same round.</summary>
internal sealed record TargetResult(
    string Target, Spread CpuSecondsPer1000, Spread? RatioToBaseline, Spread RequestsPerSecond, Spread P50Ms, Spread P99Ms,
    Spread? AllocatedBytesPerRequest, Spread? InstructionsPerRequest,
    Spread JitShare, double[] CpuSecondsPer1000ByRound);

internal sealed record ScenarioResult(string Scenario, string What, string Baseline, double RatioMax, int Rounds, TargetResult[] Targets);

/// <summary>Prints the results as they come, keeps them for JSON, and says whether Trivet stays within its budget.</summary>
internal sealed class LoadReport(BenchOptions options, string instructionsNote, IReadOnlyList<string> leftOut)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    private readonly List<ScenarioResult> _results = [];

    public void PrintHead()
    {
        Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {options.Rounds} rounds, scale {options.Scale.ToString(CultureInfo.InvariantCulture)}");
        Console.WriteLine($"instructions per request: {instructionsNote}");
        foreach (var line in leftOut)
            Console.WriteLine($"LEFT OUT  {line}");
    }

    public void Add(Scenario scenario, Dictionary<string, List<BatchCost>> costs)
    {
        costs.TryGetValue(scenario.Baseline, out var baseline);
        var result = new ScenarioResult(
            scenario.Name, scenario.What, scenario.Baseline, scenario.RatioMax, options.Rounds,
            [.. costs.OrderBy(c => Array.IndexOf(scenario.Targets, c.Key)).Select(c => Summarise(c.Key, c.Value, baseline))]);
        _results.Add(result);
        Print(result);
    }

    public async Task WriteJsonAsync()
    {
        if (options.JsonFile is null)
            return;
        await using var file = File.Create(options.JsonFile);
        await JsonSerializer.SerializeAsync(file, new
        {
            Processors = Environment.ProcessorCount,
            Runtime = Environment.Version.ToString(),
            options.Rounds,
            options.Scale,
            Instructions = instructionsNote,
            LeftOut = leftOut,
            Scenarios = _results,
        }, Json);
    }

    /// <summary>0, or with <c>--assert</c> 1 when Trivet is over its budget anywhere, or was not measured at all.</summary>
    public int Verdict()
    {
        if (!options.Assert)
            return 0;
        var failed = false;
        foreach (var result in _results)
        {
            var target = result.Targets.FirstOrDefault(t => t.Target is TargetNames.Trivet or TargetNames.Booked);
            var ratio = target?.RatioToBaseline?.Median;
            var holds = ratio <= result.RatioMax;      // false when there is no ratio
            failed |= !holds;
            Console.WriteLine(ratio is { } value
                ? $"{(holds ? "ok    " : "FAILED")}  {result.Scenario}: {target!.Target} costs {value:0.00} times {result.Baseline}, allowed {result.RatioMax:0.0#}"
                : $"FAILED  {result.Scenario}: trivet or {result.Baseline} was not measured");
        }
        return failed || _results.Count == 0 ? 1 : 0;
    }

    private static TargetResult Summarise(string target, List<BatchCost> costs, List<BatchCost>? baseline) => new(
        target,
        Spread.Of(costs.Select(c => c.CpuSecondsPer1000))!,
        // The fake vendor's own CPU is no multiple of what a forwarder in front of it needs.
        baseline is null || target == TargetNames.Direct ? null : Spread.Of(costs.Zip(baseline, (c, b) => c.CpuSecondsPer1000 / b.CpuSecondsPer1000)),
        Spread.Of(costs.Select(c => c.RequestsPerSecond))!,
        Spread.Of(costs.Select(c => c.Times.P50Ms))!,
        Spread.Of(costs.Select(c => c.Times.P99Ms))!,
        Spread.Of(costs.Select(c => c.AllocatedBytesPerRequest).OfType<double>()),
        Spread.Of(costs.Select(c => c.InstructionsPerRequest).OfType<double>()),
        Spread.Of(costs.Select(c => c.JitShare))!,
        [.. costs.Select(c => c.CpuSecondsPer1000)]);

    private static void Print(ScenarioResult result)
    {
        Console.WriteLine();
        Console.WriteLine($"{result.Scenario}: {result.What}");
        Console.WriteLine($"  {"target",-8} {"CPU s/1,000",12} {"min–max",17} {"x " + result.Baseline,10} {"min–max",13} {"B alloc/req",12} {"instr/req",12} {"req/s",8} {"p50 ms",8} {"p99 ms",8}");
        foreach (var t in result.Targets)
        {
            Console.WriteLine(
                $"  {t.Target,-8} {t.CpuSecondsPer1000.Median,12:0.0000} {Range(t.CpuSecondsPer1000, "0.0000"),17} {t.RatioToBaseline?.Median,10:0.00} {Range(t.RatioToBaseline, "0.00"),13} " +
                $"{Whole(t.AllocatedBytesPerRequest),12} {Whole(t.InstructionsPerRequest),12} {t.RequestsPerSecond.Median,8:0} {t.P50Ms.Median,8:0.00} {t.P99Ms.Median,8:0.00}");
        }
        foreach (var t in result.Targets.Where(t => t.JitShare.Median > LoadBench.JitShareMax && t.Target != TargetNames.Direct))
            Console.WriteLine($"  {t.Target} was not warm: {t.JitShare.Median:P0} of its CPU went into compiling.");
        if (result.Targets.Any(t => t.Target == TargetNames.Direct))
            Console.WriteLine("  direct is the fake vendor alone; its CPU is its own.");
    }

    private static string Range(Spread? spread, string format) =>
        spread is null ? "" : $"{spread.Min.ToString(format, CultureInfo.InvariantCulture)}–{spread.Max.ToString(format, CultureInfo.InvariantCulture)}";

    private static string Whole(Spread? spread) => spread is null ? "–" : spread.Median.ToString("#,0", CultureInfo.InvariantCulture);
}
