using System.Globalization;

namespace Trivet.Benchmarks.Fleet;

/// <summary>The options of <c>fleet</c>.</summary>
internal sealed record FleetOptions
{
    public int Honest { get; private init; } = 50;

    public int Days { get; private init; } = 365;

    public int TurnDay { get; private init; } = 60;

    public int Seed { get; private init; } = 1;

    public bool Assert { get; private init; }

    /// <summary>Nobody has a reference.</summary>
    public bool OwnPast { get; private init; }

    public string? JsonFile { get; private init; }

    public static FleetOptions Parse(string[] args)
    {
        var options = new FleetOptions();
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--assert")
            {
                options = options with { Assert = true };
                continue;
            }

            if (args[i] == "--own-past")
            {
                options = options with { OwnPast = true };
                continue;
            }

            var value = i + 1 < args.Length ? args[i + 1] : throw new BenchOptionException($"'{args[i]}' is not an option, or its value is missing.");
            options = args[i++] switch
            {
                "--honest" => options with { Honest = Whole(value) },
                "--days" => options with { Days = Whole(value) },
                "--turn" => options with { TurnDay = Whole(value) },
                "--seed" => options with { Seed = Whole(value) },
                "--json" => options with { JsonFile = value },
                var unknown => throw new BenchOptionException($"'{unknown}' is not an option."),
            };
        }

        return options;
    }

    private static int Whole(string value) => int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number >= 0 ? number : throw new BenchOptionException($"'{value}' is no whole number.");
}
