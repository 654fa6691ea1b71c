using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>Writes content of messages and outputs of tools: one string where that says it all, else an array of <c>input_…</c> parts.</summary>
internal sealed class OpenAIResponsesPartWriter(Utf8JsonWriter writer, bool isOwn, OpenAIResponsesDialect dialect, LossList losses)
{
    /// <summary>
    /// What is to be said of the blocks, in blocks that this protocol has parts for. Search results and the like become their words, media that the vendor
    /// does not take a note, and what only another protocol knows is reported.
    /// </summary>
    public List<Block> Sayable(List<Block> blocks)
    {
        var said = new List<Block>(blocks.Count);
        foreach (var block in blocks)
        {
            if (!block.CacheControl.IsAbsent)
                losses.Add(OpenAIResponsesLosses.CacheControl);
            switch (block)
            {
                case TextBlock { Text.IsEmpty: false } text:
                    if (!text.Citations.IsNull)
                        losses.Add(OpenAIResponsesLosses.Citations);
                    said.Add(text);
                    break;
                case RefusalBlock refusal:
                    losses.Add(OpenAIResponsesLosses.RefusalBlock);
                    said.Add(new TextBlock(refusal.Text));
                    break;
                case MediaBlock media:
                    Media(media, said);
                    break;
                case OpaqueBlock opaque when isOwn && opaque.Origin == Protocol.OpenAIResponses:
                    said.Add(opaque);
                    break;
                case OpaqueBlock { Readable: { } readable }:
                    losses.Add(OpenAIResponsesLosses.SearchResult);
                    said.AddRange(Sayable(readable));
                    break;
                case OpaqueBlock opaque:
                    losses.AddUnknown("content." + opaque.Type, Protocol.OpenAIResponses);
                    break;
            }
        }

        return said;
    }

    /// <summary>Writes sayable blocks as <paramref name="name"/>; texts alone become one string where the client gave one or there is one.</summary>
    public void Content(ReadOnlySpan<byte> name, List<Block> blocks, bool isPlainString)
    {
        var isText = blocks.TrueForAll(static block => block is TextBlock { Extra: null });
        if (blocks.Count == 0)
            writer.WriteString(name, ""u8);
        else if (blocks is [TextBlock { Extra: null } only] && (isPlainString || !isOwn))
            only.Text.WriteTo(writer, name);
        else if (isText && isPlainString)
            writer.WriteString(name, string.Concat(blocks.Select(static block => ((TextBlock)block).Text.ToString())));
        else
            Parts(name, blocks);
    }

    private void Parts(ReadOnlySpan<byte> name, List<Block> blocks)
    {
        writer.WriteStartArray(name);
        foreach (var block in blocks)
        {
            if (block is OpaqueBlock opaque)
            {
                opaque.Raw.WriteTo(writer);
                continue;
            }

            writer.WriteStartObject();
            if (block is TextBlock text)
            {
                writer.WriteString("type"u8, "input_text"u8);
                text.Text.WriteTo(writer, "text"u8);
            }
            else if (block is MediaBlock { Kind: MediaKind.Image } image)
                Image(image);
            else if (block is MediaBlock file)
                File(file);
            Extras(block);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private void Media(MediaBlock media, List<Block> said)
    {
        if (!media.Context.IsNull || !media.Citations.IsNull)
            losses.Add(OpenAIResponsesLosses.DocumentExtras);
        if (!media.PlainText.IsNull || media.Content is not null)
        {
            if (!media.Name.IsEmpty)
                said.Add(new TextBlock($"[{media.Name}]\n"));
            if (!media.PlainText.IsNull)
                said.Add(new TextBlock(media.PlainText));
            else
                said.AddRange(Sayable(media.Content!));
        }
        else if (!media.FileId.IsNull && !isOwn)
            Without(media, OpenAIResponsesLosses.FileId, said);
        else if (media.Kind == MediaKind.Image && dialect.Images || media.Kind == MediaKind.Document && dialect.Documents)
            said.Add(media);
        else
            Without(media, OpenAIResponsesLosses.Media, said);
    }

    private void Without(MediaBlock media, LossRule rule, List<Block> said)
    {
        losses.Add(rule);
        said.Add(new TextBlock($"[{media.Kind.ToString().ToLowerInvariant()} left out]"));
    }

    private void Image(MediaBlock media)
    {
        writer.WriteString("type"u8, "input_image"u8);
        if (!media.FileId.IsNull)
            media.FileId.WriteTo(writer, "file_id"u8);
        else
            Url("image_url"u8, media, "image/png");
        (media.Detail.ValueEquals("low"u8) || media.Detail.ValueEquals("high"u8) || media.Detail.ValueEquals("original"u8) ? media.Detail : "auto").WriteTo(writer, "detail"u8); // the specification wants one
    }

    private void File(MediaBlock media)
    {
        writer.WriteString("type"u8, "input_file"u8);
        if (!media.FileId.IsNull)
            media.FileId.WriteTo(writer, "file_id"u8);
        else if (!media.Data.IsNull)
            Url("file_data"u8, media, "application/pdf");
        else
            media.Url.WriteTo(writer, "file_url"u8);
        if (!media.Name.IsEmpty)
            media.Name.WriteTo(writer, "filename"u8);
        else if (!media.Data.IsNull)
            writer.WriteString("filename"u8, media.MediaType is "application/pdf" or "" ? "document.pdf"u8 : "document"u8); // wanted beside data
        if (!media.Detail.IsEmpty)
            media.Detail.WriteTo(writer, "detail"u8);
    }

    private void Url(ReadOnlySpan<byte> name, MediaBlock media, string defaultType)
    {
        writer.WritePropertyName(name);
        if (media.Data.IsNull)
        {
            (media.Url.IsNull ? "" : media.Url).WriteTo(writer);
            return;
        }

        writer.WriteStringValueSegment(Encoding.UTF8.GetBytes($"data:{(media.MediaType.Length > 0 ? media.MediaType : defaultType)};base64,"), isFinalSegment: false);
        writer.WriteStringValueSegment(media.Data.Decoded(), isFinalSegment: true);
    }

    private void Extras(Block block)
    {
        foreach (var (name, value) in block.Extra ?? [])
        {
            if (!isOwn)
            {
                losses.AddUnknown("content." + name, Protocol.OpenAIResponses);
                continue;
            }

            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }
}
