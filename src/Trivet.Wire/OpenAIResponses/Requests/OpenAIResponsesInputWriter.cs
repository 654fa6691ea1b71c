using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>
/// Writes the conversation as <c>input</c> items. Every call wants an output and every output a call before it: outputs stand behind the items of the
/// turn that called, one without a call becomes user text, a call without one gets a note. Item ids are not sent: the vendor would look them up in a
/// store that does not hold them ("Item with id 'rs_…' not found", WIRE_FACTS §3.4), and encrypted thoughts are taken without (recordings 2026-11).
/// </summary>
internal sealed class OpenAIResponsesInputWriter(Utf8JsonWriter writer, CanonicalRequest request, OpenAIResponsesDialect dialect, OpenAIResponsesToolNames names, LossList losses)
{
    private readonly OpenAIResponsesPartWriter _parts = new(writer, request.Origin == Protocol.OpenAIResponses, dialect, losses);
    private readonly OpenAIResponsesReasoningWriter _reasoning = new(writer, request.Origin == Protocol.OpenAIResponses, dialect, losses);
    private readonly HashSet<ToolResultBlock> _answered = [];
    private readonly HashSet<string> _usedIds = new(StringComparer.Ordinal);
    private bool _conversationBegan;

    private bool IsOwn => request.Origin == Protocol.OpenAIResponses;

    // The calls may stand in what the vendor keeps.
    private bool HasKeptHistory => IsOwn && request.Extra.Exists(static extra => extra.Name is "previous_response_id" or "conversation");

    /// <summary>Writes <c>input</c> from the turn at <paramref name="first"/> on.</summary>
    public void Write(int first)
    {
        writer.WriteStartArray("input"u8);
        for (var i = first; i < request.Turns.Count; i++)
        {
            var turn = request.Turns[i];
            if (!turn.Name.IsEmpty)
                losses.Add(OpenAIResponsesLosses.MessageName);
            if (turn.IsSilent && !IsOwn)
                losses.Add(OpenAIResponsesLosses.EmptyMessage);
            if (turn.Role is Role.System or Role.Developer)
                System(turn);
            else if (turn.Role == Role.Assistant)
                Assistant(turn, i);
            else
                User(turn);
            _conversationBegan |= turn.Role is Role.User or Role.Assistant;
        }

        if (!IsOwn && request.Turns.Count > 0 && request.Turns[^1] is { Role: Role.Assistant } last && last.Blocks.Exists(static block => block is TextBlock { Text.IsEmpty: false }))
            losses.Add(OpenAIResponsesLosses.Prefill);
        writer.WriteEndArray();
    }

    private void System(Turn turn)
    {
        var isMoved = _conversationBegan && !dialect.SystemAnywhere;
        if (isMoved)
            losses.Add(OpenAIResponsesLosses.SystemPlace);
        Message(isMoved ? "user" : turn.Role == Role.Developer && dialect.DeveloperRole ? "developer" : "system", turn.Blocks, turn);
    }

    private void User(Turn turn)
    {
        var rest = new List<Block>(turn.Blocks.Count);
        foreach (var block in turn.Blocks)
        {
            if (block is not ToolResultBlock result)
                rest.Add(block);
            else if (HasKeptHistory && !_answered.Contains(result))
                Output(result, OpenAIResponsesIds.CallId(result.CallId.ToString()), isCustom: false, rest);
            else if (!_answered.Contains(result))
                Orphan(result, rest);
        }

        Message("user", rest, turn);
    }

    private void Message(string role, List<Block> blocks, Turn? turn)
    {
        var said = _parts.Sayable(blocks);
        for (var i = 0; i < said.Count; i++)
        {
            if (said[i] is not OpaqueBlock item || IsPart(item))
                continue;
            item.Raw.WriteTo(writer); // an item of its own, such as the output of a shell
            said.RemoveAt(i--);
        }

        if (said.Count == 0 && !(IsOwn && turn is { IsSilent: true }))
            return;
        Begin(role);
        _parts.Content("content"u8, said, turn?.IsPlainString ?? false);
        foreach (var (name, value) in turn?.Extra ?? [])
        {
            if (IsOwn)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
            else
            {
                losses.AddUnknown("messages.", new ExtraField(name, value), Protocol.OpenAIResponses);
            }
        }

        writer.WriteEndObject();
    }

    private static bool IsPart(OpaqueBlock block) => block.Type.StartsWith("input_", StringComparison.Ordinal) || block.Type.EndsWith("_screenshot", StringComparison.Ordinal) || block.Type.EndsWith("text", StringComparison.Ordinal);

    private void Orphan(ToolResultBlock result, List<Block> rest)
    {
        losses.Add(OpenAIResponsesLosses.OrphanResult);
        rest.Add(new TextBlock($"[Result of the tool call {result.CallId}, which is not part of this conversation]"));
        rest.AddRange(result.Content);
    }

    private void Assistant(Turn turn, int index)
    {
        var calls = new List<(ToolCallBlock Call, string Id)>();
        foreach (var block in turn.Blocks)
        {
            switch (block)
            {
                case ReasoningBlock thoughts:
                    _reasoning.Add(thoughts);
                    break;
                case ToolCallBlock { Kind: not ToolKind.Server } call:
                    _reasoning.Flush();
                    calls.Add((call, Call(call)));
                    break;
                case MediaBlock:
                    losses.Add(OpenAIResponsesLosses.AssistantMedia);
                    break;
                default:
                    Said(block);
                    break;
            }
        }

        _reasoning.End();
        foreach (var field in turn.Extra)
            losses.AddUnknown("messages.", field, Protocol.OpenAIResponses);
        if (calls.Count > 0)
            Outputs(calls, index);
    }

    // Each text is a message of its own, as a string: parts of the model's messages want an id by the specification.
    private void Said(Block block)
    {
        foreach (var said in _parts.Sayable([block]))
        {
            _reasoning.Flush();
            if (said is OpaqueBlock item)
            {
                item.Raw.WriteTo(writer);
                continue;
            }

            if (said is not TextBlock text)
                continue;
            Begin("assistant");
            text.Text.WriteTo(writer, "content"u8);
            foreach (var (name, value) in text.Extra ?? [])
            {
                if (IsOwn)
                    value.WriteTo(writer, Encoding.UTF8.GetBytes(name)); // phase
                else
                    losses.AddUnknown("content.", new ExtraField(name, value), Protocol.OpenAIResponses);
            }

            writer.WriteEndObject();
        }
    }

    private string Call(ToolCallBlock call)
    {
        var id = TakeId(call);
        var isCustom = call.Kind == ToolKind.Custom && names.KeepsCustom;
        writer.WriteStartObject();
        writer.WriteString("type"u8, isCustom ? "custom_tool_call"u8 : "function_call"u8);
        writer.WriteString("call_id"u8, id);
        names.Of(call.Name, call.Namespace).WriteTo(writer, "name"u8);
        if (!call.Namespace.IsEmpty && names.KeepsNamespaces)
            call.Namespace.WriteTo(writer, "namespace"u8);
        if (isCustom)
            writer.WriteString("input"u8, call.Arguments.Span);
        else if (call.Kind == ToolKind.Custom)
            writer.WriteString("arguments"u8, $$"""{"input":{{Encoding.UTF8.GetString(new JsonText(Encoding.UTF8.GetString(call.Arguments.Span)).ToToken().Span)}}}""");
        else
            writer.WriteString("arguments"u8, call.Arguments.IsEmpty ? "{}"u8 : call.Arguments.Span);
        foreach (var (name, value) in call.Extra ?? [])
        {
            if (IsOwn)
                value.WriteTo(writer, Encoding.UTF8.GetBytes(name));
            else
                losses.AddUnknown("tool_calls." + name, Protocol.OpenAIResponses);
        }

        writer.WriteEndObject();
        return id;
    }

    private string TakeId(ToolCallBlock call)
    {
        var given = call.Id.ToString();
        var legal = OpenAIResponsesIds.CallId(given);
        var id = legal;
        for (var n = 2; !_usedIds.Add(id); n++)
            id = OpenAIResponsesIds.CallId($"{legal}_{n}");
        if (!string.Equals(id, given, StringComparison.Ordinal))
            losses.Add(OpenAIResponsesLosses.CallId);
        return id;
    }

    private void Outputs(List<(ToolCallBlock Call, string Id)> open, int assistant)
    {
        var moved = new List<Block>();
        for (var i = assistant + 1; i < request.Turns.Count && request.Turns[i].Role != Role.Assistant; i++)
        {
            foreach (var block in request.Turns[i].Blocks)
            {
                if (block is not ToolResultBlock result)
                    continue;
                var at = open.FindIndex(call => call.Call.Id == result.CallId || call.Call.Id.IsEmpty && result.CallId.IsEmpty);
                if (at < 0)
                    continue;
                _answered.Add(result);
                Output(result, open[at].Id, open[at].Call.Kind == ToolKind.Custom && names.KeepsCustom, moved);
                open.RemoveAt(at);
            }
        }

        foreach (var (call, id) in open)
        {
            losses.Add(OpenAIResponsesLosses.MissingResult);
            BeginOutput(id, call.Kind == ToolKind.Custom && names.KeepsCustom);
            writer.WriteString("output"u8, "(no result)"u8);
            writer.WriteEndObject();
        }

        Message("user", moved, null);
    }

    private void Output(ToolResultBlock result, string id, bool isCustom, List<Block> moved)
    {
        if (!result.CacheControl.IsAbsent)
            losses.Add(OpenAIResponsesLosses.CacheControl);
        var said = _parts.Sayable(result.Content);
        var isPlain = result.IsPlainString;
        if (result.IsError == true)
        {
            losses.Add(OpenAIResponsesLosses.IsError);
            if (said.Find(static block => block is TextBlock) is not TextBlock first || !first.Text.ToString().StartsWith("error", StringComparison.OrdinalIgnoreCase))
                (said, isPlain) = ([new TextBlock("Error: "), .. said], true);
        }

        if (!dialect.ToolResultMedia)
            Move(said, id, moved);
        BeginOutput(id, isCustom);
        _parts.Content("output"u8, said, isPlain);
        foreach (var (name, value) in result.Extra ?? [])
        {
            if (IsOwn)
                value.WriteTo(writer, Encoding.UTF8.GetBytes(name));
            else
                losses.AddUnknown("tool_result." + name, Protocol.OpenAIResponses);
        }

        writer.WriteEndObject();
    }

    private void Move(List<Block> said, string id, List<Block> moved)
    {
        for (var i = 0; i < said.Count; i++)
        {
            if (said[i] is not MediaBlock media)
                continue;
            losses.Add(OpenAIResponsesLosses.ToolResultMedia);
            var label = media.Kind.ToString().ToLowerInvariant();
            said[i] = new TextBlock($"[{label}: see the next user message]");
            moved.Add(new TextBlock($"[{label} returned by the tool call {id}]"));
            moved.Add(media);
        }
    }

    private void BeginOutput(string id, bool isCustom)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, isCustom ? "custom_tool_call_output"u8 : "function_call_output"u8);
        writer.WriteString("call_id"u8, id);
    }

    private void Begin(string role)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "message"u8);
        writer.WriteString("role"u8, role);
    }
}
