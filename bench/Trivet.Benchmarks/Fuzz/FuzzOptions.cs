using System.Globalization;
using Trivet.Benchmarks.Fuzz.Targets;

namespace Trivet.Benchmarks.Fuzz;

/// <summary>The options of <c>fuzz</c>.</summary>
internal sealed record FuzzOptions
{
    /// <summary>Targets, all of them where none is named.</summary>
    public IReadOnlyCollection<string> Readers { get; private init; } = FuzzTargets.Names;

    public long Inputs { get; private init; } = 10_000_000;

    /// <summary>The number of the first input: where an earlier run ended, or the one that failed.</summary>
    public long From { get; private init; }

    /// <summary>The most time for one target.</summary>
    public TimeSpan TimeMax { get; private init; } = TimeSpan.MaxValue;

    public ulong Seed { get; private init; } = 1;

    public string? JsonFile { get; private init; }

    /// <summary>Where inputs that fail are kept.</summary>
    public string FindingsDirectory { get; private init; } = "fuzz-findings";

    public static FuzzOptions Parse(string[] args)
    {
        var options = new FuzzOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            var name = args[i];
            if (i + 1 == args.Length)
                throw new BenchOptionException($"'{name}' is not an option, or its value is missing.");
            var value = args[i + 1];
            options = name switch
            {
                "--readers" => options with { Readers = ReadersOf(value) },
                "--inputs" => options with { Inputs = Number(name, value) },
                "--from" => options with { From = Number(name, value) },
                "--seconds" => options with { TimeMax = TimeSpan.FromSeconds(Number(name, value)) },
                "--seed" => options with { Seed = (ulong)Number(name, value) },
                "--json" => options with { JsonFile = value },
                "--findings" => options with { FindingsDirectory = value },
                _ => throw new BenchOptionException($"'{name}' is not an option."),
            };
        }

        return options;
    }

    private static string[] ReadersOf(string value)
    {
        var names = value.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (var name in names)
        {
            if (!FuzzTargets.Names.Contains(name, StringComparer.Ordinal))
                throw new BenchOptionException($"'{name}' is no reader; there are {string.Join(", ", FuzzTargets.Names)}.");
        }

        return names;
    }

    private static long Number(string name, string value) =>
        long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new BenchOptionException($"'{name}' takes a whole number, not '{value}'.");
}
