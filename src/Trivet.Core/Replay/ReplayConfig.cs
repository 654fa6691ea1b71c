namespace Trivet.Core.Replay;

/// <summary>Whether and how long thoughts are kept for those who want them back.</summary>
public sealed record ReplayConfig
{
    /// <summary>False keeps and restores nothing.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How long, in memory and in the database.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromHours(24);

    /// <summary>How much memory a node spends on it.</summary>
    public long MemoryBytes { get; init; } = 64L << 20;
}
