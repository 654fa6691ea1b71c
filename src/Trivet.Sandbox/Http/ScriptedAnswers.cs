using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Scripts;

namespace Trivet.Sandbox.Http;

/// <summary>Turns a script's content into an answer; what the script leaves open (ids, stop reason) is filled in.</summary>
internal static class ScriptedAnswers
{
    public static Answer Make(ScriptedReply script, IReadOnlyList<Block> blocks, Func<string, int, string> callId)
    {
        var calls = 0;
        var named = blocks.Select(b => b is { Kind: BlockKind.ToolCall, Id: "" } ? b with { Id = callId(b.Name, calls++) } : b).ToList();
        var stop = script.Stop switch
        {
            null => named.Exists(b => b.Kind == BlockKind.ToolCall) ? Stop.ToolCalls : named.Exists(b => b.Kind == BlockKind.Refusal) ? Stop.Refusal : Stop.End,
            "end" => Stop.End,
            "length" => Stop.Length,
            "tool" => Stop.ToolCalls,
            "stop_sequence" => Stop.StopSequence,
            "content_filter" => Stop.ContentFilter,
            "refusal" => Stop.Refusal,
            _ => Stop.Other,
        };
        return new Answer
        {
            Blocks = named,
            Stop = stop,
            StopSequence = script.StopSequence,
            RawStop = stop == Stop.Other ? script.Stop : null,
            ScriptedUsage = script.Usage,
        };
    }
}
