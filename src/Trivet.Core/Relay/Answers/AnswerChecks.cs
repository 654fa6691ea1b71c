using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Routing;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Relay.Answers;

/// <summary>
/// Holds a whole answer against what its request demanded, on routes that ask for it: JSON that fits a schema, a tool that must be called. An answer that
/// does not is paid for, not shown, and asked for again once, with what is wrong with it; the second one counts as an attempt of its own.
/// </summary>
internal static class AnswerChecks
{
    private const string Code = "upstream_unfit_answer";

    /// <summary>What must be checked of an answer of this offering: known before the request is read, so that it can be decided how it is sent.</summary>
    public static AnswerDemands Of(RelayCall call, Offering offering, Protocol protocol)
    {
        if (call.Route?.Route is not { } route)
            return AnswerDemands.None;
        var demands = AnswerDemands.None;
        if (route.StructuredOutput == StructuredOutputPolicy.Repair && call.Scan.Features.HasFlag(RequestFeatures.JsonSchema))
            demands |= AnswerDemands.Schema;
        if (route.ForcedTools == ForcedToolPolicy.Retry && call.Scan.Features.HasFlag(RequestFeatures.ForcedTool) && (offering.Quirks(protocol).ToolChoiceIgnored & (ToolChoices.Required | ToolChoices.Named)) != 0)
            demands |= AnswerDemands.Tool;
        return demands;
    }

    /// <summary>Why the answer will not do; null where it will. What was cut off, filtered or refused says so itself, and no second asking would mend it.</summary>
    public static string? Fault(RelayCall call, Attempt attempt, CanonicalResponse response)
    {
        if (attempt.Demands == AnswerDemands.None || call.Canonical is not { } request)
            return null;
        if (response.StopReason is not (StopReason.EndTurn or StopReason.StopSequence or StopReason.ToolCalls or StopReason.Unknown) || response.Blocks.Exists(static block => block is RefusalBlock))
            return null;
        if (attempt.Demands.HasFlag(AnswerDemands.Tool) && MissingCall(request, response) is { } missing)
            return missing;
        if (!attempt.Demands.HasFlag(AnswerDemands.Schema) || request.OutputFormat is not { Kind: OutputFormatKind.JsonSchema, Schema.IsNull: false } format || response.Blocks.Exists(static block => block is ToolCallBlock))
            return null;
        return JsonSchemaCheck.Fault(format.Schema.Utf8, TextOf(response)) is { } fault ? $"The answer does not fit the JSON schema: {fault}." : null;
    }

    /// <summary>Remembers the answer and what is wrong with it for the next asking.</summary>
    public static WireError Refuse(RelayCall call, CanonicalResponse response, string fault)
    {
        call.Unfit = (call.Unfit ?? new UnfitAnswer()) with { Text = TextOf(response), Fault = fault };
        return new WireError { Class = ErrorClass.Server, Message = fault, Code = Code };
    }

    /// <summary>The kind of a failure that <see cref="Refuse"/> made; null for any other.</summary>
    public static FailureKind? KindOf(WireError error) => error.Code == Code ? FailureKind.UpstreamUnfit : null;

    /// <summary>Says at the conversation's end what was wrong, where this asking is the second. <see cref="TakeBack"/> undoes it.</summary>
    public static int AskAgain(RelayCall call)
    {
        if (call.Unfit is not { IsAskedAgain: true } unfit)
            return 0;
        var turns = call.Canonical!.Turns;
        var before = turns.Count;
        if (unfit.Text.Length > 0)
            turns.Add(Said(Role.Assistant, new JsonText(System.Text.Encoding.UTF8.GetString(unfit.Text))));
        turns.Add(Said(Role.User, new JsonText($"{unfit.Fault} Answer again, complete and corrected, and say nothing else.")));
        return turns.Count - before;
    }

    /// <summary>Takes the last turns off again: another candidate is asked without them.</summary>
    public static void TakeBack(RelayCall call, int turns) => call.Canonical!.Turns.RemoveRange(call.Canonical.Turns.Count - turns, turns);

    private static Turn Said(Role role, JsonText text)
    {
        var turn = new Turn(role) { IsPlainString = true };
        turn.Blocks.Add(new TextBlock(text));
        return turn;
    }

    private static string? MissingCall(CanonicalRequest request, CanonicalResponse response) => request.ToolChoice switch
    {
        { Mode: ToolChoiceMode.Named } choice when !response.Blocks.Exists(block => block is ToolCallBlock call && call.Name == choice.Name) => $"The tool {choice.Name} had to be called and was not.",
        { Mode: ToolChoiceMode.Any } or { Mode: ToolChoiceMode.Allowed, Required: true } when !response.Blocks.Exists(static block => block is ToolCallBlock) => "A tool had to be called and none was.",
        _ => null,
    };

    private static byte[] TextOf(CanonicalResponse response)
    {
        var text = new ArrayBufferWriter<byte>();
        foreach (var block in response.Blocks.OfType<TextBlock>())
            text.Write(System.Text.Encoding.UTF8.GetBytes(block.Text.ToString()));
        return text.WrittenSpan.ToArray();
    }
}

/// <summary>What an answer is held against.</summary>
[Flags]
internal enum AnswerDemands : byte
{
    None = 0,
    Schema = 1,
    Tool = 2,
}

/// <summary>An answer that did not do, as it is told to its upstream.</summary>
internal sealed record UnfitAnswer
{
    public byte[] Text { get; init; } = [];

    public string Fault { get; init; } = "";

    /// <summary>The one further asking is under way, or over.</summary>
    public bool IsAskedAgain { get; init; }
}
