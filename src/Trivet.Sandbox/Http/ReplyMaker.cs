using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Protocols;
using Trivet.Sandbox.Scripts;
using Trivet.Sandbox.Streaming;
using Trivet.Sandbox.Tokens;

namespace Trivet.Sandbox.Http;

/// <summary>Decides and counts an answer: from a script or from the assistant, cut to the request's limits, signed, priced in tokens.</summary>
internal static class ReplyMaker
{
    public static Reply Make(SandboxState state, IProtocol protocol, Ask ask, ModelName model, ScriptedReply? script, Staging staging, string requestId)
    {
        var style = protocol.Habit(script?.Restyle(model.Style) ?? model.Style);
        var answer = script?.Blocks is { } blocks
            ? ScriptedAnswers.Make(script, blocks, (name, i) => state.Ids.Next(style.Ids, protocol.CallIdPrefix, name, requestId, i))
            : Said(state, protocol, ask, model, style, staging, requestId);
        if (staging.Empty)
        {
            answer = new Answer();
        }

        if (script?.Blocks is null)
        {
            AnswerLimits.Apply(answer, ask);
            staging.Dishonesty?.Change(answer, AsksForInstructions(ask));
        }

        state.Signatures.Apply(answer, requestId);
        var input = state.Cache.Split(ask, model.IsCached);
        var reasoning = answer.Blocks.Where(b => b.Kind == BlockKind.Reasoning).Sum(b => b.Tokens);
        var output = answer.Blocks.Where(b => b.Kind != BlockKind.Reasoning).Sum(b => b.Tokens);
        return new Reply(ask, answer, script?.Usage ?? Reported(staging, input with { OutputTokens = output, ReasoningTokens = reasoning }), style)
        {
            Model = script?.Model ?? staging.WrongModel ?? model.Full,
            RequestId = requestId,
            IdSuffix = "sandbox" + state.Ids.Random(requestId, -1, 22),
            Created = state.Options.Time.GetUtcNow(),
            NoUsage = staging.NoUsage || style.Usage == UsagePlacement.None,
            NoDone = staging.NoDone,
        };
    }

    private static Answer Said(SandboxState state, IProtocol protocol, Ask ask, ModelName model, Style style, Staging staging, string requestId)
    {
        var dishonesty = staging.Dishonesty;
        var speaker = model.Kind == "voice" ? (dishonesty ?? new Dishonesty()).Speaker(model, ask.Temperature, state.NextSample()) : null;
        Answer Ask() => state.Assistant.Answer(ask, model, style, protocol.CallIdPrefix, requestId, speaker);
        if (dishonesty is not { RepeatsAnswers: true })
        {
            return Ask();
        }

        var kept = state.Repeated.GetOrAdd(model.Full + "\n" + string.Join('\n', TokenCounter.Pieces(ask).Select(piece => piece.Text)), _ => Ask());
        return new Answer { Blocks = [.. kept.Blocks], Stop = kept.Stop };
    }

    // Hidden instructions that are not well hidden.
    private static bool AsksForInstructions(Ask ask) =>
        ask.Turns.Count > 0 && ask.Turns[^1].Parts.Exists(part => part.Kind == PartKind.Text && part.Text.Contains("instructions", StringComparison.OrdinalIgnoreCase));

    private static SandboxUsage Reported(Staging staging, SandboxUsage usage) => staging.Dishonesty?.Report(usage) ?? usage;
}
