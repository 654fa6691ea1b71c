using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Answers;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>
/// Writes the conversation as <c>messages</c>. Chat wants every call answered by tool messages right behind it, so results are looked up from the call:
/// one without a call becomes user text, a call without a result gets a note. Turns that have nothing to say are left out.
/// </summary>
internal sealed class MessageWriter
{
    private readonly Utf8JsonWriter _writer;
    private readonly CanonicalRequest _request;
    private readonly OpenAIChatDialect _dialect;
    private readonly LossList _losses;
    private readonly PartWriter _parts;
    private readonly HashSet<ToolResultBlock> _answered = [];
    private bool _conversationBegan;

    private MessageWriter(Utf8JsonWriter writer, CanonicalRequest request, OpenAIChatDialect dialect, LossList losses)
    {
        (_writer, _request, _dialect, _losses) = (writer, request, dialect, losses);
        _parts = new PartWriter(writer, request.Origin == Protocol.OpenAIChat, dialect, losses);
    }

    /// <summary>Writes <c>messages</c>; an <paramref name="instruction"/> goes behind the system messages that open the conversation.</summary>
    public static void Write(Utf8JsonWriter writer, CanonicalRequest request, OpenAIChatDialect dialect, string? instruction, LossList losses)
    {
        var pass = new MessageWriter(writer, request, dialect, losses);
        writer.WriteStartArray("messages"u8);
        for (var i = 0; i < request.Turns.Count; i++)
        {
            var turn = request.Turns[i];
            var isSystem = turn.Role is Role.System or Role.Developer;
            if (!isSystem && instruction is not null)
            {
                pass.Simple("system", instruction);
                instruction = null;
            }

            if (turn.IsSilent && !pass.IsOwn)
                losses.Add(OpenAIChatLosses.EmptyMessage);
            if (isSystem)
                pass.System(turn);
            else if (turn.Role == Role.Assistant)
                pass.Assistant(turn, i);
            else
                pass.User(turn);
            pass._conversationBegan |= !isSystem;
        }

        if (instruction is not null)
            pass.Simple("system", instruction);
        writer.WriteEndArray();
    }

    private bool IsOwn => _request.Origin == Protocol.OpenAIChat;

    private void System(Turn turn)
    {
        var isMoved = _conversationBegan && !_dialect.SystemAnywhere;
        if (isMoved)
            _losses.Add(OpenAIChatLosses.SystemPlace);
        var role = isMoved ? "user" : turn.Role == Role.Developer && _dialect.DeveloperRole ? "developer" : "system";
        if (!turn.Blocks.Exists(static b => b is TextBlock { Text.IsEmpty: false } or MediaBlock))
            return;
        Begin(role, turn);
        _parts.Content(turn.Blocks, turn.IsPlainString, _dialect.TextParts == TextParts.Everywhere || isMoved && _dialect.TextParts == TextParts.UserOnly, "\n\n");
        End(turn.Extra);
    }

    private void User(Turn turn)
    {
        var rest = new List<Block>(turn.Blocks.Count);
        foreach (var block in turn.Blocks)
        {
            if (block is not ToolResultBlock result)
                rest.Add(block);
            else if (!_answered.Contains(result))
                Orphan(result, rest);
            else if (rest.Count > 0)
                _losses.Add(OpenAIChatLosses.ResultOrder);
        }

        UserMessage(rest, turn);
    }

    private void UserMessage(List<Block> blocks, Turn? turn)
    {
        if (!_parts.Says(blocks))
        {
            _parts.NoteLost(blocks);
            if (turn is { IsSilent: true } && IsOwn)
                Silence("user", turn);
            return;
        }

        Begin("user", turn);
        _parts.Content(blocks, turn?.IsPlainString ?? false, _dialect.TextParts != TextParts.WithMediaOnly, "\n\n");
        End(turn?.Extra);
    }

    private void Orphan(ToolResultBlock result, List<Block> rest)
    {
        _losses.Add(OpenAIChatLosses.OrphanResult);
        rest.Add(new TextBlock($"[Result of the tool call {result.CallId}, which is not part of this conversation]"));
        rest.AddRange(result.Content);
    }

    private void Assistant(Turn turn, int index)
    {
        var calls = new List<ToolCallBlock>();
        var texts = new List<Block>();
        var pictures = new List<OpaqueBlock>();
        foreach (var block in turn.Blocks)
        {
            if (block is ToolCallBlock { Kind: not ToolKind.Server } call)
                calls.Add(call);
            else if (block is OpaqueBlock { Origin: Protocol.OpenAIChat, Type: DrawnPicture.ChatType } picture)
                pictures.Add(picture);
            else if (block is TextBlock { Text.IsEmpty: false } or RefusalBlock or OpaqueBlock or MediaBlock)
            {
                texts.Add(block);
                if (calls.Count > 0 && block is TextBlock)
                    _losses.Add(OpenAIChatLosses.ContentOrder);
            }
        }

        var thoughts = Thoughts(turn);
        if (!_parts.Says(texts) && !texts.Exists(static b => b is RefusalBlock) && calls.Count == 0 && pictures.Count == 0 && (thoughts.Count == 0 || _dialect.HistoryReasoning is ReasoningHistory.None))
        {
            _parts.NoteLost(texts);
            if (turn.IsSilent && IsOwn)
                Silence("assistant", turn);
            return;
        }

        Begin("assistant", turn);
        AssistantContent(turn, texts, thoughts, calls.Count > 0);
        ReasoningFields(thoughts);
        if (pictures.Count > 0)
            Images(pictures);
        if (calls.Count > 0)
            Calls(calls);
        End(turn.Extra);
        if (calls.Count > 0)
            Results(calls, index);
    }

    private void Images(List<OpaqueBlock> pictures)
    {
        _writer.WriteStartArray("images"u8);
        foreach (var picture in pictures)
            picture.Raw.WriteTo(_writer);
        _writer.WriteEndArray();
    }

    private void AssistantContent(Turn turn, List<Block> texts, List<ReasoningBlock> thoughts, bool hasCalls)
    {
        if (IsOwn && texts.Find(static b => b is RefusalBlock) is RefusalBlock refusal)
        {
            refusal.Text.WriteTo(_writer, "refusal"u8);
            texts.Remove(refusal);
        }

        for (var i = 0; i < texts.Count; i++)
        {
            if (texts[i] is RefusalBlock refused)
            {
                _losses.Add(OpenAIChatLosses.RefusalBlock);
                texts[i] = new TextBlock(refused.Text);
            }
            else if (!IsOwn && texts[i] is MediaBlock media)
            {
                _losses.Add(OpenAIChatLosses.AssistantMedia);
                texts[i] = new TextBlock($"[{media.Kind.ToString().ToLowerInvariant()} left out]");
            }
        }

        if (_dialect.HistoryReasoning == ReasoningHistory.InlineThink && thoughts.Count > 0)
            texts.Insert(0, new TextBlock("<think>\n" + string.Concat(thoughts.Select(static t => t.Text.ToString())) + "\n</think>\n\n"));
        var parts = _dialect.HistoryReasoning == ReasoningHistory.ThinkingParts ? thoughts : [];
        if (texts.Count == 0 && parts.Count == 0)
        {
            if (hasCalls)
                _writer.WriteNull("content"u8);
            else
                _writer.WriteString("content"u8, ""u8);
            return;
        }

        _parts.Content([.. parts, .. texts], turn.IsPlainString && parts.Count == 0, _dialect.TextParts == TextParts.Everywhere || parts.Count > 0, "");
        if (texts.FindLast(static b => !b.ThoughtSignature.IsNull) is { } signed)
            OpenAIChatResponseWriter.WriteThoughtSignature(_writer, signed);
    }

    // Thoughts that the dialect can carry back; the others are reported.
    private List<ReasoningBlock> Thoughts(Turn turn)
    {
        var thoughts = new List<ReasoningBlock>();
        foreach (var block in turn.Blocks)
        {
            if (block is not ReasoningBlock thought)
                continue;
            var isOpaque = thought.IsRedacted || thought.Text.IsEmpty && !thought.Encrypted.IsNull;
            var isForeign = thought.OpaqueIsForeign || ForeignSignature.IsForeign(thought.Encrypted);
            if (_dialect.HistoryReasoning == ReasoningHistory.None && thought.SaysNothing)
                continue;
            if (_dialect.HistoryReasoning == ReasoningHistory.None)
                _losses.Add(isOpaque ? OpenAIChatLosses.RedactedThinking : OpenAIChatLosses.Thinking);
            else if (isOpaque && (isForeign || _dialect.HistoryReasoning != ReasoningHistory.ReasoningDetails))
                _losses.Add(OpenAIChatLosses.RedactedThinking);
            else
                thoughts.Add(thought);
            if (!thought.Signature.IsEmpty && !ForeignSignature.IsForeign(thought.Signature) && (isForeign || _dialect.HistoryReasoning is not (ReasoningHistory.None or ReasoningHistory.ReasoningDetails)))
                _losses.Add(OpenAIChatLosses.Signature);
        }

        return thoughts;
    }

    private void ReasoningFields(List<ReasoningBlock> thoughts)
    {
        if (thoughts.Count == 0)
            return;
        if (_dialect.HistoryReasoning is ReasoningHistory.ReasoningContent or ReasoningHistory.Reasoning)
        {
            var text = thoughts[0].Text;
            for (var i = 1; i < thoughts.Count; i++)
                text = OpenAIChatReasoningDetails.Concat(text, thoughts[i].Text);
            (text.IsNull ? "" : text).WriteTo(_writer, _dialect.HistoryReasoning == ReasoningHistory.Reasoning ? "reasoning"u8 : "reasoning_content"u8);
        }
        else if (_dialect.HistoryReasoning == ReasoningHistory.ReasoningDetails)
        {
            _writer.WriteStartArray("reasoning_details"u8);
            for (var i = 0; i < thoughts.Count; i++)
                OpenAIChatReasoningDetails.Write(_writer, Issued(thoughts[i]), i);
            _writer.WriteEndArray();
        }
    }

    // Trivet's own mark is no signature, and another vendor's is none here: it is taken off before it reaches a vendor.
    private static ReasoningBlock Issued(ReasoningBlock thought) => thought.OpaqueIsForeign || thought.Details.IsAbsent && ForeignSignature.IsForeign(thought.Signature)
        ? new ReasoningBlock { Text = thought.Text, IsSummary = thought.IsSummary }
        : thought;

    private void Calls(List<ToolCallBlock> calls)
    {
        _writer.WriteStartArray("tool_calls"u8);
        foreach (var call in calls)
            OpenAIChatResponseWriter.WriteCall(_writer, call, LegalId(call.Id), IsOwn ? call.Name : OpenAIChatIds.ToolName(call.Namespace, call.Name), asFunction: !_dialect.CustomTools);
        _writer.WriteEndArray();
    }

    private JsonText LegalId(JsonText id)
    {
        var legal = OpenAIChatIds.Legal(id, _dialect.ToolCallIds);
        if (legal != id)
            _losses.Add(OpenAIChatLosses.CallId);
        return legal;
    }

    // Every call is answered right behind it, in the order of the results; media of all of them follow in one user message.
    private void Results(List<ToolCallBlock> calls, int assistant)
    {
        var open = new List<ToolCallBlock>(calls);
        var moved = new List<Block>();
        for (var i = assistant + 1; i < _request.Turns.Count && _request.Turns[i].Role != Role.Assistant; i++)
        {
            foreach (var block in _request.Turns[i].Blocks)
            {
                if (block is not ToolResultBlock result)
                    continue;
                var at = open.FindIndex(call => call.Id == result.CallId);
                if (at < 0)
                    continue;
                open.RemoveAt(at);
                _answered.Add(result);
                Result(result, moved);
            }
        }

        foreach (var call in open)
        {
            _losses.Add(OpenAIChatLosses.MissingResult);
            BeginResult(call.Id);
            _writer.WriteString("content"u8, "(no result)"u8);
            _writer.WriteEndObject();
        }

        UserMessage(moved, null);
    }

    private void Result(ToolResultBlock result, List<Block> moved)
    {
        var texts = new List<Block>(result.Content.Count + 1);
        if (result.IsError == true)
        {
            _losses.Add(OpenAIChatLosses.IsError);
            if (result.Content.Find(static b => b is TextBlock) is not TextBlock first || !first.Text.ToString().StartsWith("error", StringComparison.OrdinalIgnoreCase))
                texts.Add(new TextBlock("Error: "));
        }

        foreach (var block in result.Content)
        {
            if (block is not MediaBlock media || media.PlainText.IsNull == false || _dialect.ToolResultImages && media.Kind == MediaKind.Image)
            {
                texts.Add(block);
                continue;
            }

            _losses.Add(OpenAIChatLosses.ToolResultMedia);
            var label = media.Kind.ToString().ToLowerInvariant();
            texts.Add(new TextBlock($"[{label}: see the next user message]"));
            moved.Add(new TextBlock($"[{label} returned by the tool call {LegalId(result.CallId)}]"));
            moved.Add(media);
        }

        BeginResult(result.CallId);
        if (_parts.Says(texts))
            _parts.Content(texts, result.IsPlainString || result.IsError == true, _dialect.TextParts == TextParts.Everywhere, result.IsError == true ? "" : "\n");
        else
        {
            _parts.NoteLost(texts);
            _writer.WriteString("content"u8, ""u8);
        }

        _parts.OwnCacheControl(result.CacheControl);
        End(result.Extra);
    }

    private void BeginResult(JsonText id)
    {
        _writer.WriteStartObject();
        _writer.WriteString("role"u8, "tool"u8);
        LegalId(id).WriteTo(_writer, "tool_call_id"u8);
    }

    private void Begin(string role, Turn? turn)
    {
        _writer.WriteStartObject();
        _writer.WriteString("role"u8, role);
        if (turn is { Name.IsNull: false })
            turn.Name.WriteTo(_writer, "name"u8);
    }

    private void End(List<ExtraField>? extras)
    {
        foreach (var (name, value) in extras ?? [])
        {
            if (!IsOwn)
            {
                _losses.AddUnknown("messages.", new ExtraField(name, value), Protocol.OpenAIChat);
                continue;
            }

            _writer.WritePropertyName(name);
            value.WriteTo(_writer);
        }

        _writer.WriteEndObject();
    }

    // Said by a client of this protocol, and nothing to its vendors, too: it keeps its place between the others.
    private void Silence(string role, Turn turn)
    {
        Begin(role, turn);
        _writer.WriteString("content"u8, ""u8);
        End(turn.Extra);
    }

    private void Simple(string role, string text)
    {
        _writer.WriteStartObject();
        _writer.WriteString("role"u8, role);
        _writer.WriteString("content"u8, text);
        _writer.WriteEndObject();
    }
}
