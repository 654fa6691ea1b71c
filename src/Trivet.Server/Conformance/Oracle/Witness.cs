using System.Text.Json.Nodes;
using Trivet.Sandbox;
using Trivet.Server.Conformance.Talks;

namespace Trivet.Server.Conformance.Oracle;

/// <summary>Everything that is known of one request: what the client sent and got, and what the sandbox saw and served.</summary>
internal sealed record Witness
{
    public required Talk Talk { get; init; }

    /// <summary>The client's body with the model's name as the upstream knows it.</summary>
    public required byte[] Sent { get; init; }

    public required int Status { get; init; }

    public required byte[] Received { get; init; }

    /// <summary>The connection ended before the answer did.</summary>
    public required bool WasCut { get; init; }

    /// <summary>The header that names losses; empty where there is none.</summary>
    public required string Lost { get; init; }

    /// <summary>The count is an estimate, and says so.</summary>
    public bool IsEstimate { get; init; }

    /// <summary>The last request that the sandbox saw for it; null where none reached it.</summary>
    public required SandboxLogEntry? Seen { get; init; }

    public JsonNode? Json
    {
        get
        {
            try
            {
                return JsonNode.Parse(Received);
            }
            catch (System.Text.Json.JsonException)
            {
                return null;
            }
        }
    }
}
