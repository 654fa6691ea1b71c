namespace Trivet.Benchmarks.Fleet.Simulation;

/// <summary>One way of cheating, with the days and the money within which it has to be found.</summary>
/// <param name="Name">Of the upstream.</param>
/// <param name="What">What it does, for people.</param>
/// <param name="DaysMax">From the day on which it begins.</param>
internal sealed record Deceit(string Name, string What, int DaysMax)
{
    public static readonly Deceit Swap = new("swaps", "serves another model", 3);
    public static readonly Deceit Mix = new("mixes", "serves another model in 30 % of requests", 10);
    public static readonly Deceit Inflate = new("inflates", "reports 8 % more tokens", 3);
    public static readonly Deceit Pocket = new("pockets", "reports cached tokens as fresh ones", 7);
    public static readonly Deceit Tamper = new("tampers", "changes links in half of the tool calls", 3);

    /// <summary>No deceit, but a change that has to be seen.</summary>
    public static readonly Deceit Renew = new("renews", "has its model trained a little further", 60);

    /// <summary>A model that thinks before it speaks.</summary>
    public static readonly Deceit Thinker = new("thinks", "serves another model that thinks first", 10);

    public static IReadOnlyList<Deceit> All { get; } = [Swap, Mix, Inflate, Pocket, Tamper];

    /// <summary>What shows without a reference, by an offering's own past. Mixing does not: thirty percent of other words may take long, and are not promised.</summary>
    public static IReadOnlyList<Deceit> Changes { get; } = [Swap with { DaysMax = 5 }, Renew, Thinker];
}

/// <summary>One simulated upstream: which model it claims to serve, and how it deviates from it.</summary>
/// <param name="Name">Of the upstream.</param>
/// <param name="Deceit">Null: honest.</param>
/// <param name="TurnsMs">From when on it cheats, Unix milliseconds.</param>
internal sealed record Seller(string Name, Deceit? Deceit, long TurnsMs)
{
    /// <summary>Until when it cheats, Unix milliseconds.</summary>
    public long EndsMs { get; init; } = long.MaxValue;

    public const string ForeignModel = "another";

    /// <summary>Its model thinks first, and no word fits a small limit.</summary>
    public bool Thinks { get; init; }

    /// <summary>What it does now; null: nothing wrong.</summary>
    public Deceit? DoesAt(long nowMs) => nowMs >= TurnsMs && nowMs < EndsMs ? Deceit : null;
}
