using System.Globalization;
using Trivet.Benchmarks.Parties;

namespace Trivet.Benchmarks.Faults;

/// <summary>The options of <c>faults</c>.</summary>
internal sealed record FaultOptions
{
    public FaultProfile Profile { get; private init; } = FaultProfile.Fast;

    public string[] Cases { get; private init; } = [];

    /// <summary>Client and upstream protocol by their short names.</summary>
    public (string Client, string Upstream)[] Pairs { get; private init; } = [.. Client.Protocols.Keys.SelectMany(c => Client.Protocols.Keys.Select(u => (c, u)))];

    public int AtOnce { get; private init; } = 64;

    public string? JsonFile { get; private init; }

    public string? TrivetFile { get; private init; }

    public static FaultOptions Parse(string[] args)
    {
        var options = new FaultOptions();
        for (var i = 0; i < args.Length; i += 2)
        {
            if (i + 1 == args.Length)
                throw new BenchOptionException($"'{args[i]}' is not an option, or its value is missing.");
            var value = args[i + 1];
            options = args[i] switch
            {
                "--profile" => options with { Profile = FaultProfile.Named(value) },
                "--cases" => options with { Cases = value.Split(',', StringSplitOptions.RemoveEmptyEntries) },
                "--pairs" => options with { Pairs = [.. value.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(Pair)] },
                "--at-once" when int.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0 => options with { AtOnce = number },
                "--json" => options with { JsonFile = value },
                "--trivet" => options with { TrivetFile = value },
                _ => throw new BenchOptionException($"'{args[i]} {value}' is not an option."),
            };
        }
        return options;
    }

    private static (string, string) Pair(string text) =>
        text.Split(':') is [var client, var upstream] && Client.Protocols.ContainsKey(client) && Client.Protocols.ContainsKey(upstream)
            ? (client, upstream)
            : throw new BenchOptionException($"'{text}' is not a pair such as messages:chat. Protocols: {string.Join(", ", Client.Protocols.Keys)}.");
}
