using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>Contents as they will be written: one side, results first.</summary>
internal sealed class GeminiContent(bool isModel)
{
    public bool IsModel { get; } = isModel;

    public List<GeminiResult> Results { get; } = [];

    public List<Block> Blocks { get; } = [];

    public bool IsEmpty => Results.Count == 0 && Blocks.Count == 0;
}

/// <summary>A tool's result with the call that it answers; the block is null where none came and one must be made up.</summary>
internal readonly record struct GeminiResult(ToolResultBlock? Block, ToolCallBlock Call);

/// <summary>
/// The conversation in the order that Google takes: standing instructions apart, user and model in turns, the results of a turn's calls right behind it, as
/// many and in the same order. What the turns hold is decided by <see cref="GeminiAdmission"/>.
/// </summary>
internal sealed class GeminiConversation
{
    private readonly CanonicalRequest _request;
    private readonly GeminiAdmission _admission;
    private readonly LossList _losses;

    private GeminiConversation(CanonicalRequest request, GeminiDialect dialect, LossList losses)
    {
        (_request, _losses) = (request, losses);
        _admission = new GeminiAdmission(request.Origin, dialect, losses);
    }

    /// <summary>Standing instructions, in order.</summary>
    public List<TextBlock> System { get; } = [];

    /// <summary>The contents.</summary>
    public List<GeminiContent> Contents { get; } = [];

    /// <summary>Shapes a request's turns.</summary>
    public static GeminiConversation Shape(CanonicalRequest request, GeminiDialect dialect, LossList losses)
    {
        var conversation = new GeminiConversation(request, dialect, losses);
        var isSystemOnly = request.Turns.TrueForAll(static turn => turn.Role is Role.System or Role.Developer);
        for (var i = 0; i < request.Turns.Count; i++)
        {
            var turn = request.Turns[i];
            conversation.Note(turn);
            if (turn.Role is Role.System or Role.Developer && !(isSystemOnly && i == request.Turns.Count - 1))
                conversation.TakeSystem(turn);
            else
                conversation.TakeTurn(turn);
        }

        if (isSystemOnly && conversation.Contents.Count > 0)
            losses.Add(GeminiLosses.SystemAsUser);
        conversation.PairAll();
        conversation.FixStart();
        return conversation;
    }

    // 1. Instructions are hoisted: there is one place for them.
    private void TakeSystem(Turn turn)
    {
        foreach (var block in turn.Blocks)
        {
            if (block is not TextBlock text)
            {
                _losses.Add(GeminiLosses.SystemMedia);
                continue;
            }

            if (text.Text.IsEmpty)
                continue;
            if (Contents.Count > 0)
                _losses.Add(GeminiLosses.SystemInConversation);
            if (!text.CacheControl.IsNull)
                _losses.Add(GeminiLosses.CacheControl);
            System.Add(text);
        }
    }

    // 2. Each turn goes to its side; neighbours of one side become one.
    private void TakeTurn(Turn turn)
    {
        var isModel = turn.Role == Role.Assistant;
        var content = Contents.Count > 0 && Contents[^1].IsModel == isModel ? Contents[^1] : new GeminiContent(isModel);
        if (turn.IsSilent && _request.Origin == Protocol.Gemini)
            content.Blocks.AddRange(turn.Blocks);
        foreach (var block in turn.Blocks)
        {
            if (block is ToolResultBlock result && !isModel)
                content.Results.Add(new GeminiResult(result, null!));
            else
                _admission.Admit(block, isModel, content.Blocks);
        }

        if (!content.IsEmpty && (Contents.Count == 0 || Contents[^1] != content))
            Contents.Add(content);
    }

    private void Note(Turn turn)
    {
        if (turn.IsSilent && _request.Origin != Protocol.Gemini) // which takes an empty text
            _losses.Add(GeminiLosses.EmptyMessage);
        if (!turn.Name.IsEmpty)
            _losses.Add(GeminiLosses.MessageName);
        foreach (var extra in turn.Extra)
            _losses.AddUnknown("messages[].", extra, Protocol.Gemini);
    }

    // 3. Every call has its result at the start of the next contents, in the same order, and every result its call in the contents before.
    private void PairAll()
    {
        for (var i = 0; i < Contents.Count; i++)
        {
            var content = Contents[i];
            if (!content.IsModel)
            {
                Orphans(content, content.Results);
                continue;
            }

            if (!content.Blocks.Exists(static block => block is ToolCallBlock))
                continue;
            if (i + 1 == Contents.Count)
                Contents.Add(new GeminiContent(isModel: false));
            Pair(content, Contents[++i]);
        }
    }

    private void Pair(GeminiContent calls, GeminiContent answers)
    {
        var left = new List<GeminiResult>(answers.Results);
        answers.Results.Clear();
        foreach (var block in calls.Blocks)
        {
            if (block is not ToolCallBlock call)
                continue;
            var at = left.FindIndex(result => result.Block!.CallId == call.Id || (call.Id.IsEmpty && result.Block.CallId.IsEmpty));
            if (at < 0)
                _losses.Add(GeminiLosses.MissingResult);
            answers.Results.Add(new GeminiResult(at < 0 ? null : left[at].Block, call));
            if (at >= 0)
                left.RemoveAt(at);
        }

        Orphans(answers, left);
    }

    private void Orphans(GeminiContent content, List<GeminiResult> orphans)
    {
        if (orphans.Count == 0)
            return;
        _losses.Add(GeminiLosses.OrphanResult);
        var says = new List<Block>();
        foreach (var orphan in orphans)
        {
            says.Add(new TextBlock($"[result of tool call {orphan.Block!.CallId}]"));
            foreach (var block in orphan.Block.Content)
                _admission.Admit(block, isModel: false, says);
        }

        content.Blocks.InsertRange(0, says);
        if (ReferenceEquals(content.Results, orphans))
            content.Results.Clear();
    }

    // 4. Something must be asked, and a call may not come first.
    private void FixStart()
    {
        Contents.RemoveAll(static content => content.IsEmpty);
        if (Contents.Count > 0 && (!Contents[0].IsModel || _request.Origin == Protocol.Gemini))
            return;
        var isEmpty = Contents.Count == 0;
        if (!isEmpty)
            _losses.Add(GeminiLosses.FirstMessage);
        var first = new GeminiContent(isModel: false);
        first.Blocks.Add(new TextBlock(isEmpty ? "" : "Continue.")); // an empty text beside instructions is answered (corpus: gemini-018)
        Contents.Insert(0, first);
    }
}
