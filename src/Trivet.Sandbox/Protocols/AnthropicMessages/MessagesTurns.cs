using System.Text.Json;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Reads and validates messages: neighbours of one role are one turn, and each turn of calls is answered by the next.</summary>
internal static class MessagesTurns
{
    public static void Read(Ask ask, JsonElement body, RequestContext context)
    {
        var messages = body.Items("messages").ToList();
        if (messages.Count == 0)
        {
            throw MessagesRequestReader.Bad("messages: at least one message is required");
        }

        var callIds = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Pending();
        for (var i = 0; i < messages.Count; i++)
        {
            var role = messages[i].Str("role");
            if (role == "system" && !context.Model.IsStrict && i > 0)
            {
                ask.AddSystem(MessagesBlocks.Read(messages[i].Get("content"), i, context));
                continue;
            }

            var speaker = role switch
            {
                "user" => Speaker.User,
                "assistant" => Speaker.Assistant,
                "system" => throw MessagesRequestReader.Bad(
                    "messages: Unexpected role \"system\". The Messages API accepts a top-level `system` parameter, not \"system\" as an input message role."),
                _ => throw MessagesRequestReader.Bad($"messages.{i}.role: Input should be 'user' or 'assistant'"),
            };
            if (i == 0 && speaker == Speaker.Assistant)
            {
                throw MessagesRequestReader.Bad("messages: first message must use the \"user\" role");
            }

            var parts = MessagesBlocks.Read(messages[i].Get("content"), i, context);
            if (parts.Count == 0 && !(speaker == Speaker.Assistant && i == messages.Count - 1))
            {
                throw MessagesRequestReader.Bad($"messages.{i}: all messages must have non-empty content except for the optional final assistant message");
            }

            Match(ask, parts, speaker, i, pending, callIds);
            foreach (var part in parts)
            {
                ask.Add(speaker, part);
            }
        }

        pending.ThrowIfOpen();
        CheckEnd(ask, context);
    }

    private static void Match(Ask ask, List<Part> parts, Speaker speaker, int index, Pending pending, HashSet<string> callIds)
    {
        if (speaker == Speaker.Assistant)
        {
            if (ask.Turns.Count == 0 || ask.Turns[^1].Speaker == Speaker.User)
            {
                pending.ThrowIfOpen();
                pending.Known.Clear();
            }

            foreach (var call in parts.Where(p => p.Kind == PartKind.ToolCall))
            {
                if (!callIds.Add(call.Id!))
                {
                    throw MessagesRequestReader.Bad($"messages.{index}.content: `tool_use` ids must be unique");
                }

                pending.Index = index;
                pending.Open.Add(call.Id!);
                pending.Known.Add(call.Id!);
            }

            return;
        }

        for (var i = 0; i < parts.Count; i++)
        {
            if (parts[i].Kind != PartKind.ToolResult)
            {
                // Results come first: anything else before them leaves the calls unanswered.
                pending.ThrowIfOpen();
            }
            else if (!pending.Known.Contains(parts[i].Id!))
            {
                throw MessagesRequestReader.Bad(
                    $"messages.{index}.content.{i}: unexpected `tool_use_id` found in `tool_result` blocks: {parts[i].Id}. "
                    + "Each `tool_result` block must have a corresponding `tool_use` block in the previous message.");
            }
            else if (!pending.Open.Remove(parts[i].Id!))
            {
                throw MessagesRequestReader.Bad($"messages.{index}.content.{i}: each tool_use must have a single result. Found multiple `tool_result` blocks with id: {parts[i].Id}");
            }
        }
    }

    private static void CheckEnd(Ask ask, RequestContext context)
    {
        if (ask.EndsWithAssistant)
        {
            var last = ask.Turns[^1].Parts.LastOrDefault();
            if (last is { Kind: PartKind.Text } && last.Text.Length > 0 && char.IsWhiteSpace(last.Text[^1]))
            {
                throw MessagesRequestReader.Bad("messages: final assistant content cannot end with trailing whitespace");
            }

            if (ask.ReasoningTokens > 0 && context.Model.IsStrict)
            {
                throw MessagesRequestReader.Bad("messages: pre-filling the assistant response is not supported when thinking is enabled");
            }
        }

        if (!context.Model.IsStrict || ask.ReasoningTokens is not > 0)
        {
            return;
        }

        var lastCalls = ask.Turns.FindLastIndex(t => t.Speaker == Speaker.Assistant && t.Parts.Exists(p => p.Kind == PartKind.ToolCall));
        var lastSaid = ask.Turns.FindLastIndex(t => t.Speaker == Speaker.User && !t.Parts.Exists(p => p.Kind == PartKind.ToolResult));
        if (lastCalls > lastSaid && ask.Turns[lastCalls].Parts[0].Kind != PartKind.Reasoning)
        {
            throw MessagesRequestReader.Bad(
                $"messages.{lastCalls}.content.0.type: Expected `thinking` or `redacted_thinking`, but found `{(ask.Turns[lastCalls].Parts[0].Kind == PartKind.Text ? "text" : "tool_use")}`. "
                + "When `thinking` is enabled, a final `assistant` message must start with a thinking block (preceeding the lastmost set of `tool_use` and `tool_result` blocks). "
                + "We recommend you include thinking blocks from previous turns. To avoid this requirement, disable `thinking`. Please consult our documentation at "
                + "https://docs.claude.com/en/docs/build-with-claude/extended-thinking");
        }
    }

    private sealed class Pending
    {
        public int Index { get; set; }

        public HashSet<string> Open { get; } = new(StringComparer.Ordinal);

        /// <summary>The calls of the turn before, answered or not.</summary>
        public HashSet<string> Known { get; } = new(StringComparer.Ordinal);

        public void ThrowIfOpen()
        {
            if (Open.Count > 0)
            {
                throw MessagesRequestReader.Bad(
                    $"messages.{Index}: `tool_use` ids were found without `tool_result` blocks immediately after: {string.Join(", ", Open)}. "
                    + "Each `tool_use` block must have a corresponding `tool_result` block in the next message.");
            }
        }
    }
}
