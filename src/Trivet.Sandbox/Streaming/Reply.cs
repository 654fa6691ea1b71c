using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Streaming;

/// <summary>An answer ready to be rendered: what is said, what it cost, under which names, in which style.</summary>
internal sealed record Reply(Ask Ask, Answer Answer, SandboxUsage Usage, Style Style)
{
    /// <summary>The model the answer claims to come from.</summary>
    public required string Model { get; init; }

    public required string RequestId { get; init; }

    /// <summary>Unique letters and digits, for the protocol's own ids.</summary>
    public required string IdSuffix { get; init; }

    public required DateTimeOffset Created { get; init; }

    public bool NoUsage { get; init; }

    /// <summary>Leave out the end of the stream.</summary>
    public bool NoDone { get; init; }
}
