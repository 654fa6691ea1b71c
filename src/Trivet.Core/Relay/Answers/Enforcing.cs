using Trivet.Core.Relay.Attempts;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Core.Relay.Answers;

/// <summary>What Trivet keeps of a request in an upstream's stead, where its protocol or the vendor cannot: applied to the answer before the client sees it.</summary>
internal static class Enforcing
{
    /// <summary>Takes over from the losses of a translated request what Trivet can keep.</summary>
    public static void Take(RelayCall call, Attempt attempt)
    {
        if (attempt.Losses.MakeGood(Enforcement.StopSequences))
            attempt.StopsKept = [.. call.Canonical!.StopSequences];
        attempt.KeepsSingleCall = attempt.Losses.MakeGood(Enforcement.SingleCall);
        if (attempt.Demands.HasFlag(AnswerDemands.Schema))
            attempt.Losses.MakeGood(Enforcement.Schema);
        if (attempt.Demands.HasFlag(AnswerDemands.Tool))
            attempt.Losses.MakeGood(Enforcement.ForcedTool);
    }

    /// <summary>Around the writer of a stream.</summary>
    public static IStreamSink Wrap(Attempt attempt, IStreamSink client)
    {
        if (attempt.StopsKept is { } stops)
            client = new StopSequenceSink(client, stops);
        return attempt.KeepsSingleCall ? new SingleCallSink(client) : client;
    }

    /// <summary>On a whole answer.</summary>
    public static CanonicalResponse Apply(Attempt attempt, CanonicalResponse response)
    {
        if (attempt.KeepsSingleCall)
            SingleCallSink.Apply(response);
        return attempt.StopsKept is { } stops ? StopSequenceSink.Apply(response, stops) : response;
    }
}
