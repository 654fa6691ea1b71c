using Trivet.Core.Relay.Attempts;
using Trivet.Core.Replay;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Answers;

/// <summary>What writers must know of the request that they answer.</summary>
internal static class ResponseContext
{
    public static ResponseWriterOptions For(RelayCall call, Attempt attempt) => new()
    {
        FallbackId = call.RequestId[RequestIds.PrefixLength..],
        RequestId = call.RequestId,
        FallbackModel = attempt.Offering.Model,
        CreatedAt = call.StartedMs / 1000,
        IncludeUsage = call.Scan.StreamUsage,
        InputTokensEstimate = call.Scan.InputTokensEstimate,
        ReasoningOrigin = OpaqueOrigin.IssuerOf(attempt.Offering.Upstream),
        RequestEcho = new RequestEcho(call.Body.WrittenMemory, call.Scan),
    };
}
