namespace Trivet.Core.Routing.Policies;

/// <summary>Policies that need not be written: <c>best</c>, <c>balanced</c>, <c>cheap</c>, <c>fast</c>. One of <c>policies:</c> with the same name takes their place.</summary>
public static class PolicyPresets
{
    private static readonly PolicyFloors Sound = new() { Quality = 0.85, Availability = 0.9 };

    // Availability goes first: fallbacks stand in for it, and for quality nothing does.
    private static readonly Floor[] InOrder = [Floor.Availability, Floor.Quality];

    /// <summary>All of them.</summary>
    public static IReadOnlyList<PolicyConfig> All { get; } =
    [
        new() { Name = "best", Aim = PolicyAim.Best, Floors = new() { Availability = 0.9 }, WhenNone = WhenNone.Relax, Relax = [Floor.Availability] },
        new()
        {
            // A second at 7.2 USD an hour, and a useless answer at half a dollar: a minute and a half of somebody who is paid 20.
            Name = "balanced", Aim = PolicyAim.Exchange, SecondNano = 2_000_000, QualityNano = 500_000_000, Floors = Sound, WhenNone = WhenNone.Relax, Relax = InOrder,
        },
        new() { Name = "cheap", Aim = PolicyAim.Cheapest, Floors = Sound, WhenNone = WhenNone.Relax, Relax = InOrder },
        new() { Name = "fast", Aim = PolicyAim.Fastest, Floors = Sound, WhenNone = WhenNone.Relax, Relax = InOrder },
    ];

    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All.Select(policy => policy.Name)];
}
