namespace Trivet.Core.Conversations;

/// <summary>Whether and how long responses are kept for clients that go on from them.</summary>
public sealed record ResponsesConfig
{
    /// <summary>False keeps none: <c>previous_response_id</c> is then the upstream's to know.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>How long.</summary>
    public TimeSpan Keep { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How much memory a node spends on them; the database holds the rest.</summary>
    public long MemoryBytes { get; init; } = 32L << 20;

    /// <summary>The largest response that is kept, its request's items included.</summary>
    public long BytesMax { get; init; } = 4L << 20;
}
