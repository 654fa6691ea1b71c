using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat.Requests;

/// <summary>Writes content: one string where that says it all, an array of parts where the vendor takes one and there is more than text.</summary>
internal sealed class PartWriter(Utf8JsonWriter writer, bool isOwn, OpenAIChatDialect dialect, LossList losses)
{
    /// <summary>Whether the blocks hold anything that will be written.</summary>
    public bool Says(List<Block> blocks) => blocks.Exists(b => b switch
    {
        TextBlock text => !text.Text.IsEmpty,
        OpaqueBlock opaque => IsCarried(opaque) || opaque.Readable is not null,
        MediaBlock => true,
        _ => false,
    });

    /// <summary>Writes <c>content</c>. Texts that must become one string are joined with the separator.</summary>
    public void Content(List<Block> blocks, bool isPlainString, bool takesTextParts, string separator)
    {
        if (blocks.Exists(b => b is OpaqueBlock { Readable: not null } opaque && !IsCarried(opaque)))
            blocks = Readable(blocks);
        var hasMedia = blocks.Exists(b => b is MediaBlock or ReasoningBlock || b is OpaqueBlock opaque && IsCarried(opaque));
        var texts = blocks.Count(static b => b is TextBlock { Text.IsEmpty: false });
        var hasBreakpoint = dialect.CacheControl && blocks.Exists(static b => !b.CacheControl.IsAbsent);
        if (hasMedia || takesTextParts && !isPlainString && (texts > 1 || isOwn || hasBreakpoint))
        {
            writer.WriteStartArray("content"u8);
            foreach (var block in blocks)
                Part(block);
            writer.WriteEndArray();
            return;
        }

        foreach (var block in blocks)
            NoteString(block);
        if (texts == 1)
            ((TextBlock)blocks.Find(static b => b is TextBlock { Text.IsEmpty: false })!).Text.WriteTo(writer, "content"u8);
        else
            writer.WriteString("content"u8, string.Join(separator, blocks.OfType<TextBlock>().Where(static b => !b.Text.IsEmpty).Select(static b => b.Text.ToString())));
    }

    /// <summary>Writes a breakpoint on the thing itself, or reports it.</summary>
    public void OwnCacheControl(RawJson cacheControl)
    {
        if (cacheControl.IsAbsent)
            return;
        if (dialect.CacheControl)
            cacheControl.WriteTo(writer, "cache_control"u8);
        else
            losses.Add(OpenAIChatLosses.CacheControl);
    }

    /// <summary>Reports blocks of which nothing will be written.</summary>
    public void NoteLost(List<Block> blocks)
    {
        foreach (var block in blocks)
            NoteString(block);
    }

    private List<Block> Readable(List<Block> blocks)
    {
        var readable = new List<Block>(blocks.Count + 2);
        foreach (var block in blocks)
        {
            if (block is OpaqueBlock { Readable: { } says } opaque && !IsCarried(opaque))
            {
                losses.Add(OpenAIChatLosses.SearchResult);
                readable.AddRange(says);
            }
            else
            {
                readable.Add(block);
            }
        }

        return readable;
    }

    private bool IsCarried(OpaqueBlock block) => isOwn && block.Origin == Protocol.OpenAIChat;

    private void NoteString(Block block)
    {
        if (!block.CacheControl.IsAbsent)
            losses.Add(OpenAIChatLosses.CacheControl);
        if (block is TextBlock { Citations.IsNull: false })
            losses.Add(OpenAIChatLosses.Citations);
        if (block is OpaqueBlock opaque)
            losses.AddUnknown("content." + opaque.Type, Protocol.OpenAIChat);
    }

    private void Part(Block block)
    {
        switch (block)
        {
            case TextBlock { Text.IsEmpty: true }:
                break;
            case TextBlock text:
                if (!text.Citations.IsNull)
                    losses.Add(OpenAIChatLosses.Citations);
                Text(text.Text, block);
                break;
            case ReasoningBlock thoughts:
                Thinking(thoughts);
                break;
            case MediaBlock media:
                Media(media);
                break;
            case OpaqueBlock opaque when IsCarried(opaque):
                opaque.Raw.WriteTo(writer);
                break;
            case OpaqueBlock opaque:
                losses.AddUnknown("content." + opaque.Type, Protocol.OpenAIChat);
                break;
        }
    }

    private void Text(JsonText text, Block? block = null)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "text"u8);
        text.WriteTo(writer, "text"u8);
        End(block);
    }

    private void Thinking(ReasoningBlock thoughts)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "thinking"u8);
        writer.WriteStartArray("thinking"u8);
        Text(thoughts.Text.IsNull ? "" : thoughts.Text);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private void Media(MediaBlock media)
    {
        if (!media.Context.IsNull || !media.Citations.IsNull)
            losses.Add(OpenAIChatLosses.DocumentExtras);
        if (!media.PlainText.IsNull || media.Content is not null)
            PlainDocument(media);
        else if (!media.FileId.IsNull && !(isOwn && media.Kind == MediaKind.Document && dialect.FileParts))
            Without(media, OpenAIChatLosses.FileId);
        else if (media.Kind == MediaKind.Image)
            Url(media, "image_url");
        else if (media.Kind == MediaKind.Video && dialect.VideoParts)
            Url(media, "video_url");
        else if (media.Kind == MediaKind.Audio && dialect.AudioParts && !media.Data.IsNull)
            Audio(media);
        else if (media.Kind == MediaKind.Document && dialect.FileParts && (!media.Data.IsNull || !media.FileId.IsNull))
            File(media);
        else if (media.Kind == MediaKind.Document && !media.Url.IsNull && !isOwn)
            DocumentUrl(media);
        else if (media.Kind == MediaKind.Document && dialect.FileParts && !media.Url.IsNull)
            File(media);
        else
            Without(media, OpenAIChatLosses.Media);
    }

    private void PlainDocument(MediaBlock media)
    {
        if (!media.Name.IsEmpty)
            Text($"[document: {media.Name}]");
        if (!media.PlainText.IsNull)
            Text(media.PlainText, media);
        foreach (var block in media.Content ?? [])
            Part(block);
    }

    private void Without(MediaBlock media, LossRule rule)
    {
        losses.Add(rule);
        Text($"[{media.Kind.ToString().ToLowerInvariant()} left out: it cannot be sent to this model]");
    }

    private void DocumentUrl(MediaBlock media)
    {
        losses.Add(OpenAIChatLosses.DocumentUrl);
        Text($"[document at {media.Url}]");
    }

    private void Url(MediaBlock media, string type)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, type);
        writer.WriteStartObject(type);
        writer.WritePropertyName("url"u8);
        UrlValue(media);
        if (!media.Detail.IsNull)
            media.Detail.WriteTo(writer, "detail"u8);
        writer.WriteEndObject();
        End(media);
    }

    private void UrlValue(MediaBlock media)
    {
        if (media.Data.IsNull)
        {
            (media.Url.IsNull ? "" : media.Url).WriteTo(writer);
            return;
        }

        writer.WriteStringValueSegment(Encoding.UTF8.GetBytes($"data:{(media.MediaType.Length > 0 ? media.MediaType : "application/octet-stream")};base64,"), isFinalSegment: false);
        writer.WriteStringValueSegment(media.Data.Decoded(), isFinalSegment: true);
    }

    private void Audio(MediaBlock media)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "input_audio"u8);
        writer.WriteStartObject("input_audio"u8);
        media.Data.WriteTo(writer, "data"u8);
        writer.WriteString("format"u8, media.MediaType switch
        {
            "audio/mpeg" => "mp3",
            "audio/x-wav" or "" => "wav",
            var type => type.StartsWith("audio/", StringComparison.Ordinal) ? type[6..] : type,
        });
        writer.WriteEndObject();
        End(media);
    }

    private void File(MediaBlock media)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, "file"u8);
        writer.WriteStartObject("file"u8);
        if (!media.FileId.IsNull)
            media.FileId.WriteTo(writer, "file_id"u8);
        else
        {
            writer.WritePropertyName("file_data"u8);
            UrlValue(media);
        }

        if (!media.Name.IsNull)
            media.Name.WriteTo(writer, "filename"u8);
        else if (!media.Data.IsNull && !isOwn)
            writer.WriteString("filename"u8, media.MediaType == "application/pdf" ? "document.pdf"u8 : "document"u8); // OpenAI wants one beside data
        writer.WriteEndObject();
        End(media);
    }

    private void End(Block? block)
    {
        if (block is not null)
        {
            OwnCacheControl(block.CacheControl);
            foreach (var (name, value) in block.Extra ?? [])
            {
                if (!isOwn)
                {
                    losses.AddUnknown("content.", new ExtraField(name, value), Protocol.OpenAIChat);
                    continue;
                }

                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }
        }

        writer.WriteEndObject();
    }
}
