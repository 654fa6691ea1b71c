using System.Globalization;
using System.Text.Json;
using Trivet.Core.Routing;

namespace Trivet.Benchmarks.Weather;

/// <summary>
/// Trivet's router in the weather of relays, beside yardsticks that know as little as it does, and one that knows the future. Each draw is another set of relays in
/// another order; intervals are 95 % for the mean over draws.
/// </summary>
internal static class WeatherBench
{
    private const double FirstTarget = .998;
    private const double AnsweredTarget = .9998;

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static int Run(WeatherOptions options)
    {
        var trace = options.TraceDirectory is { } directory ? WeatherTrace.Read(directory) : null;
        if (trace is not null)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{trace.Fails.Length} relays of the trace over {trace.Slots} slots"));
        Describe(trace ?? WeatherMaker.Make(151, options.Slots, options.Seed));
        var rows = options.Upstreams.SelectMany(upstreams => Table(upstreams, options, trace)).ToList();
        if (options.JsonFile is { } file)
            File.WriteAllText(file, JsonSerializer.Serialize(rows, Indented));
        var trivet = rows.Where(row => row.Policy == "trivet in-order").ToList();
        var isMet = trivet.TrueForAll(row => row.First.Mean >= FirstTarget && row.Answered.Mean >= AnsweredTarget);
        Console.WriteLine(isMet ? "targets met: first try .998, with one fallback .9998" : "TARGETS MISSED: first try .998, with one fallback .9998");
        return isMet || !options.Assert ? 0 : 1;
    }

    private static List<WeatherRow> Table(int upstreams, WeatherOptions options, RelayWeather? trace)
    {
        var draws = Enumerable.Range(0, options.Draws).Select(draw => Draw(upstreams, options, trace, draw)).ToList();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"\n{upstreams} upstreams, {options.Draws} draws, one request in ten minutes\n{"",-28} {"one try",-18} {"first try",-18} {"with one fallback",-18} background questions a request"));
        var rows = new List<WeatherRow>();
        foreach (var make in Policies)
        {
            var scores = draws.Select(draw => WeatherRun.Score(draw, make)).ToList();
            var row = new WeatherRow(upstreams, make(draws[0]).Name, Interval.Of(scores.Select(score => score.Alone)), Interval.Of(scores.Select(score => score.First)), Interval.Of(scores.Select(score => score.Answered)), scores.Average(score => score.Probes));
            Console.WriteLine($"{row.Policy,-28} {row.Alone,-18} {row.First,-18} {row.Answered,-18} {(row.Probes > 0 ? row.Probes.ToString("0.000", CultureInfo.InvariantCulture) : ""),8}");
            rows.Add(row);
        }

        return rows;
    }

    private static IReadOnlyList<Func<RelayWeather, IWeatherPolicy>> Policies { get; } =
    [
        weather => new TrivetRouting(weather, RouteConfig.InOrder),
        weather => new TrivetRouting(weather, RouteConfig.Weighted, session: 1),
        weather => new TrivetRouting(weather, RouteConfig.Weighted),
        weather => new RoundRobin(weather.Fails.Length),
        weather => new StaticBest(weather),
        weather => new WinStay(weather.Fails.Length),
        weather => new MovingAverage(weather.Fails.Length, 0.05),
        weather => new RunningMean(weather.Fails.Length),
    ];

    private static RelayWeather Draw(int upstreams, WeatherOptions options, RelayWeather? trace, int draw)
    {
        var seed = unchecked((int)((((uint)options.Seed << 16) + (uint)draw) * 0x9E3779B1u)); // neighbours begin alike in Random
        if (trace is null)
            return WeatherMaker.Make(upstreams, options.Slots, seed);
        var chosen = Enumerable.Range(0, trace.Fails.Length).ToArray();
        new Random(seed).Shuffle(chosen);
        return new RelayWeather([.. chosen.Take(upstreams).Select(relay => trace.Names[relay])], [.. chosen.Take(upstreams).Select(relay => trace.Fails[relay])]);
    }

    // What the weather is like, to be held against EVIDENCE_FACTS §4.1.
    private static void Describe(RelayWeather weather)
    {
        var availabilities = Enumerable.Range(0, weather.Fails.Length).Select(weather.Availability).Order().ToList();
        var (failing, both, runs) = (0, 0, new List<int>());
        foreach (var fails in weather.Fails)
        {
            var run = 0;
            for (var slot = 0; slot < fails.Length; slot++)
            {
                failing += fails[slot] ? 1 : 0;
                both += slot > 0 && fails[slot] && fails[slot - 1] ? 1 : 0;
                if (fails[slot])
                    run++;
                else if (run > 0)
                {
                    runs.Add(run);
                    run = 0;
                }
            }
        }

        runs.Sort();
        var down = Enumerable.Range(0, weather.Slots).Select(slot => weather.Fails.Count(fails => fails[slot])).Order().ToList();
        double A(double share) => availabilities[(int)(share * (availabilities.Count - 1))];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"availability p10/25/50/75/90 {A(.1):.000}/{A(.25):.000}/{A(.5):.0000}/{A(.75):.0000}/{A(.9):.0000}; base {failing / (double)(weather.Fails.Length * weather.Slots):.000}, P(fail | failed before) {both / (double)Math.Max(1, failing):.00}; "
            + $"runs of one slot {runs.Count(run => run == 1) / (double)Math.Max(1, runs.Count):.00}, p90 {runs[(int)(.9 * (runs.Count - 1))]}, p99 {runs[(int)(.99 * (runs.Count - 1))]}; down at once median {down[down.Count / 2]}, p99 {down[(int)(.99 * (down.Count - 1))]}"));
    }

    private sealed record WeatherRow(int Upstreams, string Policy, Interval Alone, Interval First, Interval Answered, double Probes);

    /// <summary>A mean over draws and how far it may be off.</summary>
    private readonly record struct Interval(double Mean, double HalfWidth)
    {
        public static Interval Of(IEnumerable<double> values)
        {
            var all = values.ToList();
            var mean = all.Average();
            var variance = all.Sum(value => (value - mean) * (value - mean)) / Math.Max(1, all.Count - 1);
            return new Interval(mean, 1.96 * Math.Sqrt(variance / all.Count));
        }

        public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Mean:.00000} ±{HalfWidth:.00000}");
    }
}
