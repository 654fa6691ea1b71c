using System.Globalization;

namespace Trivet.Benchmarks;

/// <summary>What was typed is not understood: exit 2.</summary>
internal sealed class BenchOptionException(string message) : Exception(message);

/// <summary>The bench ran and its answer is no (a wrong answer of a target, a child that died): exit 1.</summary>
internal sealed class BenchFailedException(string message) : Exception(message);

/// <summary>The options of <c>load</c> and <c>streams</c>.</summary>
internal sealed record BenchOptions
{
    public int Rounds { get; private init; } = 5;

    public double Scale { get; private init; } = 1;

    public string[] Scenarios { get; private init; } = [];

    public string[] Targets { get; private init; } = [];

    public bool Assert { get; private init; }

    public int Streams { get; private init; } = 2000;

    public int SettleSeconds { get; private init; } = 15;

    public string? JsonFile { get; private init; }

    public string? TrivetFile { get; private init; }

    public string PerfEvent { get; private init; } = "instructions:u";

    public static BenchOptions Parse(string[] args)
    {
        var options = new BenchOptions();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            if (name == "--assert")
            {
                options = options with { Assert = true };
                continue;
            }
            if (i + 1 == args.Length)
                throw new BenchOptionException($"'{name}' is not an option, or its value is missing.");
            var value = args[++i];
            options = name switch
            {
                "--rounds" => options with { Rounds = Positive(name, value) },
                "--scale" => options with { Scale = PositiveReal(name, value) },
                "--scenarios" => options with { Scenarios = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "--targets" => options with { Targets = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "--streams" => options with { Streams = Positive(name, value) },
                "--settle" => options with { SettleSeconds = Positive(name, value) },
                "--json" => options with { JsonFile = value },
                "--trivet" => options with { TrivetFile = value },
                "--perf-event" => options with { PerfEvent = value },
                _ => throw new BenchOptionException($"'{name}' is not an option."),
            };
        }
        return options;
    }

    /// <summary>Whether a target was asked for; asking for none is asking for all.</summary>
    public bool WantsTarget(string name) => Targets.Length == 0 || Targets.Contains(name, StringComparer.Ordinal);

    private static int Positive(string name, string value) =>
        int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new BenchOptionException($"'{name}' takes a whole number above 0, not '{value}'.");

    private static double PositiveReal(string name, string value) =>
        double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
            ? number
            : throw new BenchOptionException($"'{name}' takes a number above 0, not '{value}'.");
}
