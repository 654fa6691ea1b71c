using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages.Requests;

/// <summary>Decides of each block whether an upstream may be sent it: as it is, as another, or not at all (with a loss that says so).</summary>
internal readonly struct AnthropicMessagesAdmission(Protocol origin, AnthropicMessagesDialect dialect, LossList losses)
{
    /// <summary>The block to write; null for none.</summary>
    public Block? Admit(Block block, Role role)
    {
        if (!block.ThoughtSignature.IsNull)
            losses.Add(AnthropicMessagesLosses.ThoughtSignature);
        switch (block)
        {
            case TextBlock text:
                return IsBlank(text.Text) ? null : text;
            case RefusalBlock refusal:
                losses.Add(AnthropicMessagesLosses.Refusal);
                return IsBlank(refusal.Text) ? null : new TextBlock(refusal.Text);
            case ReasoningBlock reasoning:
                return role == Role.Assistant ? Reasoning(reasoning) : null;
            case ToolCallBlock call:
                return role == Role.Assistant ? call : null;
            case MediaBlock media:
                return Media(media, role);
            case OpaqueBlock { Origin: Protocol.AnthropicMessages } opaque:
                return opaque;
            case OpaqueBlock { Readable: { Count: > 0 } says } when WordsOf(says) is { } words:
                losses.Add(AnthropicMessagesLosses.Readable);
                return words;
            case OpaqueBlock:
                losses.Add(AnthropicMessagesLosses.Opaque);
                return null;
            default:
                return null;
        }
    }

    // What another vendor's own block says (a shell's output, code that was run), as one text; null where it is no text.
    private static TextBlock? WordsOf(List<Block> says)
    {
        var words = string.Join('\n', says.OfType<TextBlock>().Select(static text => text.Text.ToString()));
        return string.IsNullOrWhiteSpace(words) ? null : new TextBlock(words);
    }

    /// <summary>Nothing but blanks: Anthropic answers 400 to such a text.</summary>
    public static bool IsBlank(JsonText text)
    {
        if (text.IsEmpty)
            return true;
        if (text.Token.IsEmpty)
            return string.IsNullOrWhiteSpace(text.ToString());
        var contents = text.Token.Span[1..^1];
        for (var i = 0; i < contents.Length; i++)
        {
            if (contents[i] == (byte)' ')
                continue;
            if (contents[i] != (byte)'\\' || i + 1 == contents.Length || contents[i + 1] is not ((byte)'n' or (byte)'t' or (byte)'r' or (byte)'f'))
                return false;
            i++;
        }

        return true;
    }

    // Thoughts with their issuer's signature go back byte for byte, empty or not; others only to vendors that want them.
    private ReasoningBlock? Reasoning(ReasoningBlock block)
    {
        if (block.IsRedacted)
        {
            if (block.Encrypted is { IsNull: false } && origin == Protocol.AnthropicMessages && !block.OpaqueIsForeign && !ForeignSignature.IsForeign(block.Encrypted))
                return block;
            losses.Add(AnthropicMessagesLosses.Reasoning);
            return null;
        }

        var isGenuine = !block.Signature.IsEmpty && !block.OpaqueIsForeign && !ForeignSignature.IsForeign(block.Signature);
        if (isGenuine)
            return block;
        if (dialect.AcceptsUnsignedThinking)
            return new ReasoningBlock { Text = block.Text.IsNull ? new JsonText("") : block.Text, Signature = new JsonText(""), CacheControl = block.CacheControl };
        if (!block.SaysNothing)
            losses.Add(AnthropicMessagesLosses.Reasoning);
        return null;
    }

    private Block? Media(MediaBlock media, Role role)
    {
        if (role == Role.Assistant)
            return Drop(AnthropicMessagesLosses.AssistantMedia);
        if (media.Kind is MediaKind.Audio or MediaKind.Video)
            return Drop(media.Kind == MediaKind.Audio ? AnthropicMessagesLosses.Audio : AnthropicMessagesLosses.Video);
        if (!media.Detail.IsEmpty && !media.Detail.ValueEquals("auto"u8))
            losses.Add(AnthropicMessagesLosses.ImageDetail);
        if (!media.FileId.IsEmpty && origin != Protocol.AnthropicMessages)
            return Drop(AnthropicMessagesLosses.FileId);
        media = SplitDataUri(media);
        return media.Kind == MediaKind.Image ? Image(media) : Document(media);
    }

    private MediaBlock? Image(MediaBlock media)
    {
        var isKnown = media.MediaType is "image/jpeg" or "image/png" or "image/gif" or "image/webp" or "image/jpg";
        var isLegal = dialect.AcceptsImages && (!media.FileId.IsEmpty || (!media.Url.IsEmpty && dialect.AcceptsMediaByUrl) || (!media.Data.IsEmpty && isKnown));
        if (isLegal)
            return media;
        losses.Add(AnthropicMessagesLosses.Image);
        return null;
    }

    private MediaBlock? Document(MediaBlock media)
    {
        var isText = media.MediaType.StartsWith("text/", StringComparison.Ordinal) || media.MediaType is "application/json";
        if (dialect.AcceptsDocuments)
        {
            if (!media.FileId.IsEmpty || !media.PlainText.IsNull || media.Content is not null)
                return media;
            if (!media.Url.IsEmpty && dialect.AcceptsMediaByUrl)
                return media;
            if (!media.Data.IsEmpty && media.MediaType is "application/pdf")
                return media;
            if (!media.Data.IsEmpty && isText && TryDecode(media.Data.ToString(), out var text))
                return new MediaBlock(MediaKind.Document) { MediaType = "text/plain", PlainText = text, Name = media.Name, CacheControl = media.CacheControl };
        }

        losses.Add(AnthropicMessagesLosses.Document);
        return null;
    }

    private Block? Drop(LossRule rule)
    {
        losses.Add(rule);
        return null;
    }

    private static bool TryDecode(string base64, out string text)
    {
        var bytes = new byte[base64.Length];
        var isValid = Convert.TryFromBase64String(base64, bytes, out var length);
        text = isValid ? System.Text.Encoding.UTF8.GetString(bytes, 0, length) : "";
        return isValid;
    }

    private static MediaBlock SplitDataUri(MediaBlock media)
    {
        if (media.Url.IsEmpty || !IsDataUri(media.Url))
            return media;
        var uri = media.Url.ToString();
        var comma = uri.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !uri.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            return media;
        var parameters = uri.IndexOf(';', StringComparison.Ordinal);
        return new MediaBlock(media.Kind) { MediaType = uri[5..parameters].ToLowerInvariant(), Data = uri[(comma + 1)..], Name = media.Name, CacheControl = media.CacheControl };
    }

    private static bool IsDataUri(JsonText url) => url.Token.Length > 6 ? url.Token.Span[1..].StartsWith("data:"u8) : url.ToString().StartsWith("data:", StringComparison.OrdinalIgnoreCase);
}
