using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>What an answer or a conversation says, whatever the protocol: as text, so that a difference can be read.</summary>
internal static class Meaning
{
    /// <summary>Words, thoughts, calls, stop reason and usage of an answer.</summary>
    public static string Of(CanonicalResponse response)
    {
        var shown = new StringBuilder();
        shown.AppendLine("says: " + string.Concat(response.Blocks.Select(Words)));
        shown.AppendLine("thinks: " + string.Concat(response.Blocks.OfType<ReasoningBlock>().Select(b => b.Text.ToString())));
        var calls = response.Blocks.OfType<ToolCallBlock>().ToList();
        foreach (var call in calls)
            shown.AppendLine("calls: " + call.Name + Arguments(call));
        shown.AppendLine("stops: " + Stop(response.StopReason, calls.Count > 0));
        if (response.Usage is { } usage)
            shown.AppendLine($"uses: {usage.InputTotal} with {usage.CacheRead} cached, {usage.OutputTotal} with {usage.OutputReasoning} of thought");
        return shown.ToString();
    }

    /// <summary>What is said and called in a conversation, in order, side by side with who says it; instructions, tools and how they may be chosen.</summary>
    public static string Of(CanonicalRequest request)
    {
        var shown = new StringBuilder();
        shown.AppendLine("instructions: " + string.Concat(request.Turns.TakeWhile(IsInstruction).SelectMany(t => t.Blocks).Select(Words)));
        Role? side = null;
        foreach (var turn in request.Turns.SkipWhile(IsInstruction))
        {
            foreach (var block in turn.Blocks)
            {
                var shownBlock = Show(block);
                if (shownBlock.Length == 0)
                    continue;
                if (side != turn.Role)
                    shown.AppendLine().Append(side = turn.Role).Append(": ");
                shown.Append(shownBlock);
            }
        }

        shown.AppendLine();
        foreach (var tool in request.Tools.Where(t => t.Kind == ToolKind.Function))
            shown.AppendLine($"offers: {tool.Name}: {tool.Description} {Schema(tool)}");
        if (request.Tools.Exists(t => t.Kind == ToolKind.Function))
            shown.AppendLine($"choice: {request.ToolChoice?.Mode ?? ToolChoiceMode.Auto} {request.ToolChoice?.Name} {request.ParallelToolCalls == false}");
        shown.AppendLine($"stops at: {string.Join('|', request.StopSequences)}");
        return shown.ToString();
    }

    private static bool IsInstruction(Turn turn) => turn.Role is Role.System or Role.Developer;

    private static string Words(Block block) => block switch { TextBlock text => text.Text.ToString(), RefusalBlock refusal => refusal.Text.ToString(), _ => "" };

    private static string Show(Block block) => block switch
    {
        TextBlock or RefusalBlock => string.IsNullOrWhiteSpace(Words(block)) ? "" : Words(block),
        ToolCallBlock call => $"<call {call.Id} {call.Name} {Arguments(call)}>",
        ToolResultBlock result => $"<result {result.CallId} {string.Concat(result.Content.Select(Show))}>",
        MediaBlock { PlainText.IsNull: false } document => (document.Name.IsEmpty ? "" : $"[document: {document.Name}]") + document.PlainText,
        MediaBlock media => $"<{media.Kind} {media.MediaType} {media.Data}{media.Url}{media.PlainText}>",
        _ => "",
    };

    private static string Arguments(ToolCallBlock call)
    {
        try
        {
            return call.Arguments.IsEmpty ? "{}" : JsonNode.Parse(call.Arguments.Span)!.ToJsonString();
        }
        catch (System.Text.Json.JsonException)
        {
            return "not JSON";
        }
    }

    private static string Schema(Tool tool)
    {
        if (tool.Parameters.IsNull)
            return "{}";
        var schema = JsonNode.Parse(tool.Parameters.Utf8.Span)!.AsObject();
        schema.Remove("type");
        if (schema["properties"] is JsonObject { Count: 0 })
            schema.Remove("properties");
        return schema.ToJsonString();
    }

    private static string Stop(StopReason reason, bool hasCalls) => reason switch
    {
        StopReason.MaxTokens or StopReason.ContextWindow => "length",
        StopReason.ContentFilter or StopReason.Refusal => "filter",
        StopReason.Error => "error",
        _ => hasCalls ? "calls" : "done",
    };
}
