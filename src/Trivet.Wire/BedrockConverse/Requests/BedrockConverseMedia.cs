using System.Text;
using System.Text.Json;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.BedrockConverse.Requests;

/// <summary>Media as Bedrock takes them: a format word and base64 bytes; documents with a name (API reference: ImageBlock, DocumentBlock, VideoBlock).</summary>
internal static class BedrockConverseMedia
{
    private const int NameCharsMax = 200;

    /// <summary>Bedrock's word for the format; null where it takes none such.</summary>
    public static string? FormatOf(MediaBlock media)
    {
        if (!media.PlainText.IsEmpty)
            return "txt";
        var type = media.MediaType.Split(';')[0].Trim().ToLowerInvariant();
        return media.Kind switch
        {
            MediaKind.Image => type switch { "image/png" => "png", "image/jpeg" or "image/jpg" => "jpeg", "image/gif" => "gif", "image/webp" => "webp", _ => null },
            MediaKind.Document => Document(type, media.Name.ToString()),
            MediaKind.Video => type switch
            {
                "video/mp4" => "mp4",
                "video/quicktime" or "video/mov" => "mov",
                "video/x-matroska" => "mkv",
                "video/webm" => "webm",
                "video/x-flv" => "flv",
                "video/mpeg" => "mpeg",
                "video/mpg" => "mpg",
                "video/x-ms-wmv" or "video/wmv" => "wmv",
                "video/3gpp" => "three_gp",
                _ => null,
            },
            _ => null,
        };
    }

    /// <summary>Writes the block's union member. <paramref name="names"/> are those of the documents before it: none may occur twice.</summary>
    public static void Write(Utf8JsonWriter writer, MediaBlock media, HashSet<string> names)
    {
        writer.WriteStartObject(media.Kind switch { MediaKind.Image => "image"u8, MediaKind.Video => "video"u8, _ => "document"u8 });
        writer.WriteString("format"u8, FormatOf(media));
        if (media.Kind == MediaKind.Document)
            writer.WriteString("name"u8, Name(media.Name.ToString(), names));
        writer.WriteStartObject("source"u8);
        if (media.PlainText.IsEmpty)
            media.Data.WriteTo(writer, "bytes"u8);
        else
            writer.WriteBase64String("bytes"u8, Encoding.UTF8.GetBytes(media.PlainText.ToString()));
        writer.WriteEndObject();
        if (media.Kind == MediaKind.Document && !media.Context.IsEmpty)
            media.Context.WriteTo(writer, "context"u8);
        writer.WriteEndObject();
    }

    /// <summary>A <c>data:</c> URI as the data in it.</summary>
    public static MediaBlock SplitDataUri(MediaBlock media)
    {
        if (media.Url.IsEmpty || !media.Data.IsEmpty)
            return media;
        var uri = media.Url.ToString();
        var comma = uri.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !uri.StartsWith("data:", StringComparison.OrdinalIgnoreCase) || !uri.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            return media;
        return new MediaBlock(media.Kind)
        {
            MediaType = uri[5..uri.IndexOf(';', StringComparison.Ordinal)].ToLowerInvariant(),
            Data = uri[(comma + 1)..],
            Name = media.Name,
            Context = media.Context,
            CacheControl = media.CacheControl,
        };
    }

    private static string? Document(string type, string name) => type switch
    {
        "application/pdf" => "pdf",
        "text/csv" => "csv",
        "application/msword" => "doc",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document" => "docx",
        "application/vnd.ms-excel" => "xls",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" => "xlsx",
        "text/html" => "html",
        "text/markdown" => "md",
        "application/json" => "txt",
        "" when name.EndsWith(".pdf", StringComparison.OrdinalIgnoreCase) => "pdf",
        _ => type.StartsWith("text/", StringComparison.Ordinal) ? "txt" : null,
    };

    // Letters, digits, single blanks, hyphens, parentheses and brackets.
    private static string Name(string given, HashSet<string> names)
    {
        var made = new StringBuilder(given.Length);
        foreach (var character in given)
        {
            var legal = char.IsAsciiLetterOrDigit(character) || character is '-' or '(' or ')' or '[' or ']' ? character : character is '.' or '_' ? '-' : ' ';
            if (legal != ' ' || (made.Length > 0 && made[^1] != ' '))
                made.Append(legal);
        }

        var name = made.ToString(0, Math.Min(made.Length, NameCharsMax - 8)).Trim();
        if (name.Length == 0)
            name = "Document";
        var unique = name;
        for (var n = 2; !names.Add(unique); n++)
            unique = $"{name} {n}";
        return unique;
    }
}
