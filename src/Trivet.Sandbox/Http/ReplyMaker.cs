using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Protocols;
using Trivet.Sandbox.Scripts;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Http;

/// <summary>Decides and counts an answer: from a script or from the assistant, cut to the request's limits, signed, priced in tokens.</summary>
internal static class ReplyMaker
{
    public static Reply Make(SandboxState state, IProtocol protocol, Ask ask, ModelName model, ScriptedReply? script, Staging staging, string requestId)
    {
        var style = protocol.Habit(script?.Restyle(model.Style) ?? model.Style);
        var answer = script?.Blocks is { } blocks
            ? ScriptedAnswers.Make(script, blocks, (name, i) => state.Ids.Next(style.Ids, protocol.CallIdPrefix, name, requestId, i))
            : state.Assistant.Answer(ask, model, style, protocol.CallIdPrefix, requestId);
        if (staging.Empty)
        {
            answer = new Answer();
        }

        if (script?.Blocks is null)
        {
            AnswerLimits.Apply(answer, ask);
        }

        state.Signatures.Apply(answer);
        var input = state.Cache.Split(ask, model.IsCached);
        var reasoning = answer.Blocks.Where(b => b.Kind == BlockKind.Reasoning).Sum(b => b.Tokens);
        var output = answer.Blocks.Where(b => b.Kind != BlockKind.Reasoning).Sum(b => b.Tokens);
        return new Reply(ask, answer, script?.Usage ?? input with { OutputTokens = output, ReasoningTokens = reasoning }, style)
        {
            Model = script?.Model ?? staging.WrongModel ?? model.Full,
            RequestId = requestId,
            IdSuffix = "sandbox" + state.Ids.Random(requestId, -1, 22),
            Created = state.Options.Time.GetUtcNow(),
            NoUsage = staging.NoUsage || style.Usage == UsagePlacement.None,
            NoDone = staging.NoDone,
        };
    }
}
