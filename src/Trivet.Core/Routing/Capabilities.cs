using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Routing;

/// <summary>Whether an offering can do what a request needs, as far as its vendor's profile and its protocol say. Those that can are tried first.</summary>
internal static class Capabilities
{
    private const RequestFeatures OwnProtocolOnly = RequestFeatures.ServerTools | RequestFeatures.VendorState;

    /// <summary>Judged by the protocol in which the offering is best asked by a client of <paramref name="clientProtocol"/>.</summary>
    public static bool Cover(Offering offering, RequestFeatures features, Protocol clientProtocol)
    {
        if (features == RequestFeatures.None)
            return true;
        var protocol = UpstreamProtocols.ChooseFor(offering.Upstream, clientProtocol)?.Protocol ?? clientProtocol;
        if (protocol != clientProtocol && (features & OwnProtocolOnly) != 0)
            return false;
        var quirks = offering.Quirks(protocol);
        return CanRead(features, protocol, quirks) && KeepsTools(features, protocol, quirks) && KeepsAnswer(features, protocol, quirks);
    }

    private static bool CanRead(RequestFeatures features, Protocol protocol, ProtocolQuirks quirks)
    {
        if (features.HasFlag(RequestFeatures.Images) && quirks.Images == ImageSupport.None)
            return false;
        if (features.HasFlag(RequestFeatures.Documents) && quirks.Documents == Support.Rejected)
            return false;
        if (features.HasFlag(RequestFeatures.Audio) && protocol is Protocol.AnthropicMessages or Protocol.OpenAIResponses or Protocol.BedrockConverse)
            return false;
        return !features.HasFlag(RequestFeatures.Video) || protocol is Protocol.Gemini or Protocol.OpenAIChat
            || (protocol == Protocol.BedrockConverse && !quirks.BlocksRejected.Contains("video", StringComparer.Ordinal));
    }

    private static bool KeepsTools(RequestFeatures features, Protocol protocol, ProtocolQuirks quirks)
    {
        if (features.HasFlag(RequestFeatures.ForcedTool) && ((quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected) & (ToolChoices.Required | ToolChoices.Named)) != 0)
            return false;
        return !features.HasFlag(RequestFeatures.SingleToolCall) || (quirks.ParallelSwitch == Support.Honoured && protocol is not (Protocol.Gemini or Protocol.BedrockConverse));
    }

    private static bool KeepsAnswer(RequestFeatures features, Protocol protocol, ProtocolQuirks quirks)
    {
        if (features.HasFlag(RequestFeatures.JsonSchema) && quirks.StructuredOutput is not (StructuredOutput.JsonSchema or StructuredOutput.ForcedTool))
            return false;
        if (features.HasFlag(RequestFeatures.StopSequences) && quirks.StopSequences != Support.Honoured)
            return false;
        if (features.HasFlag(RequestFeatures.SeveralChoices) && protocol is not (Protocol.OpenAIChat or Protocol.Gemini))
            return false;
        return !features.HasFlag(RequestFeatures.LogProbs) || protocol is not (Protocol.AnthropicMessages or Protocol.BedrockConverse);
    }
}
