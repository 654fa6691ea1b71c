namespace Trivet.Core.Limits;

/// <summary>How much is set aside for a request.</summary>
public enum ReserveMode
{
    /// <summary>What requests of this kind cost lately, with a margin, never more than the worst case. What the last one of a balance costs above it is absorbed.</summary>
    Learned,

    /// <summary>The worst case, always.</summary>
    Strict,
}

/// <summary>Settings of admission by limits.</summary>
public sealed record LimitOptions
{
    /// <summary>How much is set aside.</summary>
    public ReserveMode Reserve { get; init; }

    /// <summary>How long a request waits for money that others hold and may give back.</summary>
    public TimeSpan WaitMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Other nodes share the database, so that requests and tokens per minute and requests at a time are counted in it, in leases, beside this node's own count.</summary>
    public bool SharesCounts { get; init; }

    /// <summary>The output that is reckoned with where a request sets no bound and nothing is learned.</summary>
    public long OutputTokensUnbounded { get; init; } = 4096;
}
