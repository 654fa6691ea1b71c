using System.Globalization;

namespace Trivet.Benchmarks.Weather;

/// <summary>The options of <c>weather</c>.</summary>
internal sealed record WeatherOptions
{
    /// <summary>How many upstreams there are to choose from; both where none is said.</summary>
    public IReadOnlyList<int> Upstreams { get; private init; } = [4, 8];

    /// <summary>Ten minutes each: twelve weeks, less two days, as the real series are long.</summary>
    public int Slots { get; private init; } = 11_808;

    public int Draws { get; private init; } = 60;

    public int Seed { get; private init; } = 1;

    /// <summary>Real weather instead.</summary>
    public string? TraceDirectory { get; private init; }

    public string? JsonFile { get; private init; }

    /// <summary>Exit 1 where the targets are missed.</summary>
    public bool Assert { get; private init; }

    public static WeatherOptions Parse(string[] args)
    {
        var options = new WeatherOptions();
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
                "--upstreams" => options with { Upstreams = [.. value.Split(',').Select(count => Number(name, count, 2))] },
                "--slots" => options with { Slots = Number(name, value, 10) },
                "--draws" => options with { Draws = Number(name, value, 2) },
                "--seed" => options with { Seed = Number(name, value, 0) },
                "--trace" => options with { TraceDirectory = value },
                "--json" => options with { JsonFile = value },
                _ => throw new BenchOptionException($"'{name}' is not an option."),
            };
        }

        return options;
    }

    private static int Number(string name, string value, int min) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min
            ? number
            : throw new BenchOptionException($"'{name}' takes a whole number of {min} or more, not '{value}'.");
}
