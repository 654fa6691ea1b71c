namespace Trivet.Core.Upstreams;

/// <summary>How long one attempt at an upstream may take, stage by stage.</summary>
public sealed record DeadlineConfig
{
    /// <summary>The defaults.</summary>
    public static DeadlineConfig Default { get; } = new();

    /// <summary>Until the connection (with TLS) stands.</summary>
    public TimeSpan Connect { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Until response headers arrive; null: <see cref="FirstContent"/> bounds it.</summary>
    public TimeSpan? Headers { get; init; }

    /// <summary>Until the first real content: of a stream the first text, thinking or tool call; else the whole body's start.</summary>
    public TimeSpan FirstContent { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The longest silence within a stream after its first content.</summary>
    public TimeSpan Idle { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The whole attempt.</summary>
    public TimeSpan Total { get; init; } = TimeSpan.FromMinutes(10);
}
