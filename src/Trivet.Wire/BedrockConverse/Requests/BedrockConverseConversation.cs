using Trivet.Wire.Canonical;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>A message as it will be written: one side, results first.</summary>
internal sealed class BedrockMessage(bool isModel)
{
    public bool IsModel { get; } = isModel;

    public List<BedrockResult> Results { get; } = [];

    public List<Block> Blocks { get; } = [];
}

/// <summary>A tool's result with the legal id of its call; the block is null where none came and one must be made up.</summary>
internal readonly record struct BedrockResult(ToolResultBlock? Block, string CallId);

/// <summary>
/// The conversation in the order that Bedrock takes: standing instructions apart, user and model in turns, each call's result first in the message behind
/// it, the first word the user's. What the turns hold is decided by <see cref="BedrockConverseAdmission"/>.
/// </summary>
internal sealed class BedrockConverseConversation
{
    private readonly CanonicalRequest _request;
    private readonly BedrockConverseAdmission _admission;
    private readonly LossList _losses;
    private readonly HashSet<string> _usedIds = new(StringComparer.Ordinal);

    private BedrockConverseConversation(CanonicalRequest request, BedrockConverseDialect dialect, LossList losses)
    {
        (_request, _losses) = (request, losses);
        _admission = new BedrockConverseAdmission(dialect, losses);
    }

    /// <summary>Standing instructions, in order.</summary>
    public List<Block> System { get; } = [];

    /// <summary>The messages.</summary>
    public List<BedrockMessage> Messages { get; } = [];

    /// <summary>The legal id of each call.</summary>
    public Dictionary<ToolCallBlock, string> CallIds { get; } = new(ReferenceEqualityComparer.Instance);

    /// <summary>Names of the tools called in the history.</summary>
    public List<string> CalledNames { get; } = [];

    /// <summary>The conversation ends in results of calls that were not thought of: Claude refuses to think on.</summary>
    public bool EndsInUnthoughtTools => Messages[^1].Results.Count > 0 && Messages.Count > 1 && Messages[^2].Blocks[0] is not ReasoningBlock;

    /// <summary>Shapes a request's turns.</summary>
    public static BedrockConverseConversation Shape(CanonicalRequest request, BedrockConverseDialect dialect, LossList losses)
    {
        var conversation = new BedrockConverseConversation(request, dialect, losses);
        for (var i = conversation.TakeSystem(); i < request.Turns.Count; i++)
            conversation.TakeTurn(request.Turns[i]);
        conversation.PairAll();
        conversation.FixEnds(dialect);
        return conversation;
    }

    // 1. The instructions at the start stand apart, but for the last of them where nothing else is said.
    private int TakeSystem()
    {
        var first = _request.Turns.FindIndex(static turn => turn.Role is not (Role.System or Role.Developer));
        if (first < 0)
            first = Math.Max(0, _request.Turns.Count - 1);
        foreach (var turn in _request.Turns.Take(first))
        {
            Note(turn);
            foreach (var block in turn.Blocks)
                _admission.Admit(block, isModel: false, System);
        }

        if (System.RemoveAll(static block => block is not TextBlock) > 0)
            _losses.Add(BedrockConverseLosses.SystemMedia);
        return first;
    }

    // 2. Each turn goes to its side; neighbours of one side become one message.
    private void TakeTurn(Turn turn)
    {
        Note(turn);
        var isModel = turn.Role == Role.Assistant;
        var message = Messages.Count > 0 && Messages[^1].IsModel == isModel ? Messages[^1] : new BedrockMessage(isModel);
        var before = message.Blocks.Count;
        foreach (var block in turn.Blocks)
        {
            if (block is ToolResultBlock result && !isModel)
                message.Results.Add(new BedrockResult(result, ""));
            else
                _admission.Admit(block, isModel, message.Blocks);
        }

        if (turn.Role is Role.System or Role.Developer && _request.Turns.Count > 1)
        {
            _losses.Add(BedrockConverseLosses.SystemInConversation);
            for (var i = before; i < message.Blocks.Count; i++)
                message.Blocks[i] = message.Blocks[i] is TextBlock text ? new TextBlock("[system] " + text.Text) : message.Blocks[i];
        }

        if (message.Blocks.Count + message.Results.Count > 0 && !Messages.Contains(message))
            Messages.Add(message);
    }

    private void Note(Turn turn)
    {
        if (turn.IsSilent)
            _losses.Add(BedrockConverseLosses.EmptyMessage);
        if (!turn.Name.IsEmpty)
            _losses.Add(BedrockConverseLosses.MessageName);
        foreach (var extra in turn.Extra)
            _losses.AddUnknown("messages[].", extra, Protocol.BedrockConverse);
        foreach (var field in turn.Blocks.SelectMany(static block => block.Extra ?? []))
            _losses.AddUnknown("messages[].content[].", field, Protocol.BedrockConverse);
    }

    // 3. Every call has its result at the start of the next message, and every result its call in the message before.
    private void PairAll()
    {
        for (var i = 0; i < Messages.Count; i++)
        {
            var message = Messages[i];
            var calls = message.Blocks.OfType<ToolCallBlock>().ToList();
            if (calls.Count > 0 && (i + 1 == Messages.Count || Messages[i + 1].IsModel))
                Messages.Insert(i + 1, new BedrockMessage(isModel: false));
            if (calls.Count > 0)
                Pair(calls, Messages[++i]);
            else
                Orphans(message, message.Results);
        }
    }

    private void Pair(List<ToolCallBlock> calls, BedrockMessage results)
    {
        var left = new List<BedrockResult>(results.Results);
        results.Results.Clear();
        foreach (var call in calls)
        {
            var id = CallIds[call] = TakeId(call);
            CalledNames.Add(BedrockConverseIds.ToolName(call.Namespace, call.Name));
            var index = left.FindIndex(result => result.Block!.CallId == call.Id || (call.Id.IsEmpty && result.Block.CallId.IsEmpty));
            if (index < 0)
                _losses.Add(BedrockConverseLosses.MissingResult);
            results.Results.Add(new BedrockResult(index < 0 ? null : left[index].Block, id));
            if (index >= 0)
                left.RemoveAt(index);
        }

        Orphans(results, left);
    }

    private string TakeId(ToolCallBlock call)
    {
        var legal = BedrockConverseIds.CallId(call.Id);
        var id = legal;
        for (var n = 2; !_usedIds.Add(id); n++)
            id = BedrockConverseIds.CallId($"{legal}_{n}");
        if (!call.Id.Equals(id))
            _losses.Add(BedrockConverseLosses.CallIds);
        return id;
    }

    // A result of a call that nobody made becomes what it says.
    private void Orphans(BedrockMessage message, List<BedrockResult> orphans)
    {
        if (orphans.Count == 0)
            return;
        _losses.Add(BedrockConverseLosses.OrphanResult);
        var said = new List<Block>();
        foreach (var orphan in orphans)
        {
            said.Add(new TextBlock($"[result of tool call {orphan.Block!.CallId}]"));
            foreach (var block in orphan.Block.Content)
                _admission.Admit(block, isModel: false, said);
        }

        message.Blocks.InsertRange(0, said);
        if (ReferenceEquals(orphans, message.Results))
            message.Results.Clear();
    }

    // 4. The first word is the user's, and so is the last where the model takes no prefill.
    private void FixEnds(BedrockConverseDialect dialect)
    {
        if (Messages.Count == 0 || Messages[0].IsModel)
        {
            _losses.Add(BedrockConverseLosses.FirstMessage);
            Messages.Insert(0, Continue());
        }

        if (!Messages[^1].IsModel)
            return;
        var thinks = _request.Reasoning is { Mode: ReasoningMode.Enabled or ReasoningMode.Adaptive } or { Effort: not (null or "none") };
        if (!dialect.AcceptsPrefill || thinks)
        {
            _losses.Add(BedrockConverseLosses.Prefill);
            Messages.Add(Continue());
        }
        else if (Messages[^1].Blocks[^1] is TextBlock last) // a last text of the model that ends in blanks is a ValidationException
        {
            Messages[^1].Blocks[^1] = new TextBlock(last.Text.ToString().TrimEnd()) { CacheControl = last.CacheControl };
        }
    }

    private static BedrockMessage Continue()
    {
        var message = new BedrockMessage(isModel: false);
        message.Blocks.Add(new TextBlock("Continue."));
        return message;
    }
}
