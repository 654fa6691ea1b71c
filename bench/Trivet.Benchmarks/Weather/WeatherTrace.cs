using System.Globalization;
using System.Text.Json;

namespace Trivet.Benchmarks.Weather;

/// <summary>
/// Real weather: <c>history/RELAY/YYYY-MM.jsonl</c> of nexmoe/provider-health, one run of equal probes a line (<c>{"type":"ok"|"fail","from","to","count",…}</c>).
/// Laid on a grid of ten minutes over the time that most relays have in common.
/// </summary>
internal static class WeatherTrace
{
    private const long SlotMs = 10 * 60_000;
    private const double CompleteShare = 0.98;
    private const double AvailabilityMin = 0.5;
    private const double AvailabilityMax = 0.9999;

    /// <summary>The relays that are complete in the time covered and neither dead nor never failing.</summary>
    public static RelayWeather Read(string directory)
    {
        var history = Directory.Exists(Path.Combine(directory, "history")) ? Path.Combine(directory, "history") : directory;
        var relays = Directory.GetDirectories(history)
            .Select(folder => (Name: Path.GetFileName(folder), Runs: Directory.GetFiles(folder, "*.jsonl").Order(StringComparer.Ordinal).SelectMany(ReadRuns).ToList()))
            .Where(relay => relay.Runs.Count > 0)
            .ToList();
        if (relays.Count == 0)
            throw new BenchOptionException($"'--trace' needs a folder with history/RELAY/YYYY-MM.jsonl; '{directory}' has none.");
        var start = Median(relays.Select(relay => relay.Runs.Min(run => run.FromMs)));
        var end = Median(relays.Select(relay => relay.Runs.Max(run => run.ToMs)));
        var slots = (int)((end - start) / SlotMs) + 1;
        var (names, fails) = (new List<string>(), new List<bool[]>());
        foreach (var (name, runs) in relays.OrderBy(relay => relay.Name, StringComparer.Ordinal))
        {
            if (Lay(runs, start, slots) is not { } grid)
                continue;
            var availability = grid.Count(static isFailing => !isFailing) / (double)slots;
            if (availability is < AvailabilityMin or > AvailabilityMax)
                continue;
            names.Add(name);
            fails.Add(grid);
        }

        return names.Count > 0 ? new RelayWeather(names, [.. fails]) : throw new BenchOptionException($"'{directory}' has no relay that is complete and alive.");
    }

    // Probes missing between two runs count as what was seen last.
    private static bool[]? Lay(List<TraceRun> runs, long start, int slots)
    {
        var (grid, isSeen) = (new bool[slots], new bool[slots]);
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Count; i++)
            {
                var at = run.FromMs + (run.Count == 1 ? 0 : i * (run.ToMs - run.FromMs) / (run.Count - 1));
                var slot = (at - start) / SlotMs;
                if (at < start || slot >= slots)
                    continue;
                grid[slot] |= run.IsFailing;
                isSeen[slot] = true;
            }
        }

        if (isSeen.Count(static seen => seen) < slots * CompleteShare)
            return null;
        for (var slot = 1; slot < slots; slot++)
            grid[slot] = isSeen[slot] ? grid[slot] : grid[slot - 1];
        return grid;
    }

    private static IEnumerable<TraceRun> ReadRuns(string file)
    {
        foreach (var line in File.ReadLines(file))
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            using var document = JsonDocument.Parse(line);
            var row = document.RootElement;
            yield return new TraceRun(row.GetProperty("type").GetString() == "fail", TimeMs(row.GetProperty("from")), TimeMs(row.GetProperty("to")), row.TryGetProperty("count", out var count) ? count.GetInt32() : 1);
        }
    }

    // An ISO 8601 text, or Unix seconds or milliseconds.
    private static long TimeMs(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.String)
            return DateTimeOffset.Parse(value.GetString()!, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal).ToUnixTimeMilliseconds();
        var number = value.GetDouble();
        return (long)(number < 1e11 ? number * 1000 : number);
    }

    private static long Median(IEnumerable<long> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }

    private readonly record struct TraceRun(bool IsFailing, long FromMs, long ToMs, int Count);
}
