using System.Globalization;

namespace Trivet.Benchmarks.Chaos;

/// <summary>The options of <c>chaos</c>.</summary>
internal sealed record ChaosOptions
{
    public double Minutes { get; private init; } = 30;

    public int Streams { get; private init; } = 200;

    /// <summary>Decides what is asked for and when processes are killed. What the sandboxes stage is drawn by them, by the same seed at each start.</summary>
    public int Seed { get; private init; } = 1;

    public string? JsonFile { get; private init; }

    public string? TrivetFile { get; private init; }

    public static ChaosOptions Parse(string[] args)
    {
        var options = new ChaosOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                throw new BenchOptionException($"'{args[i]}' is not an option, or its value is missing.");
            var value = args[i + 1];
            options = args[i] switch
            {
                "--minutes" when double.TryParse(value, CultureInfo.InvariantCulture, out var minutes) && minutes > 0 => options with { Minutes = minutes },
                "--streams" when int.TryParse(value, CultureInfo.InvariantCulture, out var streams) && streams > 0 => options with { Streams = streams },
                "--seed" when int.TryParse(value, CultureInfo.InvariantCulture, out var seed) => options with { Seed = seed },
                "--json" => options with { JsonFile = value },
                "--trivet" => options with { TrivetFile = value },
                _ => throw new BenchOptionException($"'{args[i]} {value}' is not an option."),
            };
        }
        return options;
    }
}
