using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Measure;

namespace Trivet.Benchmarks.Chaos;

/// <summary>One thing that must be so, what was found, and whether it is so.</summary>
internal sealed record ChaosRule(string Name, string Found, bool Holds);

/// <summary>All that a run found.</summary>
internal sealed record ChaosResult(
    ChaosOptions Options, TimeSpan Elapsed, ChaosTally Tally, ChaosBooks Books, IReadOnlyList<string> Stories, IReadOnlyList<(double Seconds, long Bytes)> Memory, TimeSpan WarmUp, int Kills, TimeSpan Patience)
{
    private const double AnsweredShareMin = 0.999;
    private const double GrowthMax = 0.10;
    private const double FlatMinutesMin = 5;
    private const double ChanceMax = 0.01;

    /// <summary>Requests whose client waited for an answer that could be given.</summary>
    public long Answerable => Tally.Sent - Tally.Left - Tally.ClearInCall;

    public IReadOnlyList<ChaosRule> Rules
    {
        get
        {
            var share = Answerable == 0 ? 0 : Tally.Whole / (double)Answerable;
            var isShort = Options.Minutes < FlatMinutesMin;
            var isAnswered = share >= AnsweredShareMin || isShort && Answerable > 0 && Answerable - Tally.Whole <= ByChance(Answerable * (1 - AnsweredShareMin));
            var (first, last) = (Third(0), Third(2));
            var growth = first > 0 ? last / first - 1 : 0;
            return
            [
                new($"no hang beyond {Patience.TotalSeconds:0} s", $"{Tally.Hangs}", Tally.Hangs == 0),
                new("no truncated success, wrong tool call or illegal stream", $"{Tally.Bad}", Tally.Bad == 0),
                new($"answered whole, at least {AnsweredShareMin:0.0%}", $"{Tally.Whole:#,0} of {Answerable:#,0} = {Math.Floor(share * 1e6) / 1e4:0.0000} %{(isAnswered && share < AnsweredShareMin ? ", which so few requests may show by chance" : "")}", isAnswered),
                new("every request in the books exactly once", $"{Tally.Sent:#,0} sent, {Books.Requests:#,0} booked, {Books.Twice} twice, {Books.Missing.Count} missing, {Tally.SameIds} ids given twice", Books.Requests == Tally.Sent && Books is { Twice: 0, Missing.Count: 0 } && Tally.SameIds == 0),
                new("every reply has a request id", $"{Tally.WithoutId} without", Tally.WithoutId == 0),
                new("every attempt belongs to a booked request", $"{Books.Attempts:#,0} attempts, {Books.Strays} strays", Books.Strays == 0),
                // A short run is all warm-up: code is still being compiled and pools fill.
                new($"memory: last third within {GrowthMax:0%} of the first", $"{first / 1e6:0} and {last / 1e6:0} MB, {growth:+0.0%;-0.0%}{(isShort ? ", not judged: too short" : "")}", isShort || growth <= GrowthMax),
            ];
        }
    }

    // A few hundred requests cannot tell one in a thousand from none: how many may fail where as many as expected do in the long run, but for one run in a hundred (Poisson).
    private static int ByChance(double expected)
    {
        var (most, likely) = (0, Math.Exp(-expected));
        for (var sum = likely; sum < 1 - ChanceMax; sum += likely)
            likely *= expected / ++most;
        return most;
    }

    // The median, in bytes, of a third of the readings that were taken after warming up.
    private double Third(int which)
    {
        var readings = Memory.Where(m => m.Seconds >= WarmUp.TotalSeconds).ToList();
        var third = readings.Count / 3;
        return Spread.Of(readings.Skip(which * third).Take(third).Select(m => (double)m.Bytes))?.Median ?? 0;
    }
}

/// <summary>The table of a run.</summary>
internal static class ChaosReport
{
    private static readonly JsonSerializerOptions Indented = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static void Print(ChaosResult result)
    {
        var tally = result.Tally;
        Console.WriteLine($"{result.Elapsed.TotalMinutes:0.0} minutes, {result.Options.Streams} streams at once, {tally.Sent:#,0} requests ({tally.Sent / result.Elapsed.TotalSeconds:0.0} a second), {result.Kills} kills of an upstream");
        Console.WriteLine($"{tally.Whole:#,0} answered whole, {tally.Clear:#,0} clear errors, {tally.ClearInCall:#,0} streams broken within a tool call, {tally.Left:#,0} clients left");
        Console.WriteLine($"first content s: {Percentiles(tally.Times.Select(t => t.FirstContentMs))}   answered s: {Percentiles(tally.Times.Select(t => t.TotalMs))}   (p50, p95, p99, max)");
        foreach (var rule in result.Rules)
            Console.WriteLine($"{(rule.Holds ? "ok    " : "FAILED")}  {rule.Name}: {rule.Found}");
        foreach (var (error, count) in tally.Errors.Take(20))
            Console.WriteLine($"  error {count,6}  {error}");
        foreach (var story in result.Stories.OrderByDescending(s => s.StartsWith("WRONG", StringComparison.Ordinal)).Take(60))
            Console.WriteLine($"  {story}");
    }

    public static string Json(ChaosResult result) => JsonSerializer.Serialize(
        new
        {
            result.Options.Minutes,
            result.Options.Streams,
            result.Options.Seed,
            result.Tally.Sent,
            result.Tally.Whole,
            result.Tally.Left,
            result.Tally.Clear,
            result.Tally.ClearInCall,
            result.Tally.Hangs,
            result.Tally.Bad,
            result.Kills,
            result.Books,
            result.Rules,
            Errors = result.Tally.Errors.Select(e => new { e.Error, e.Count }),
            result.Stories,
            Memory = result.Memory.Select(m => new { m.Seconds, m.Bytes }),
        },
        Indented);

    private static string Percentiles(IEnumerable<double> ms)
    {
        double[] sorted = [.. ms.Order()];
        return sorted.Length == 0 ? "none" : string.Join(", ", new[] { 0.5, 0.95, 0.99, 1 }.Select(p => (sorted[(int)Math.Min(sorted.Length - 1, p * sorted.Length)] / 1000).ToString("0.00", CultureInfo.InvariantCulture)));
    }
}
