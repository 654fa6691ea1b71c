using Trivet.Wire.Canonical;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>Decides of each block whether an upstream may be sent it: as it is, as others, or not at all (with a loss that says so).</summary>
internal sealed class GeminiAdmission(Protocol origin, GeminiDialect dialect, LossList losses)
{
    /// <summary>Appends what is to be written of a block.</summary>
    public void Admit(Block block, bool isModel, List<Block> into)
    {
        if (!block.CacheControl.IsNull)
            losses.Add(GeminiLosses.CacheControl);
        switch (block)
        {
            case TextBlock text:
                if (!text.Citations.IsNull)
                    losses.Add(GeminiLosses.Citations);
                if (!text.Text.IsEmpty || HasSignature(text))
                    into.Add(text);
                break;
            case RefusalBlock refusal:
                losses.Add(GeminiLosses.Refusal);
                if (!refusal.Text.IsEmpty)
                    into.Add(new TextBlock(refusal.Text));
                break;
            case ReasoningBlock reasoning:
                Reasoning(reasoning, isModel, into);
                break;
            case ToolCallBlock { Kind: not ToolKind.Server } call when isModel:
                into.Add(call);
                break;
            case MediaBlock media:
                Media(media, into);
                break;
            case OpaqueBlock { Origin: Protocol.Gemini } opaque:
                into.Add(opaque);
                break;
            case OpaqueBlock opaque when isModel && DrawnPicture.Of(opaque.Origin, opaque.Type, opaque.Raw) is { } picture:
                var drawn = picture.ToBlock();
                (drawn.ThoughtSignature, drawn.OpaqueIsForeign) = (opaque.ThoughtSignature, opaque.OpaqueIsForeign);
                Media(drawn, into);
                break;
            case OpaqueBlock { Readable: { } readable }:
                foreach (var inner in readable)
                    Admit(inner, isModel, into);
                break;
            default:
                losses.Add(GeminiLosses.Opaque);
                break;
        }
    }

    /// <summary>Whether a block has a signature that this upstream gave.</summary>
    public static bool HasSignature(Block block) => !block.ThoughtSignature.IsEmpty && !block.OpaqueIsForeign && !ForeignSignature.IsForeign(block.ThoughtSignature);

    // Thoughts go back where they came from: as they stood from a client of this protocol, by their signature from any other.
    private void Reasoning(ReasoningBlock block, bool isModel, List<Block> into)
    {
        var isOwn = !block.OpaqueIsForeign && (origin == Protocol.Gemini || HasSignature(block));
        if (isOwn && isModel)
            into.Add(block);
        else if (!block.Text.IsEmpty || !block.Encrypted.IsEmpty)
            losses.Add(GeminiLosses.Reasoning);
    }

    private void Media(MediaBlock media, List<Block> into)
    {
        if (media.Content is { } content)
        {
            if (!media.Name.IsEmpty)
                losses.Add(GeminiLosses.FileName);
            if (!media.Context.IsEmpty || !media.Citations.IsNull)
                losses.Add(GeminiLosses.DocumentContext);
            foreach (var inner in content)
                Admit(inner, isModel: false, into);
            return;
        }

        if (!media.Detail.IsEmpty && !media.Detail.ValueEquals("auto"u8))
            losses.Add(GeminiLosses.ImageDetail);
        if (!media.Context.IsEmpty || !media.Citations.IsNull)
            losses.Add(GeminiLosses.DocumentContext);
        if (GeminiMedia.TrySplitDataUrl(media.Url, out var type, out var data))
            media = new MediaBlock(media.Kind) { MediaType = type, Data = data, Name = media.Name, ThoughtSignature = media.ThoughtSignature, Extra = media.Extra };
        if (!IsTaken(media))
            losses.Add(RuleOf(media.Kind));
        else if (!media.FileId.IsEmpty && origin != Protocol.Gemini)
            losses.Add(GeminiLosses.FileId);
        else
            into.Add(media);
    }

    private bool IsTaken(MediaBlock media)
    {
        if (media.Kind == MediaKind.Image && !dialect.AcceptsImages)
            return false;
        if (!media.FileId.IsEmpty || !media.Data.IsEmpty || !media.PlainText.IsNull)
            return true;
        if (media.Url.IsEmpty)
            return false;
        var address = media.Url.ToString();
        return dialect.AcceptsMediaByUrl || origin == Protocol.Gemini || GeminiMedia.IsStored(address) || GeminiMedia.IsYouTube(address);
    }

    private static LossRule RuleOf(MediaKind kind) => kind switch
    {
        MediaKind.Image => GeminiLosses.Image,
        MediaKind.Audio => GeminiLosses.Audio,
        MediaKind.Video => GeminiLosses.Video,
        _ => GeminiLosses.Document,
    };
}
