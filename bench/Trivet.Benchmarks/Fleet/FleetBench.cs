using System.Diagnostics;
using Trivet.Benchmarks.Fleet.Simulation;

namespace Trivet.Benchmarks.Fleet;

/// <summary>A year of a fleet, and a table of what was found when and for how much.</summary>
internal sealed class FleetBench(FleetOptions options)
{
    private const int TellEvery = 30;

    public async Task<int> RunAsync()
    {
        var run = new FleetRun(options.Honest, options.TurnDay, null, options.Seed);
        var report = new FleetReport(options, run);
        var (clock, told) = (Stopwatch.StartNew(), 0L);
        await run.RunAsync(options.Days, report.Changed, day =>
        {
            if (day / TellEvery == told)
                return;
            told = day / TellEvery;
            Console.Error.WriteLine($"day {day} of {options.Days}, {run.Store.Audits} audits, {clock.Elapsed.TotalSeconds:0} s");
        });
        return report.Print(clock.Elapsed) || !options.Assert ? 0 : 1;
    }
}
