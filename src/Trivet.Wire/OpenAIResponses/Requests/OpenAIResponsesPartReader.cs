using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Wire.OpenAIResponses.Requests;

/// <summary>Reads the parts of a message's <c>content</c> or of a tool's <c>output</c>. A type that is not known is kept whole as an <see cref="OpaqueBlock"/>.</summary>
internal static class OpenAIResponsesPartReader
{
    /// <summary>Reads an array of parts; false with the place and the fault where one cannot be understood.</summary>
    public static bool ReadAll(RawJson parts, List<Block> target, out string path, out string fault)
    {
        (path, fault) = ("", "");
        var fields = new JsonFields();
        var reader = new Utf8JsonReader(parts.Utf8.Span);
        reader.Read();
        for (var i = 0; reader.Read() && reader.TokenType != JsonTokenType.EndArray; i++)
        {
            if (reader.TokenType == JsonTokenType.String) // lenient: some clients put bare strings among the parts
            {
                target.Add(new TextBlock(JsonTokens.ReadText(ref reader, parts.Utf8)));
                continue;
            }

            var raw = JsonTokens.ReadRaw(ref reader, parts.Utf8);
            (path, fault) = ($"[{i}]", "must be an object with a type");
            if (raw.Utf8.Span[0] != (byte)'{')
                return false;
            fields.Push(raw);
            var block = Read(raw, fields, ref path, ref fault);
            fields.Pop(0);
            if (block is null)
                return false;
            target.Add(block);
        }

        return true;
    }

    private static Block? Read(RawJson raw, JsonFields fields, ref string path, ref string fault)
    {
        var type = fields.Find(0, "type"u8).Text;
        var text = fields.Find(0, type.ValueEquals("refusal"u8) ? "refusal"u8 : "text"u8).Text;
        if (type.ValueEquals("input_text"u8) || type.ValueEquals("output_text"u8) || type.ValueEquals("text"u8) || type.IsNull && !text.IsNull)
        {
            (path, fault) = (path + ".text", "is required");
            return text.IsNull ? null : Text(text, fields);
        }

        if (type.ValueEquals("refusal"u8))
        {
            (path, fault) = (path + ".refusal", "is required");
            return text.IsNull ? null : new RefusalBlock(text);
        }

        if (type.ValueEquals("reasoning_text"u8) || type.ValueEquals("summary_text"u8))
            return new ReasoningBlock { Text = text.IsNull ? "" : text, IsSummary = type.ValueEquals("summary_text"u8) };
        if (type.ValueEquals("input_image"u8) || type.ValueEquals("input_file"u8) || type.ValueEquals("input_audio"u8) || type.ValueEquals("input_video"u8))
            return Media(type, fields, ref path, ref fault);
        if (!type.IsNull)
            return new OpaqueBlock(Protocol.OpenAIResponses, type.ToString(), raw);
        (path, fault) = (path + ".type", "is required");
        return null;
    }

    private static TextBlock Text(JsonText text, JsonFields fields)
    {
        var block = new TextBlock(text);
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Is("annotations"u8) && field.Type == JsonTokenType.StartArray)
                block.Citations = IsEmptyArray(field.Value) ? default : field.Value;
            else if (!field.Is("type"u8) && !field.Is("text"u8) && !field.Is("logprobs"u8) && field.Type != JsonTokenType.Null)
                block.AddExtra(field.NameString, field.Value);
        }

        return block;
    }

    private static MediaBlock? Media(JsonText type, JsonFields fields, ref string path, ref string fault)
    {
        var media = new MediaBlock(type.ValueEquals("input_image"u8) ? MediaKind.Image : type.ValueEquals("input_file"u8) ? MediaKind.Document
            : type.ValueEquals("input_audio"u8) ? MediaKind.Audio : MediaKind.Video);
        for (var i = 0; i < fields.Count; i++)
        {
            var field = fields[i];
            if (field.Type is JsonTokenType.Null || field.Is("type"u8))
                continue;
            if (field.Is("image_url"u8) || field.Is("file_data"u8) || field.Is("video_url"u8))
                ContentPartReader.SetUrl(media, field.Type == JsonTokenType.StartObject ? Inner(field, "url"u8) : field.Text);
            else if (field.Is("file_url"u8))
                media.Url = field.Text;
            else if (field.Is("file_id"u8))
                media.FileId = field.Text;
            else if (field.Is("filename"u8))
                media.Name = field.Text;
            else if (field.Is("detail"u8))
                media.Detail = field.Text;
            else if (field.Is("input_audio"u8))
                (media.Data, media.MediaType) = (Inner(field, "data"u8), "audio/" + Inner(field, "format"u8));
            else
                media.AddExtra(field.NameString, field.Value);
        }

        if (media.MediaType.Length == 0 && media.Kind == MediaKind.Document && !media.Data.IsNull)
            media.MediaType = "application/pdf";
        if (!media.Data.IsNull || !media.Url.IsNull || !media.FileId.IsNull)
            return media;
        (path, fault) = (path + (media.Kind == MediaKind.Image ? ".image_url" : media.Kind == MediaKind.Document ? ".file_data" : "." + type), "is required");
        return null;
    }

    private static JsonText Inner(JsonField field, ReadOnlySpan<byte> name)
    {
        var fields = new JsonFields();
        fields.Push(field.Value);
        return fields.Find(0, name).Text;
    }

    private static bool IsEmptyArray(RawJson value)
    {
        var reader = new Utf8JsonReader(value.Utf8.Span);
        return reader.Read() && reader.Read() && reader.TokenType == JsonTokenType.EndArray;
    }
}
