using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>Decides of each block whether an upstream may be sent it: as it is, as others, or not at all (with a loss that says so).</summary>
internal readonly struct BedrockConverseAdmission(BedrockConverseDialect dialect, LossList losses)
{
    /// <summary>Adds what is to be written of a block.</summary>
    public void Admit(Block block, bool isModel, List<Block> admitted)
    {
        if (!block.ThoughtSignature.IsNull)
            losses.Add(BedrockConverseLosses.ThoughtSignature);
        switch (block)
        {
            case TextBlock text when !AnthropicMessagesAdmission.IsBlank(text.Text): // a blank text is a ValidationException
                admitted.Add(text);
                break;
            case RefusalBlock refusal:
                losses.Add(BedrockConverseLosses.Refusal);
                if (!AnthropicMessagesAdmission.IsBlank(refusal.Text))
                    admitted.Add(new TextBlock(refusal.Text));
                break;
            case ReasoningBlock reasoning when isModel:
                if (IsGenuine(reasoning))
                    admitted.Add(reasoning);
                else
                    losses.Add(BedrockConverseLosses.Reasoning);
                break;
            case ToolCallBlock call when isModel:
                admitted.Add(call);
                break;
            case MediaBlock media:
                AdmitMedia(media, isModel, admitted);
                break;
            case OpaqueBlock { Readable: { } readable }:
                foreach (var inner in readable)
                    Admit(inner, isModel, admitted);
                break;
            case OpaqueBlock:
                losses.Add(BedrockConverseLosses.Opaque);
                break;
        }
    }

    private static bool IsGenuine(ReasoningBlock block)
    {
        var proof = block.IsRedacted ? block.Encrypted : block.Signature;
        return !proof.IsEmpty && !block.OpaqueIsForeign && !ForeignSignature.IsForeign(proof);
    }

    private void AdmitMedia(MediaBlock media, bool isModel, List<Block> admitted)
    {
        if (!media.Detail.IsEmpty && !media.Detail.ValueEquals("auto"u8))
            losses.Add(BedrockConverseLosses.ImageDetail);
        if (media.Kind == MediaKind.Document && media.Content is { } content) // a document of blocks says what its blocks say
        {
            foreach (var inner in content)
                Admit(inner, isModel, admitted);
            return;
        }

        var inline = BedrockConverseMedia.SplitDataUri(media);
        if (isModel)
            losses.Add(BedrockConverseLosses.AssistantMedia);
        else if (!inline.FileId.IsEmpty)
            losses.Add(BedrockConverseLosses.FileId);
        else if (BedrockConverseMedia.FormatOf(inline) is not null && (!inline.Data.IsEmpty || !inline.PlainText.IsEmpty) && IsTaken(inline.Kind))
            admitted.Add(inline);
        else
            losses.Add(inline.Kind switch { MediaKind.Image => BedrockConverseLosses.Image, MediaKind.Document => BedrockConverseLosses.Document, MediaKind.Audio => BedrockConverseLosses.Audio, _ => BedrockConverseLosses.Video });
    }

    private bool IsTaken(MediaKind kind) => kind switch
    {
        MediaKind.Image => dialect.AcceptsImages,
        MediaKind.Document => dialect.AcceptsDocuments,
        MediaKind.Video => dialect.AcceptsVideo,
        _ => false,
    };
}
