namespace Trivet.Sandbox;

/// <summary>What a sandbox says of the account that asks.</summary>
public sealed record SandboxAccount
{
    /// <summary>The currency, where the vendor's answer names one.</summary>
    public string Currency { get; init; } = "CNY";

    /// <summary>Money that was paid in and is left.</summary>
    public decimal Paid { get; init; } = 100m;

    /// <summary>Money that was given and is left.</summary>
    public decimal Granted { get; init; } = 10m;

    /// <summary>Money that is gone.</summary>
    public decimal Spent { get; init; } = 25.5m;

    /// <summary>How much of a plan's five hours is used.</summary>
    public int FiveHoursUsedPercent { get; init; } = 15;

    /// <summary>When they are over.</summary>
    public DateTimeOffset FiveHoursResetsAt { get; init; } = new(2026, 12, 1, 5, 0, 0, TimeSpan.Zero);

    /// <summary>How much of a plan's week is used.</summary>
    public int WeekUsedPercent { get; init; } = 26;

    /// <summary>When it is over.</summary>
    public DateTimeOffset WeekResetsAt { get; init; } = new(2026, 12, 7, 0, 0, 0, TimeSpan.Zero);
}
