using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.BedrockConverse;

/// <summary>Ids and names that Bedrock takes: <c>[a-zA-Z0-9_-]+</c>, at most 64 long (API reference: ToolUseBlock, ToolResultBlock, ToolSpecification).</summary>
internal static class BedrockConverseIds
{
    private const int CharsMax = 64;

    /// <summary>The legal id of a call: the same one each time, on every node.</summary>
    public static string CallId(JsonText id) => ToolNames.Legal(default, id, CharsMax);

    /// <summary>A tool's name.</summary>
    public static string ToolName(JsonText space, JsonText name) => ToolNames.Legal(space, name, CharsMax);
}
