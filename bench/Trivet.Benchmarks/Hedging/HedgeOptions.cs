using System.Globalization;

namespace Trivet.Benchmarks.Hedging;

/// <summary>The options of <c>hedge</c>.</summary>
internal sealed record HedgeOptions
{
    /// <summary>Requests of each kind that are measured.</summary>
    public int Requests { get; private init; } = 1000;

    public int AtOnce { get; private init; } = 8;

    public string? JsonFile { get; private init; }

    public string? TrivetFile { get; private init; }

    public static HedgeOptions Parse(string[] args)
    {
        var options = new HedgeOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                throw new BenchOptionException($"'{args[i]}' is not an option, or its value is missing.");
            var value = args[i + 1];
            options = args[i] switch
            {
                "--requests" when int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0 => options with { Requests = number },
                "--at-once" when int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0 => options with { AtOnce = number },
                "--json" => options with { JsonFile = value },
                "--trivet" => options with { TrivetFile = value },
                _ => throw new BenchOptionException($"'{args[i]} {value}' is not an option."),
            };
        }
        return options;
    }
}
