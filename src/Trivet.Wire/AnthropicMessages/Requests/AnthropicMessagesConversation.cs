using Trivet.Wire.Canonical;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>A message as it will be written: one side, results first.</summary>
internal sealed class ShapedMessage(Role role)
{
    public Role Role { get; } = role;

    public List<ShapedResult> Results { get; } = [];

    public List<Block> Blocks { get; } = [];

    /// <summary>The content stood as one string and still is one text.</summary>
    public bool IsPlainString { get; set; }

    public bool IsEmpty => Results.Count == 0 && Blocks.Count == 0;
}

/// <summary>A tool result with the legal id of its call; the block is null where none came and one must be made up.</summary>
internal readonly record struct ShapedResult(ToolResultBlock? Block, string CallId);

/// <summary>
/// The conversation in the order that Anthropic takes: standing instructions apart, user and model in turns, each call's result first in the
/// message behind it, the first word the user's. What the turns hold is decided by <see cref="AnthropicMessagesAdmission"/>.
/// </summary>
internal sealed class AnthropicMessagesConversation
{
    private readonly CanonicalRequest _request;
    private readonly AnthropicMessagesDialect _dialect;
    private readonly LossList _losses;
    private bool _isSystemOnly;
    private readonly HashSet<string> _usedIds = new(StringComparer.Ordinal);

    private AnthropicMessagesConversation(CanonicalRequest request, AnthropicMessagesDialect dialect, LossList losses)
    {
        (_request, _dialect, _losses) = (request, dialect, losses);
    }

    /// <summary>Standing instructions, in order.</summary>
    public List<Block> System { get; } = [];

    /// <summary>The instructions stood as one string.</summary>
    public bool IsSystemPlainString { get; private set; }

    /// <summary>The messages.</summary>
    public List<ShapedMessage> Messages { get; } = [];

    /// <summary>The legal id of each call.</summary>
    public Dictionary<ToolCallBlock, string> CallIds { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Names of the tools called in the history.</summary>
    public List<string> CalledNames { get; } = [];

    /// <summary>The model thinks while it works through tool calls whose message does not begin with thoughts: Anthropic refuses to think on (budget style).</summary>
    public bool EndsInUnthoughtTools { get; private set; }

    /// <summary>Shapes a request's turns.</summary>
    public static AnthropicMessagesConversation Shape(CanonicalRequest request, AnthropicMessagesDialect dialect, LossList losses)
    {
        var conversation = new AnthropicMessagesConversation(request, dialect, losses);
        var first = conversation.TakeSystem();
        for (var i = first; i < request.Turns.Count; i++)
            conversation.TakeTurn(request.Turns[i]);
        conversation.PairAll();
        conversation.FixEnds();
        return conversation;
    }

    // 1. The instructions at the start are hoisted, but for the last of them where nothing else is said.
    private int TakeSystem()
    {
        var turns = _request.Turns;
        var first = 0;
        while (first < turns.Count && turns[first].Role is Role.System or Role.Developer)
            first++;
        var isAll = first == turns.Count && first > 0 && _request.Origin != Protocol.AnthropicMessages;
        _isSystemOnly = isAll;
        if (isAll)
            first--;
        IsSystemPlainString = first == 1 && turns[0].IsPlainString;
        for (var i = 0; i < first; i++)
        {
            Note(turns[i]);
            foreach (var block in turns[i].Blocks)
            {
                if (block is TextBlock { Text: var text } && !AnthropicMessagesAdmission.IsBlank(text))
                    System.Add(block);
                else if (block is OpaqueBlock { Origin: Protocol.AnthropicMessages })
                    System.Add(block);
                else if (block is not TextBlock)
                    _losses.Add(AnthropicMessagesLosses.SystemMedia);
            }
        }

        if (isAll)
            _losses.Add(AnthropicMessagesLosses.SystemAsUser);
        return first;
    }

    // 2. Each turn goes to its side; neighbours of one side become one message.
    private void TakeTurn(Turn turn)
    {
        Note(turn);
        var isInstruction = turn.Role is Role.System or Role.Developer;
        var keepsSystem = isInstruction && _dialect.AcceptsSystemMessages && Messages.Count > 0 && Messages[^1].Role == Role.User; // "immediately after a user turn"
        var role = keepsSystem ? Role.System : turn.Role == Role.Assistant ? Role.Assistant : Role.User;
        var message = Messages.Count > 0 && Messages[^1].Role == role && role != Role.System ? Messages[^1] : new ShapedMessage(role) { IsPlainString = turn.IsPlainString };
        var before = message.Blocks.Count + message.Results.Count;
        var admission = new AnthropicMessagesAdmission(_request.Origin, _dialect, _losses);
        foreach (var block in turn.Blocks)
        {
            if (block is ToolResultBlock result && role == Role.User)
                message.Results.Add(new ShapedResult(result, ""));
            else if (admission.Admit(block, role) is { } admitted)
                message.Blocks.Add(isInstruction && !keepsSystem && !_isSystemOnly ? AsInstruction(admitted) : admitted);
        }

        var added = message.Blocks.Count + message.Results.Count - before;
        if (added == 0 && !isInstruction && turn.Blocks.TrueForAll(static block => block is TextBlock))
            _losses.Add(AnthropicMessagesLosses.EmptyMessage);
        message.IsPlainString &= before == 0 || added == 0;
        if (added > 0 && before == 0 && !Messages.Contains(message))
            Messages.Add(message);
    }

    private Block AsInstruction(Block block)
    {
        if (block is not TextBlock text)
            return block;
        _losses.Add(AnthropicMessagesLosses.SystemInConversation);
        return new TextBlock("[system] " + text.Text);
    }

    private void Note(Turn turn)
    {
        if (!turn.Name.IsEmpty)
            _losses.Add(AnthropicMessagesLosses.MessageName);
        foreach (var extra in turn.Extra)
            _losses.AddUnknown("messages[].", extra, Protocol.AnthropicMessages);
    }

    // 3. Every call has its result at the start of the next message, and every result its call in the message before.
    private void PairAll()
    {
        for (var i = 0; i < Messages.Count; i++)
        {
            var message = Messages[i];
            if (message.Role == Role.Assistant)
            {
                if (!message.Blocks.Exists(block => block is ToolCallBlock))
                    continue;
                if (i + 1 == Messages.Count || Messages[i + 1].Role != Role.User)
                    Messages.Insert(i + 1, new ShapedMessage(Role.User));
                Pair(message, Messages[i + 1]);
                i++;
            }
            else if (message.Results.Count > 0)
            {
                Orphans(message, [.. message.Results]);
                message.Results.Clear();
            }
        }
    }

    private void Pair(ShapedMessage calls, ShapedMessage results)
    {
        var left = new List<ShapedResult>(results.Results);
        results.Results.Clear();
        foreach (var block in calls.Blocks)
        {
            if (block is not ToolCallBlock call)
                continue;
            var id = TakeId(call);
            CallIds[call] = id;
            CalledNames.Add(AnthropicMessagesIds.ToolName(call.Namespace, call.Name));
            var index = left.FindIndex(result => result.Block!.CallId == call.Id || (call.Id.IsEmpty && result.Block.CallId.IsEmpty));
            if (index < 0)
            {
                _losses.Add(AnthropicMessagesLosses.MissingResult);
                results.Results.Add(new ShapedResult(null, id));
                continue;
            }

            results.Results.Add(new ShapedResult(left[index].Block, id));
            left.RemoveAt(index);
        }

        if (left.Count > 0)
            Orphans(results, left);
        results.IsPlainString = false;
    }

    private string TakeId(ToolCallBlock call)
    {
        var given = call.Id.ToString();
        var legal = AnthropicMessagesIds.MakeLegal(given);
        var id = legal;
        for (var n = 2; !_usedIds.Add(id); n++)
            id = $"{legal}_{n}";
        if (!string.Equals(id, given, StringComparison.Ordinal))
            _losses.Add(AnthropicMessagesLosses.CallIds);
        return id;
    }

    private void Orphans(ShapedMessage message, List<ShapedResult> orphans)
    {
        _losses.Add(AnthropicMessagesLosses.OrphanResult);
        var admission = new AnthropicMessagesAdmission(_request.Origin, _dialect, _losses);
        var at = 0;
        foreach (var orphan in orphans)
        {
            message.Blocks.Insert(at++, new TextBlock($"[result of tool call {orphan.Block!.CallId}]"));
            foreach (var block in orphan.Block.Content)
            {
                if (admission.Admit(block, Role.User) is { } admitted)
                    message.Blocks.Insert(at++, admitted);
            }
        }

        message.IsPlainString = false;
    }

    // 4. The first word is the user's, and so is the last where the model takes no prefill.
    private void FixEnds()
    {
        Messages.RemoveAll(message => message.IsEmpty);
        if (Messages.Count == 0 || Messages[0].Role != Role.User)
        {
            _losses.Add(AnthropicMessagesLosses.FirstMessage);
            Messages.Insert(0, Continue());
        }

        if (Messages[^1].Role == Role.Assistant)
        {
            var isThinking = _request.Reasoning is { Mode: ReasoningMode.Enabled or ReasoningMode.Adaptive } or { Effort: not (null or "none") };
            if (!_dialect.AcceptsPrefill || (isThinking && _dialect.Thinking == AnthropicThinkingStyle.Budget))
            {
                _losses.Add(AnthropicMessagesLosses.Prefill);
                Messages.Add(Continue());
            }
            else if (Messages[^1].Blocks[^1] is TextBlock last)
            {
                TrimEnd(last);
            }
        }

        EndsInUnthoughtTools = Messages[^1].Results.Count > 0 && Messages.Count > 1 && Messages[^2].Blocks[0] is not (ReasoningBlock or OpaqueBlock);
    }

    // Anthropic answers 400 to a last message of the model that ends in blanks.
    private void TrimEnd(TextBlock last)
    {
        var text = last.Text.ToString();
        var trimmed = text.TrimEnd();
        if (trimmed.Length != text.Length)
            Messages[^1].Blocks[^1] = new TextBlock(trimmed) { CacheControl = last.CacheControl };
    }

    private static ShapedMessage Continue()
    {
        var message = new ShapedMessage(Role.User) { IsPlainString = true };
        message.Blocks.Add(new TextBlock("Continue."));
        return message;
    }
}
