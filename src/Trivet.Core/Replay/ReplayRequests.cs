using Trivet.Core.Relay;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>What an attempt's request needs: each issuer its own thoughts, nobody another's.</summary>
internal static class ReplayRequests
{
    /// <summary>What stands for a signature that Google cannot check: its own word for history that another model made (ai.google.dev, thought signatures, 2025-12).</summary>
    private static readonly byte[] SkipValidation = "\"skip_thought_signature_validator\""u8.ToArray();

    private static readonly byte[] Unsigned = "\"\""u8.ToArray();

    private static readonly byte[] ThinkingOff = """{"type":"disabled"}"""u8.ToArray();

    /// <summary>Makes the canonical request what this attempt's upstream takes. Undoes what an attempt before it was made of it.</summary>
    public static async ValueTask ApplyAsync(RelayCall call, Attempt attempt)
    {
        if (call.Replay is not { } memory || ReplayScope.Of(call) is not { } scope)
            return;
        call.ReplayPlan ??= await ReplayPlan.MakeAsync(call.Canonical!, memory, scope, call.Client.Aborted);
        var quirks = attempt.Offering.Quirks(attempt.Endpoint.Protocol);
        call.ReplayPlan?.Apply(OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint), Demands(memory, attempt, quirks), RefusesUnthought(memory, attempt, quirks), call.IsStripped, attempt.Losses);
    }

    /// <summary>
    /// Notes the edits that a passing body needs. Reads the body a second time only where it holds something opaque and there is more than one issuer, or
    /// where the vendor demands thoughts that Chat clients do not send back.
    /// </summary>
    public static async ValueTask EditAsync(RelayCall call, Attempt attempt)
    {
        if (call.Replay is not { } memory)
            return;
        var protocol = attempt.Endpoint.Protocol;
        var quirks = attempt.Offering.Quirks(protocol);
        var demands = protocol == Protocol.OpenAIChat && call.Scan.Features.HasFlag(RequestFeatures.Tools) && Demands(memory, attempt, quirks);
        var takesUnsigned = protocol == Protocol.AnthropicMessages && (quirks.ReasoningInHistory == ReasoningInHistory.Required || quirks.Thinking.SignatureAlwaysEmpty);
        var mayBeForeign = protocol != Protocol.OpenAIChat
            && (call.IsStripped || call.IsThoughtScanOwn || call.Snapshot.HasSeveralIssuers(protocol) || call.Scan.ForeignReasoning.Count > 0 && (takesUnsigned || protocol == Protocol.Gemini))
            && (call.IsStripped || OpaqueBlobs.MayHoldAny(protocol, call.Body.WrittenSpan));
        if (!demands && !mayBeForeign || ReplayScope.Of(call) is not { } scope)
            return;
        if (demands)
            await ChatReasoning.SpliceAsync(call, memory, scope);
        else
            await LeaveOutAsync(call, attempt, takesUnsigned, memory, scope);
    }

    // Whether an upstream wants thoughts, an empty one at least, on every turn with calls: by its profile, or because it said so.
    private static bool Demands(ReplayMemory memory, Attempt attempt, ProtocolQuirks quirks) =>
        quirks.ReasoningInHistory == ReasoningInHistory.Required || attempt.Endpoint.Protocol == Protocol.OpenAIChat && memory.IsDemanding(attempt.Offering.Id);

    // Thinking with a budget goes on within a tool loop only where the turn before was thought of as well (Anthropic's older models; adaptive thinking does not mind).
    private static bool RefusesUnthought(ReplayMemory memory, Attempt attempt, ProtocolQuirks quirks) =>
        quirks.Thinking is { BlocksMustReturn: true, Budget: not Support.Rejected, SignatureAlwaysEmpty: false } && quirks.ReasoningInHistory != ReasoningInHistory.Required
        || attempt.Endpoint.Protocol == Protocol.AnthropicMessages && memory.IsDemanding(attempt.Offering.Id);

    private static async ValueTask LeaveOutAsync(RelayCall call, Attempt attempt, bool takesUnsigned, ReplayMemory memory, ReplayScope scope)
    {
        var protocol = attempt.Endpoint.Protocol;
        var target = OpaqueOrigin.Of(attempt.Offering, attempt.Endpoint);
        var conversation = BodyElements.Read(protocol, call.Body.WrittenMemory);
        var opaque = new List<(BodyElement Element, ReplayKey Key)>();
        foreach (var element in conversation)
        {
            Collect(element);
            element.Inner?.ForEach(Collect);
        }

        void Collect(BodyElement element)
        {
            if (element.Opaque is { IsEmpty: false } value && (element.IsThought || protocol == Protocol.Gemini))
                opaque.Add((element, ReplayKey.OfBlob(scope.Text, value)));
        }

        var unknown = opaque.FindAll(entry => !ForeignSignature.IsForeign(entry.Element.Opaque!.Value) && memory.Find(entry.Key) is null).ConvertAll(static entry => entry.Key);
        if (unknown.Count > 0 && !call.IsStripped && scope.Config.Enabled)
            await memory.LoadAsync(scope.Organisation, unknown, scope.Config, call.Client.Aborted);
        foreach (var (element, key) in opaque)
        {
            if (!call.IsStripped && !ForeignSignature.IsForeign(element.Opaque!.Value) && !(memory.Find(key)?.Origin is { } origin && origin != target))
                continue;
            if (protocol == Protocol.Gemini)
                call.Edits.Replace(element.OpaqueStart, element.Opaque!.Value.Token.Length, SkipValidation);
            else if (takesUnsigned && element.IsSigned)
                call.Edits.Replace(element.OpaqueStart, element.Opaque!.Value.Token.Length, Unsigned);
            else
                element.IsCut = true;
        }

        call.IsThoughtScanOwn = true;
        call.Scan.ForeignReasoning.Clear(); // the scan's own finds are among these
        if (protocol != Protocol.Gemini)
            BodyElements.AddRanges(conversation, call.Scan.ForeignReasoning);
        if (protocol == Protocol.AnthropicMessages && (call.IsStripped || RefusesUnthought(memory, attempt, attempt.Offering.Quirks(protocol))) && BodyElements.IsUnthoughtLoop(conversation))
            StopThinking(call);
    }

    // A tool loop whose thoughts are left out cannot be gone on with in thought: Anthropic then wants them, or wants thinking off.
    private static void StopThinking(RelayCall call)
    {
        var body = call.Body.WrittenSpan;
        if (!call.Scan.TryGetField(body, "thinking"u8, out var thinking) || body.Slice(thinking.ValueStart, thinking.ValueLength).IndexOf("\"enabled\""u8) < 0)
            return;
        call.Edits.Replace(thinking.ValueStart, thinking.ValueLength, ThinkingOff);
        call.Edits.Lost.Add("~thinking");
        if (call.Scan.TryGetField(body, "context_management"u8, out var management) && body.Slice(management.ValueStart, management.ValueLength).IndexOf("clear_thinking"u8) >= 0)
            call.Edits.DropFields(body, call.Scan, ["context_management"]); // asks for thinking to be on
    }
}
