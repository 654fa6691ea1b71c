using System.Buffers;
using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>Reads one part of a content array. A type that is not known is kept whole as an <see cref="OpaqueBlock"/>.</summary>
internal static class ContentPartReader
{
    /// <summary>The block that a part stands for; null with the place and the fault where it cannot be understood.</summary>
    public static Block? Read(RawJson raw, out string path, out string fault)
    {
        (path, fault) = ("", "must be an object with a type");
        var reader = new Utf8JsonReader(raw.Utf8.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
            return null;
        var part = new Part();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.Null)
                continue;
            if (name.SequenceEqual("type"u8))
                part.Type = JsonTokens.ReadText(ref reader, raw.Utf8).ToString();
            else if (name.SequenceEqual("text"u8) && reader.TokenType == JsonTokenType.String)
                part.Text = JsonTokens.ReadText(ref reader, raw.Utf8);
            else if (name.SequenceEqual("refusal"u8) && reader.TokenType == JsonTokenType.String)
                part.Text = JsonTokens.ReadText(ref reader, raw.Utf8);
            else if (name.SequenceEqual("cache_control"u8))
                part.CacheControl = JsonTokens.ReadRaw(ref reader, raw.Utf8);
            else if (IsPayload(name))
                part.Payload = JsonTokens.ReadRaw(ref reader, raw.Utf8);
            else
                (part.Extra ??= []).Add(new ExtraField(Encoding.UTF8.GetString(name), JsonTokens.ReadRaw(ref reader, raw.Utf8)));
            reader.Skip();
        }

        var block = Make(part, raw, out path, out fault);
        if (block is null or OpaqueBlock)
            return block;
        block.CacheControl = part.CacheControl;
        block.Extra = part.Extra;
        return block;
    }

    private static bool IsPayload(ReadOnlySpan<byte> name) => name.SequenceEqual("image_url"u8) || name.SequenceEqual("file"u8) || name.SequenceEqual("input_audio"u8)
        || name.SequenceEqual("video_url"u8) || name.SequenceEqual("thinking"u8);

    private static Block? Make(Part part, RawJson raw, out string path, out string fault)
    {
        (path, fault) = (".text", "is required");
        switch (part.Type)
        {
            case "text" or "input_text" or "output_text":
            case "" when !part.Text.IsNull:
                return part.Text.IsNull ? null : new TextBlock(part.Text);
            case "refusal":
                path = ".refusal";
                return part.Text.IsNull ? null : new RefusalBlock(part.Text);
            case "thinking":
                return new ReasoningBlock { Text = ThinkingText(part.Payload), Carrier = ReasoningCarrier.ContentParts };
            case "image_url" or "video_url" or "file" or "input_audio":
                path = "." + part.Type;
                return part.Payload.IsAbsent ? null : Media(part.Type, part.Payload);
            case "":
                (path, fault) = (".type", "is required");
                return null;
            default:
                return new OpaqueBlock(Protocol.OpenAIChat, part.Type, raw);
        }
    }

    private static MediaBlock Media(string type, RawJson payload)
    {
        var media = new MediaBlock(type switch { "image_url" => MediaKind.Image, "video_url" => MediaKind.Video, "input_audio" => MediaKind.Audio, _ => MediaKind.Document });
        var reader = new Utf8JsonReader(payload.Utf8.Span);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) // lenient: image_url as a bare string
        {
            SetUrl(media, JsonTokens.ReadText(ref reader, payload.Utf8));
            return media;
        }

        if (reader.TokenType != JsonTokenType.StartObject)
            return media;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            reader.Read();
            if (reader.TokenType == JsonTokenType.String)
                Set(media, name, JsonTokens.ReadText(ref reader, payload.Utf8));
            reader.Skip();
        }

        return media;
    }

    private static void Set(MediaBlock media, ReadOnlySpan<byte> name, JsonText value)
    {
        if (name.SequenceEqual("url"u8) || name.SequenceEqual("file_data"u8))
            SetUrl(media, value);
        else if (name.SequenceEqual("detail"u8))
            media.Detail = value;
        else if (name.SequenceEqual("file_id"u8))
            media.FileId = value;
        else if (name.SequenceEqual("filename"u8))
            media.Name = value;
        else if (name.SequenceEqual("data"u8))
            media.Data = value;
        else if (name.SequenceEqual("format"u8))
            media.MediaType = "audio/" + value;
    }

    // "data:image/png;base64,…" is split into type and data; anything else, an address included, stays whole. PHP clients escape the slashes.
    internal static void SetUrl(MediaBlock media, JsonText url)
    {
        var contents = url.Token.Span.Length > 2 ? url.Token.Span[1..^1] : default;
        byte[]? decoded = null;
        if (contents.StartsWith("data:"u8) && contents.Contains((byte)'\\'))
        {
            var buffer = new ArrayBufferWriter<byte>(contents.Length);
            url.CopyDecodedTo(buffer);
            contents = decoded = buffer.WrittenSpan.ToArray();
        }

        var comma = contents.StartsWith("data:"u8) ? contents.IndexOf((byte)',') : -1;
        if (comma < 0 || !contents[..comma].EndsWith(";base64"u8))
        {
            if (media.Kind == MediaKind.Document && comma < 0 && !contents.StartsWith("http"u8))
                (media.Data, media.MediaType) = (url, "application/pdf"); // lenient: file_data as bare base64
            else
                media.Url = url;
            return;
        }

        media.MediaType = Encoding.UTF8.GetString(contents[5..(comma - 7)]);
        var data = contents[(comma + 1)..];
        media.Data = decoded is null
            ? JsonText.FromToken((byte[])[(byte)'"', .. data, (byte)'"'])
            : Encoding.UTF8.GetString(data); // written with escapes again: a quote in it would end the string, and what follows would be ours to say
    }

    /// <summary>The text of Mistral's <c>thinking</c>: a string, or an array of text parts.</summary>
    internal static JsonText ThinkingText(RawJson payload)
    {
        if (payload.IsAbsent)
            return "";
        var reader = new Utf8JsonReader(payload.Utf8.Span);
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return JsonTokens.ReadText(ref reader, payload.Utf8);
        var text = default(JsonText);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName || !reader.TextIs("text"u8))
                continue;
            reader.Read();
            var next = JsonTokens.ReadText(ref reader, payload.Utf8);
            text = text.IsNull ? next : OpenAIChatReasoningDetails.Concat(text, next);
        }

        return text.IsNull ? "" : text;
    }

    private struct Part()
    {
        public string Type = "";
        public JsonText Text;
        public RawJson CacheControl;
        public RawJson Payload;
        public List<ExtraField>? Extra;
    }
}
