using System.Diagnostics;
using System.Globalization;
using Trivet.Benchmarks.Fleet.Simulation;

namespace Trivet.Benchmarks.Fleet;

/// <summary>A year of a fleet of which nobody has a reference: each is held against its own past. Who changed has to be told in time, who did not must not be.</summary>
internal sealed class PastBench(FleetOptions options)
{
    public async Task<int> RunAsync()
    {
        var run = new FleetRun(options.Honest, options.TurnDay, null, options.Seed, ownPast: true);
        var clock = Stopwatch.StartNew();
        var standings = 0;
        await run.RunAsync(options.Days, (_, _) => standings++);
        var told = run.Told().ToLookup(one => one.Upstream, StringComparer.Ordinal);

        var isMet = standings == 0;
        Console.WriteLine($"{"upstream",-12} {"what it does",-42} {"days until told",16} {"allowed",8}");
        foreach (var seller in run.Sellers.Values.Where(seller => seller.Deceit is not null))
        {
            var days = told[seller.Name].Where(one => one.AtMs >= run.TurnsMs).Select(one => (double?)((one.AtMs - run.TurnsMs) / FleetRun.DayMs)).FirstOrDefault();
            var isFound = days <= seller.Deceit!.DaysMax;
            isMet &= isFound;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{seller.Name,-12} {seller.Deceit.What,-42} {(days is { } when ? when.ToString("0.0", CultureInfo.InvariantCulture) : "not told"),16} {seller.Deceit.DaysMax,8}{(isFound ? "" : "  NOT MET")}"));
        }

        var early = told.SelectMany(one => one).Count(one => run.Sellers[one.Upstream].Deceit is null || one.AtMs < run.TurnsMs);
        isMet &= early == 0;
        var spent = run.Store.SpentByDay.Where(pair => run.Sellers[pair.Key.Upstream].Deceit is null).Sum(pair => pair.Value) / 1e9 / options.Days / Math.Max(1, options.Honest);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"told of {options.Honest} upstreams in which nothing changed: {early}; standings that changed: {standings}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{run.Store.Audits} audits, {run.Store.Requests} requests, {spent:0.0000} USD a day and upstream, {clock.Elapsed.TotalSeconds:0} s"));
        return isMet || !options.Assert ? 0 : 1;
    }
}
