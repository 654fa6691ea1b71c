using System.Globalization;

namespace Trivet.Benchmarks.Explorer;

/// <summary>The options of <c>explorer</c>.</summary>
internal sealed record ExplorerOptions
{
    public long Rows { get; private init; } = 10_000_000;

    /// <summary>A PostgreSQL database instead of a new SQLite file.</summary>
    public string? Postgres { get; private init; }

    /// <summary>Where the SQLite file is kept: filled once, asked again in later runs. Null: a temporary folder.</summary>
    public string? Keep { get; private init; }

    public int Repeats { get; private init; } = 9;

    public bool Assert { get; private init; }

    /// <summary>Also the pages themselves, from a running server, and what they do to the relay beside them.</summary>
    public bool Browse { get; private init; }

    /// <summary>Of the relay, alone and beside somebody who browses.</summary>
    public int Rounds { get; private init; } = 5;

    /// <summary>How long somebody looks at a page before the next, in seconds.</summary>
    public int Think { get; private init; } = 3;

    /// <summary>The relay's requests a second.</summary>
    public int Rate { get; private init; } = 200;

    /// <summary>How long each half of a round takes.</summary>
    public int Seconds { get; private init; } = 15;

    public string? TrivetFile { get; private init; }

    public static ExplorerOptions Parse(string[] args)
    {
        var options = new ExplorerOptions();
        for (var i = 0; i < args.Length; i++)
        {
            string Value() => ++i < args.Length ? args[i] : throw new BenchOptionException($"{args[i - 1]} wants a value.");
            long Number() => long.TryParse(Value(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new BenchOptionException($"{args[i]} is no number above 0.");
            options = args[i] switch
            {
                "--rows" => options with { Rows = Number() },
                "--postgres" => options with { Postgres = Value() },
                "--keep" => options with { Keep = Value() },
                "--repeats" => options with { Repeats = (int)Number() },
                "--browse" => options with { Browse = true },
                "--rounds" => options with { Rounds = (int)Number() },
                "--think" => options with { Think = (int)Number() },
                "--rate" => options with { Rate = (int)Number() },
                "--seconds" => options with { Seconds = (int)Number() },
                "--trivet" => options with { TrivetFile = Value() },
                "--assert" => options with { Assert = true },
                _ => throw new BenchOptionException($"'{args[i]}' is not an option of explorer."),
            };
        }

        return options;
    }
}
