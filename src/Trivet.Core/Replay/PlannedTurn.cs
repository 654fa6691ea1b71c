using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Core.Replay;

/// <summary>One old turn of the model: as the client sent it, and the records that its calls or its words lead to.</summary>
internal sealed class PlannedTurn
{
    private readonly Block[] _blocks;
    private readonly JsonText[] _thoughtSignatures;
    private readonly List<(ReplayKey Key, int Call)> _callKeys = [];
    private readonly List<ReplayKey> _blobs = [];
    private readonly List<ReplayKey> _turnKeys = [];
    private readonly bool _hasTellingCall;

    public PlannedTurn(Turn turn, string scope, int ordinal, ContentDigest said)
    {
        Turn = turn;
        _blocks = [.. turn.Blocks];
        _thoughtSignatures = Array.ConvertAll(_blocks, static block => block.ThoughtSignature);
        var content = new ContentDigest();
        foreach (var block in _blocks)
        {
            if (block is TextBlock text)
                content.AddToken(text.Text.ToToken().Span);
            else if (block is RefusalBlock refusal)
                content.AddToken(refusal.Text.ToToken().Span);
        }

        var call = 0;
        foreach (var block in _blocks)
        {
            if (block is not ToolCallBlock made)
                continue;
            var (id, name, arguments) = (made.Id.ToString(), made.Name.ToString(), ContentDigest.OfArguments(made.Arguments));
            ReplayDigests.AddCall(ref content, name, arguments);
            if (id.Length > 0)
                _callKeys.Add((ReplayKey.OfCall(scope, id, name, arguments), call));
            if (ReplayKey.OfCallId(scope, id, name) is { } telling)
            {
                _callKeys.Add((telling, call));
                _hasTellingCall = true;
            }

            call++;
        }

        if (content.Length == 0)
            ReplayDigests.AddPictures(ref content, _blocks.Count(ReplayDigests.IsPicture));

        // The exact one first: only a client that has changed what was said before, as those do that shorten old results, leaves it to the other. A call whose id tells is found by that or is another.
        if (!_hasTellingCall && ReplayKey.OfTurnAfter(scope, ordinal, content, said) is { } after)
            _turnKeys.Add(after);
        if (ReplayKey.OfTurn(scope, ordinal, content) is { } alike)
            _turnKeys.Add(alike);
        foreach (var block in _blocks)
        {
            foreach (var blob in BlobsOf(block))
                _blobs.Add(ReplayKey.OfBlob(scope, blob));
        }
    }

    public Turn Turn { get; }

    /// <summary>Answers that the turn is made of, as a rule one; with the place of each one's first call among the calls of the turn.</summary>
    public List<(ReplayTurn Turn, int FirstCall)> Records { get; } = [];

    /// <summary>The opaque values of a block that are no marks of Trivet's.</summary>
    public static IEnumerable<JsonText> BlobsOf(Block block)
    {
        if (block is ReasoningBlock thought)
        {
            if (!thought.Signature.IsEmpty && !ForeignSignature.IsForeign(thought.Signature))
                yield return thought.Signature;
            if (!thought.Encrypted.IsEmpty && !ForeignSignature.IsForeign(thought.Encrypted))
                yield return thought.Encrypted;
        }

        if (!block.ThoughtSignature.IsEmpty && !ForeignSignature.IsForeign(block.ThoughtSignature))
            yield return block.ThoughtSignature;
    }

    /// <summary>Names what this node does not know of the turn. Any call of an answer leads to the whole: the first that is known is enough.</summary>
    public void AddUnknown(ReplayMemory memory, List<ReplayKey> unknown)
    {
        var before = unknown.Count;
        foreach (var (key, _) in _callKeys)
            Ask(key);
        if (!_hasTellingCall) // ids that were made up here for calls without any are not those of the answer
            _turnKeys.ForEach(Ask);
        if (_callKeys.Exists(entry => memory.Find(entry.Key)?.Turn is not null))
            unknown.RemoveRange(before, unknown.Count - before);
        foreach (var blob in _blobs)
            Ask(blob);

        void Ask(ReplayKey key)
        {
            if (memory.Find(key) is null)
                unknown.Add(key);
        }
    }

    /// <summary>Finds the records.</summary>
    public void Resolve(ReplayMemory memory)
    {
        foreach (var (key, call) in _callKeys)
            Add(memory.Find(key), call);
        foreach (var turn in _turnKeys)
        {
            if (Records.Count == 0)
                Add(memory.Find(turn), -1);
        }

        void Add(ReplayEntry? entry, int call)
        {
            if (entry?.Turn is { } found && !Records.Exists(record => record.Turn.Id == found.Id))
                Records.Add((found, call < 0 || entry.CallOrdinal < 0 ? 0 : Math.Max(0, call - entry.CallOrdinal)));
        }
    }

    /// <summary>Whether an answer of <paramref name="target"/>'s that the turn is made of held this value: it is theirs then, whoever else gave one like it.</summary>
    public bool Holds(JsonText opaque, OpaqueOrigin target) => !opaque.IsEmpty && Records.Exists(record => record.Turn.Origin == target
        && record.Turn.Parts.Any(part => opaque == part.ThoughtSignature || opaque == part.Signature || opaque == part.Encrypted));

    /// <summary>The turn as the client sent it.</summary>
    public void Undo()
    {
        for (var i = 0; i < _blocks.Length; i++)
            (_blocks[i].OpaqueIsForeign, _blocks[i].ThoughtSignature) = (false, _thoughtSignatures[i]);
        Turn.Blocks.Clear();
        Turn.Blocks.AddRange(_blocks);
    }
}
