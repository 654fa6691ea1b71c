using Trivet.Sandbox;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Oracle;

/// <summary>Everything that is known of one request: what the client sent and got, and what the sandbox saw and served.</summary>
internal sealed record Witness
{
    public required Talk Talk { get; init; }

    /// <summary>The client's body with the model's name as the upstream knows it.</summary>
    public required byte[] Sent { get; init; }

    /// <summary>What the client got.</summary>
    public required Reply Reply { get; init; }

    /// <summary>The last request that the sandbox saw for it; null where none reached it.</summary>
    public required SandboxLogEntry? Seen { get; init; }
}
