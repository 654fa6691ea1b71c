namespace Trivet.Core.Routing;

/// <summary>How patiently and how often a request is tried. From the operator; a route may say otherwise than the whole.</summary>
public sealed record RetryConfig
{
    /// <summary>The defaults.</summary>
    public static RetryConfig Default { get; } = new();

    /// <summary>A wait that an upstream asks for is waited out up to this, because its prompt cache is warm; a longer one goes elsewhere.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Attempts of one request in all.</summary>
    public int TriesMax { get; init; } = 6;

    /// <summary>How many retries an upstream gets, in percent of the requests that it got lately.</summary>
    public int BudgetPercent { get; init; } = 20;

    /// <summary>Retries that an upstream gets in ten seconds however few its requests are.</summary>
    public int BudgetFloor { get; init; } = 20;
}

/// <summary>What a route says of it; null: as the whole.</summary>
internal sealed record RetryDraft
{
    public TimeSpan? WaitMax { get; init; }

    public int? TriesMax { get; init; }

    public RetryConfig Over(RetryConfig whole) => whole with { WaitMax = WaitMax ?? whole.WaitMax, TriesMax = TriesMax ?? whole.TriesMax };
}
