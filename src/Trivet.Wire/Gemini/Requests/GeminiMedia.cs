using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini.Requests;

/// <summary>What media are: Gemini tells them by their MIME type alone, other protocols by the kind of block.</summary>
internal static class GeminiMedia
{
    /// <summary>The kind that a MIME type names; a document for any other.</summary>
    public static MediaKind KindOf(string mediaType) => mediaType switch
    {
        _ when mediaType.StartsWith("image/", StringComparison.OrdinalIgnoreCase) => MediaKind.Image,
        _ when mediaType.StartsWith("audio/", StringComparison.OrdinalIgnoreCase) => MediaKind.Audio,
        _ when mediaType.StartsWith("video/", StringComparison.OrdinalIgnoreCase) => MediaKind.Video,
        _ => MediaKind.Document,
    };

    /// <summary>A file of Google's own store (Files API, Cloud Storage): nobody else can read it.</summary>
    public static bool IsStored(string uri) =>
        uri.StartsWith("gs://", StringComparison.Ordinal) || uri.StartsWith("files/", StringComparison.Ordinal) || uri.StartsWith("https://generativelanguage.googleapis.com/", StringComparison.Ordinal);

    /// <summary>A film that Google fetches by itself.</summary>
    public static bool IsYouTube(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out var address) && (address.Host is "youtu.be" or "youtube.com" || address.Host.EndsWith(".youtube.com", StringComparison.Ordinal));

    /// <summary>The MIME type to send: the given one, or what the first bytes, the name or the kind of block say. Google demands one with data.</summary>
    public static string TypeOf(MediaBlock media, string name)
    {
        if (media.MediaType.Length > 0)
            return media.MediaType is "image/jpg" ? "image/jpeg" : media.MediaType;
        var data = media.Data.Token.IsEmpty ? media.Data.ToString().AsSpan() : default;
        var start = data.IsEmpty && media.Data.Token.Length > 12 ? System.Text.Encoding.ASCII.GetString(media.Data.Token.Span[1..12]) : data[..Math.Min(11, data.Length)].ToString();
        return start switch
        {
            _ when start.StartsWith("iVBOR", StringComparison.Ordinal) => "image/png",
            _ when start.StartsWith("/9j/", StringComparison.Ordinal) => "image/jpeg",
            _ when start.StartsWith("R0lGOD", StringComparison.Ordinal) => "image/gif",
            _ when start.StartsWith("UklGR", StringComparison.Ordinal) && media.Kind == MediaKind.Image => "image/webp",
            _ when start.StartsWith("JVBER", StringComparison.Ordinal) => "application/pdf",
            _ => ByName(name) ?? media.Kind switch { MediaKind.Image => "image/png", MediaKind.Audio => "audio/wav", MediaKind.Video => "video/mp4", _ => "application/pdf" },
        };
    }

    /// <summary>Splits a <c>data:</c> URL into its type and data; false for any other.</summary>
    public static bool TrySplitDataUrl(JsonText url, out string mediaType, out JsonText data)
    {
        (mediaType, data) = ("", default);
        if (url.Token.IsEmpty ? !url.ToString().StartsWith("data:", StringComparison.OrdinalIgnoreCase) : !url.Token.Span[1..].StartsWith("data:"u8))
            return false;
        var text = url.ToString();
        var comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0 || !text.AsSpan(0, comma).EndsWith(";base64", StringComparison.OrdinalIgnoreCase))
            return false;
        mediaType = text[5..text.IndexOf(';', StringComparison.Ordinal)].ToLowerInvariant();
        data = text[(comma + 1)..];
        return true;
    }

    private static string? ByName(string name)
    {
        var path = name.AsSpan(0, name.IndexOf('?', StringComparison.Ordinal) is var query and >= 0 ? query : name.Length);
        return Path.GetExtension(path).ToString().ToLowerInvariant() switch
        {
            ".png" => "image/png",
            ".jpg" or ".jpeg" => "image/jpeg",
            ".gif" => "image/gif",
            ".webp" => "image/webp",
            ".heic" => "image/heic",
            ".pdf" => "application/pdf",
            ".txt" or ".md" => "text/plain",
            ".html" => "text/html",
            ".csv" => "text/csv",
            ".wav" => "audio/wav",
            ".mp3" => "audio/mp3",
            ".mp4" => "video/mp4",
            ".webm" => "video/webm",
            _ => null,
        };
    }
}
