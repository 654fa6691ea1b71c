using Trivet.Wire.Canonical;

namespace Trivet.Core.Replay;

/// <summary>Where the parts of an answer belong in the turn that its client made of it: clients drop thoughts, merge texts and put them before calls.</summary>
internal static class ReplayPlaces
{
    /// <summary>Puts the thoughts of an answer before the text or call that they stood before, and signatures on the blocks that had them. <paramref name="firstCall"/>: the place of the answer's first call among those of the turn.</summary>
    public static void Restore(List<Block> blocks, ReplayTurn turn, int firstCall)
    {
        var calls = firstCall;
        var (texts, pictures, anchor) = (0, 0, 0);
        foreach (var part in turn.Parts)
        {
            switch (part.Kind)
            {
                case ReplayPartKind.Thought or ReplayPartKind.EmptyText:
                    var place = calls == firstCall && texts == 0 && pictures == 0 ? anchor : Before(blocks, turn, part, firstCall, anchor);
                    blocks.Insert(place, part.Kind == ReplayPartKind.Thought ? part.ToBlock() : new TextBlock("") { ThoughtSignature = part.ThoughtSignature });
                    anchor = place + 1;
                    break;
                default:
                    var found = part.Kind == ReplayPartKind.Call ? Find<ToolCallBlock>(blocks, calls++)
                        : firstCall > 0 ? -1
                        : part.Kind == ReplayPartKind.Picture ? FindPicture(blocks, pictures++)
                        : Find<TextBlock>(blocks, texts++);
                    if (found < 0)
                        break;
                    if (!part.ThoughtSignature.IsNull)
                        blocks[found].ThoughtSignature = part.ThoughtSignature;
                    anchor = Math.Max(anchor, found + 1);
                    break;
            }
        }
    }

    // Clients may put texts before calls: the first block behind the part that is found tells where it belongs.
    private static int Before(List<Block> blocks, ReplayTurn turn, ReplayPart part, int firstCall, int anchor)
    {
        var (calls, texts, pictures, isBehind) = (firstCall, 0, 0, false);
        foreach (var other in turn.Parts)
        {
            if (ReferenceEquals(other, part))
            {
                isBehind = true;
                continue;
            }

            var found = other.Kind switch
            {
                ReplayPartKind.Call => Find<ToolCallBlock>(blocks, calls++),
                ReplayPartKind.Text when firstCall == 0 => Find<TextBlock>(blocks, texts++),
                ReplayPartKind.Picture when firstCall == 0 => FindPicture(blocks, pictures++),
                _ => -1,
            };
            if (isBehind && found >= anchor)
                return found;
        }

        return blocks.Count;
    }

    private static int FindPicture(List<Block> blocks, int ordinal) => blocks.FindIndex(block => ReplayDigests.IsPicture(block) && ordinal-- == 0);

    private static int Find<TBlock>(List<Block> blocks, int ordinal)
        where TBlock : Block
    {
        for (var i = 0; i < blocks.Count; i++)
        {
            if (blocks[i] is TBlock and not TextBlock { Text.IsEmpty: true } && ordinal-- == 0)
                return i;
        }

        return -1;
    }
}
