using System.Globalization;

namespace Trivet.Benchmarks.Evidence;

/// <summary>The options of <c>evidence</c>.</summary>
internal sealed record EvidenceOptions
{
    public const string Mmd = "mmd", OneToken = "onetoken", Manner = "manner", Router = "router", Cache = "cache", Policy = "policy", Decide = "decide";

    private static readonly string[] All = [Mmd, OneToken, Manner, Router, Cache, Policy, Decide];

    public string[] What { get; private init; } = All;

    public string? DataPath { get; private init; }

    public int Simulations { get; private init; } = 400;

    public int Seed { get; private init; } = 1;

    public bool Assert { get; private init; }

    public string? JsonFile { get; private init; }

    public static EvidenceOptions Parse(string[] args)
    {
        var options = new EvidenceOptions { Assert = args.Contains("--assert", StringComparer.Ordinal) };
        args = [.. args.Where(arg => arg != "--assert")];
        for (var i = 0; i + 1 < args.Length; i += 2)
        {
            var value = args[i + 1];
            options = args[i] switch
            {
                "--data" => options with { DataPath = value },
                "--what" => options with { What = Known(value) },
                "--sims" => options with { Simulations = Whole(args[i], value) },
                "--seed" => options with { Seed = Whole(args[i], value) },
                "--json" => options with { JsonFile = value },
                _ => throw new BenchOptionException($"'{args[i]}' is not an option."),
            };
        }

        return args.Length % 2 == 0 ? options : throw new BenchOptionException($"'{args[^1]}' is not an option, or its value is missing.");
    }

    private static string[] Known(string value)
    {
        var words = value.Split(',', StringSplitOptions.RemoveEmptyEntries);
        return words.FirstOrDefault(word => !All.Contains(word, StringComparer.Ordinal)) is { } unknown
            ? throw new BenchOptionException($"'--what' takes {string.Join(", ", All)}, not '{unknown}'.")
            : words;
    }

    private static int Whole(string name, string value) => int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0
        ? number
        : throw new BenchOptionException($"'{name}' takes a whole number above 0, not '{value}'.");
}
