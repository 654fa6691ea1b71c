using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>
/// A request's old turns with what is known of them: whose thoughts they hold and what those look like at their issuer. Applied to the canonical request
/// anew for each attempt, because what one upstream wants back another would refuse.
/// </summary>
internal sealed class ReplayPlan
{
    private static readonly LossRule[] SignatureLosses = [.. Enum.GetValues<Protocol>().Select(static target =>
        new LossRule("thought_signature", LossEffect.Dropped, target, Bounds: false, "A signature of another vendor's thoughts means nothing here."))];

    private readonly List<PlannedTurn> _turns = [];
    private readonly ReplayMemory _memory;
    private readonly ReplayScope _scope;
    private readonly CanonicalRequest _request;
    private readonly ReasoningRequest? _asked;

    private ReplayPlan(CanonicalRequest request, ReplayMemory memory, ReplayScope scope) => (_request, _asked, _memory, _scope) = (request, request.Reasoning, memory, scope);

    /// <summary>Looks up what is known of each turn of the model. Null where there is none.</summary>
    public static async ValueTask<ReplayPlan?> MakeAsync(CanonicalRequest request, ReplayMemory memory, ReplayScope scope, CancellationToken aborted)
    {
        ReplayPlan? plan = null;
        var ordinal = 0;
        for (var i = 0; i < request.Turns.Count; i++)
        {
            if (request.Turns[i].Role == Role.Assistant)
                (plan ??= new ReplayPlan(request, memory, scope))._turns.Add(new PlannedTurn(request.Turns[i], scope.Text, ordinal++, ReplayDigests.Said(request.Turns, i)));
        }

        if (plan is null)
            return null;
        var unknown = new List<ReplayKey>();
        foreach (var turn in plan._turns)
            turn.AddUnknown(memory, unknown);
        if (unknown.Count > 0 && scope.Config.Enabled)
            await memory.LoadAsync(scope.Organisation, unknown, scope.Config, aborted);
        foreach (var turn in plan._turns)
            turn.Resolve(memory);
        return plan;
    }

    /// <summary>Makes the request's old turns what <paramref name="target"/> takes. <paramref name="demands"/>: thoughts on every turn with calls;
    /// <paramref name="refusesUnthought"/>: a tool loop that was not thought of cannot be thought on; <paramref name="stripped"/>: nothing opaque at all.</summary>
    public void Apply(OpaqueOrigin target, bool demands, bool refusesUnthought, bool stripped, LossList losses)
    {
        _request.Reasoning = _asked;
        foreach (var turn in _turns)
        {
            turn.Undo();
            Apply(turn, target, stripped, losses);
            if (demands)
                AddDemanded(turn);
        }

        if (target.Protocol == Protocol.AnthropicMessages && (stripped || refusesUnthought) && _asked is { Mode: not ReasoningMode.Disabled } && IsUnthoughtLoop())
        {
            _request.Reasoning = _asked with { Mode = ReasoningMode.Disabled, Effort = null, BudgetTokens = null };
            losses.Add(AnthropicMessagesLosses.Thinking);
        }
    }

    // The last turn of the model called tools, nobody but they has spoken since, and its thoughts are not to be had.
    private bool IsUnthoughtLoop()
    {
        for (var i = _request.Turns.Count - 1; i >= 0; i--)
        {
            var turn = _request.Turns[i];
            if (turn.Role == Role.Assistant)
            {
                return turn.Blocks.Exists(static block => block is ToolCallBlock) && !(turn.Blocks[0] is ReasoningBlock { OpaqueIsForeign: false } own
                    && (own.IsRedacted ? !own.Encrypted.IsNull : !own.Signature.IsEmpty && !ForeignSignature.IsForeign(own.Signature)));
            }

            if (turn.Role == Role.User && turn.Blocks.Exists(static block => block is not ToolResultBlock))
                return false;
        }

        return false;
    }

    private void Apply(PlannedTurn planned, OpaqueOrigin target, bool stripped, LossList losses)
    {
        var blocks = planned.Turn.Blocks;
        var isOwn = !stripped && planned.Records.Exists(record => record.Turn.Origin == target);
        for (var i = blocks.Count - 1; i >= 0; i--)
        {
            var block = blocks[i];
            if (isOwn && block is ReasoningBlock)
            {
                blocks.RemoveAt(i); // the record has it as it was
                continue;
            }

            i = Settle(blocks, i, planned, target, stripped, losses);
        }

        if (!isOwn)
            return;
        foreach (var (turn, firstCall) in planned.Records)
        {
            if (turn.Origin == target)
                ReplayPlaces.Restore(blocks, turn, firstCall);
        }
    }

    // One block as the client sent it: what a mark carries is put back where it belongs, what is another's is said to be so. Returns where the block now stands.
    private int Settle(List<Block> blocks, int at, PlannedTurn planned, OpaqueOrigin target, bool stripped, LossList losses)
    {
        var block = blocks[at];
        var thought = block as ReasoningBlock;
        var opaque = OpaqueOf(block);
        if (opaque.IsEmpty && thought?.Details.IsAbsent != false)
            return at;
        if (ForeignSignature.TryRead(opaque, out var mark))
        {
            if (!stripped && mark!.HasPayload && mark.Protocol == target.Protocol && mark.Origin == target.Issuer)
                at = PutBack(blocks, at, mark);
            else if (mark!.HasPayload)
                MakeForeign(block, target, losses);
            else
                (block.OpaqueIsForeign, block.ThoughtSignature) = (true, default); // only a name was there
            return at;
        }

        var origin = planned.Holds(opaque, target) ? target : OriginOf(block) ?? (planned.Records.Count > 0 ? planned.Records[0].Turn.Origin : null);
        if (stripped || ForeignSignature.IsForeign(opaque) || origin is { } known && known != target)
            MakeForeign(block, target, losses);
        return at;
    }

    private static void MakeForeign(Block block, OpaqueOrigin target, LossList losses)
    {
        block.OpaqueIsForeign = true;
        if (block.ThoughtSignature.IsNull)
            return;
        block.ThoughtSignature = default;
        losses.Add(SignatureLosses[(int)target.Protocol]);
    }

    private static int PutBack(List<Block> blocks, int at, ForeignMark mark)
    {
        if (blocks[at] is ReasoningBlock shown)
        {
            // Gemini's clients hold thoughts in pieces, the mark on an empty one behind them; a signature is over the whole.
            var text = new TokenBuffer();
            var first = at;
            while (shown.Text.IsEmpty && !mark.IsRedacted && first > 0 && blocks[first - 1] is ReasoningBlock { IsRedacted: false } piece && OpaqueOf(piece).IsEmpty)
                first--;
            for (var i = first; i <= at; i++)
                text.Append(((ReasoningBlock)blocks[i]).Text.ToToken().Span);
            blocks.RemoveRange(first, at - first);
            at = first;
            blocks[at] = new ReasoningBlock
            {
                Text = mark.IsRedacted ? default : text.ToText(),
                Signature = mark.Signature,
                Encrypted = mark.Encrypted,
                ThoughtSignature = mark.ThoughtSignature,
                Id = mark.Id,
                IsRedacted = mark.IsRedacted,
                CacheControl = shown.CacheControl,
            };
        }
        else
        {
            blocks[at].ThoughtSignature = mark.ThoughtSignature;
        }

        return at;
    }

    private OpaqueOrigin? OriginOf(Block block)
    {
        foreach (var blob in PlannedTurn.BlobsOf(block))
        {
            if (_memory.Find(ReplayKey.OfBlob(_scope.Text, blob))?.Origin is { } origin)
                return origin;
        }

        return null;
    }

    private static JsonText OpaqueOf(Block block) => block is not ReasoningBlock thought ? block.ThoughtSignature
        : !thought.Signature.IsEmpty ? thought.Signature
        : !thought.Encrypted.IsNull ? thought.Encrypted
        : thought.ThoughtSignature;

    // Vendors that demand thoughts on a turn with calls take what another thought, as text, or an empty text (DeepSeek, WIRE_FACTS §3.5).
    private static void AddDemanded(PlannedTurn planned)
    {
        var blocks = planned.Turn.Blocks;
        if (!blocks.Exists(static block => block is ToolCallBlock) || blocks.Exists(static block => block is ReasoningBlock { IsRedacted: false } thought && (!thought.Text.IsEmpty || thought.Encrypted.IsNull)))
            return;
        var text = new TokenBuffer();
        foreach (var (turn, _) in planned.Records)
        {
            foreach (var part in turn.Parts)
            {
                if (part.Kind == ReplayPartKind.Thought)
                    text.Append(part.Text.Token.Span);
            }
        }

        blocks.Insert(0, new ReasoningBlock { Text = text.ToText() });
    }
}
