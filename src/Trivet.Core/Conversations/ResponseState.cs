using System.Buffers;
using System.Text;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Core.Relay.Reading;
using Trivet.Core.Snapshots;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Conversations;

/// <summary>
/// State that a Responses client expects the vendor to keep. A request that goes on from a response is made to say the whole conversation, so that any upstream
/// can answer it; where the response is an upstream's own and that one keeps it, the request goes there as it is.
/// </summary>
internal static class ResponseState
{
    /// <summary>Prepares a request after its route is known.</summary>
    public static async ValueTask<Failure?> PrepareAsync(RelayCall call)
    {
        var config = call.Snapshot.Config.Responses;
        if (call.Format.Protocol != Protocol.OpenAIResponses || call.Responses is not { } memory)
            return null;
        if (Refusal(call) is { } refusal)
            return refusal;
        if (!config.Enabled)
            return null;
        if (await ItemReferences.ResolveAsync(call, memory, upstream => IsKeptBy(call, upstream)) is { } unresolved)
            return unresolved;
        var previousId = TextOf(call, "previous_response_id"u8);
        Note(call, previousId, config);
        if (previousId.Length == 0)
            return null;
        var found = await memory.FindAsync(call.Key!.Organisation, call.Key.Id, previousId, call.Client.Aborted);
        if (found.Fault is { } fault)
            return new Failure(FailureKind.GatewayOverloaded) { Detail = "The conversation cannot be looked up just now.", Internal = fault.Message };
        if (found.Value is { } chain)
        {
            call.Previous = chain;
            if (IsKeptBy(call, chain[^1].Upstream))
                return null;
            return Expand(call);
        }

        // Perhaps one of the upstreams knows it.
        return SpokenBy(call, "previous_response_id").Any() ? null : NotFound(previousId);
    }

    /// <summary>
    /// Makes the request say the whole conversation. Done at once where nobody but Trivet keeps it, and after the upstream that keeps it has failed.
    /// </summary>
    public static Failure? Expand(RelayCall call)
    {
        var body = call.Body.WrittenSpan;
        var own = call.Scan.TryGetField(body, "input"u8, out var field) ? ResponseItems.AsArray(body.Slice(field.ValueStart, field.ValueLength)) : "[]";
        var input = ResponseItems.Join(call.Previous!.SelectMany(static response => (string[])[response.Input, ResponseItems.OutputOf(response.Body)]).Append(own));
        var expanded = new ArrayBufferWriter<byte>(body.Length + input.Length);
        ResponseItems.Expand(body, call.Scan, input, expanded);
        call.Previous = null;
        return Replace(call, expanded.WrittenSpan);
    }

    /// <summary>Puts another body in the place of a request's own, one that says more.</summary>
    public static Failure? Replace(RelayCall call, ReadOnlySpan<byte> body)
    {
        if (body.Length > call.Snapshot.Config.Limits.BodyBytesMax)
            return new Failure(FailureKind.ClientBodyTooLarge) { Detail = "It is the conversation that it goes on from that makes it so." };
        (call.Canonical, call.ReplayPlan) = (null, null);
        if (call.Sent is { IsBusy: true })
            call.Body.Abandon(); // a failed attempt may still be reading it
        else
            call.Body.Clear();
        call.Body.Write(body);
        call.Scan.Reset();
        if (!call.Format.TryScan(call.Body.WrittenMemory, call.Scan, out var error))
            return new Failure(FailureKind.ClientRequestInvalid) { UpstreamError = error! with { Code = null } };
        (call.SessionId, call.SessionHash) = Sessions.Find(call);
        return null;
    }

    /// <summary>Whether an offering is of the upstream that keeps the conversation.</summary>
    public static bool IsKeeper(RelayCall call, Offering offering) => call.Previous is { } chain && offering.Upstream.Name == chain[^1].Upstream;

    // Work that goes on behind the client's back, and conversations that only the vendor knows, need a vendor that has them.
    private static Failure? Refusal(RelayCall call)
    {
        foreach (var name in (ReadOnlySpan<string>)["background", "conversation"])
        {
            if (call.Scan.TryGetField(call.Body.WrittenSpan, Encoding.UTF8.GetBytes(name), out var field) && call.Body.WrittenSpan[field.ValueStart] is not ((byte)'n' or (byte)'f') && !SpokenBy(call, name).Any())
                return new Failure(FailureKind.ClientCapabilityMissing) { Code = "unsupported_parameter", Detail = $"{name}: no upstream of this route keeps such state. Send the conversation as input, or go on from a response by previous_response_id." };
        }

        return null;
    }

    // Vendors that speak the protocol and do not silently ignore the field (WIRE_FACTS §3.5: DeepSeek takes and forgets previous_response_id).
    private static IEnumerable<Offering> SpokenBy(RelayCall call, string field) => call.Route!.Candidates.Where(offering =>
        offering.Upstream.EndpointFor(Protocol.OpenAIResponses) is not null
        && offering.Quirks(Protocol.OpenAIResponses) is var quirks && !quirks.FieldsIgnored.Contains(field, StringComparer.Ordinal) && !quirks.FieldsRejected.Contains(field, StringComparer.Ordinal));

    private static bool IsKeptBy(RelayCall call, string upstream) =>
        upstream.Length > 0 && SpokenBy(call, "previous_response_id").Any(offering => offering.Upstream.Name == upstream);

    private static void Note(RelayCall call, string previousId, ResponsesConfig config)
    {
        var body = call.Body.WrittenSpan;
        if (body.Length > config.BytesMax || call.Scan.TryGetField(body, "store"u8, out var store) && body[store.ValueStart] == (byte)'f')
            return;
        call.Kept = new KeptRequest(previousId, call.Scan.TryGetField(body, "input"u8, out var input) ? body.Slice(input.ValueStart, input.ValueLength).ToArray() : []);
    }

    private static Failure NotFound(string id) => new(FailureKind.ClientPreviousResponseUnknown) { Detail = $"Previous response with id '{id}' not found.", Param = "previous_response_id" };

    private static string TextOf(RelayCall call, ReadOnlySpan<byte> name) =>
        call.Scan.TryGetField(call.Body.WrittenSpan, name, out var field) && call.Body.WrittenSpan[field.ValueStart] == (byte)'"'
            ? JsonText.FromToken(call.Body.WrittenMemory.Slice(field.ValueStart, field.ValueLength)).ToString()
            : "";
}
