namespace Trivet.Core.Routing;

/// <summary>
/// Whether a route's slow requests are asked for a second time elsewhere, and how much of that there may be. From the operator; a route without one hedges nothing.
/// </summary>
public sealed record HedgeConfig
{
    /// <summary>False: as if it were not there.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>The most requests that are hedged, in percent of the route's requests that could be.</summary>
    public int SharePercent { get; init; } = 20;

    /// <summary>The most that attempts which lost may cost in a day (UTC), nano-units.</summary>
    public long SpendNano { get; init; } = 1_000_000_000;

    /// <summary>Of <see cref="SpendNano"/>.</summary>
    public string Currency { get; init; } = "USD";
}
