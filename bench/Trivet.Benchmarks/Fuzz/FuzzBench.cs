using System.Globalization;
using System.Text.Json;
using Trivet.Benchmarks.Fuzz.Targets;

namespace Trivet.Benchmarks.Fuzz;

/// <summary>Every reader of foreign bytes takes made inputs, and none may throw, hang, take memory without bound, or be made to write what is illegal.</summary>
internal static class FuzzBench
{
    public static int Run(FuzzOptions options)
    {
        var results = new List<FuzzResult>();
        foreach (var name in options.Readers)
        {
            var target = FuzzTargets.Create(name);
            var loop = new FuzzLoop(target, options.Seed);
            using var watchdog = new FuzzWatchdog(name, loop, (reader, finding) => Keep(options, reader, finding));
            var result = loop.Run(options.From, options.Inputs, options.TimeMax);
            results.Add(result);
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-18} {result.Inputs,11:N0} inputs of {result.Bytes / Math.Max(result.Inputs, 1),6} B, {result.CpuSeconds * 1e6 / Math.Max(result.Inputs, 1),6:0.0} us of CPU each, at most {result.AllocatedBytesMax / 1024,5} KiB, {target.Seeds.Count,4} seeds: {(result.Findings.Count == 0 ? "nothing found" : $"{result.Findings.Count} FOUND")}"));
            foreach (var finding in result.Findings)
                Keep(options, name, finding);
        }

        Console.WriteLine();
        var counts = results.SelectMany(result => result.Readers.Select(reader => (Reader: reader, result.Inputs))).GroupBy(pair => pair.Reader, pair => pair.Inputs).ToDictionary(group => group.Key, group => group.Sum());
        foreach (var (reader, inputs) in counts)
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{reader,-32} {inputs,12:N0} inputs"));
        if (options.JsonFile is { } file)
            File.WriteAllText(file, JsonSerializer.Serialize(new { options.Seed, options.From, Readers = counts, Targets = results }, Indented));
        return results.TrueForAll(result => result.Findings.Count == 0) ? 0 : 1;
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static void Keep(FuzzOptions options, string target, FuzzFinding finding)
    {
        Directory.CreateDirectory(options.FindingsDirectory);
        var path = Path.Combine(options.FindingsDirectory, $"{target}-{finding.Number}");
        File.WriteAllBytes(path + ".bin", finding.Input);
        File.WriteAllText(path + ".txt", $"{finding.Kind}\n{finding.Detail}\n");
        Console.WriteLine($"  {finding.Kind}\n    {string.Join("\n    ", finding.Detail.Split('\n').Take(4))}\n    input {finding.Number}, {finding.Input.Length} bytes: {path}.bin");
        Console.WriteLine($"    {JsonCheck.Show(finding.Input)}");
    }
}
