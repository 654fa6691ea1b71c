using System.Security.Cryptography;
using System.Text;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols;

/// <summary>Reads images and documents: what they are and how many bytes, so that an answer can mention them.</summary>
internal static class Attachments
{
    /// <summary>A <c>data:</c> URI or a plain URL; null where the URI is broken.</summary>
    public static Part? FromUrl(PartKind kind, string url, CacheMark cache = CacheMark.None, string? detail = null)
    {
        if (!url.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return Uri.TryCreate(url, UriKind.Absolute, out _) ? new Part { Kind = kind, Url = url, Text = url, Cache = cache, Detail = detail } : null;
        }

        var comma = url.IndexOf(',', StringComparison.Ordinal);
        var head = comma < 0 ? "" : url[5..comma];
        return head.EndsWith(";base64", StringComparison.OrdinalIgnoreCase) ? FromBase64(kind, head[..^7], url[(comma + 1)..], cache, detail) : null;
    }

    public static Part? FromBase64(PartKind kind, string mediaType, string data, CacheMark cache = CacheMark.None, string? detail = null)
    {
        var bytes = new byte[data.Length * 3 / 4 + 3];
        if (data.Length == 0 || !Convert.TryFromBase64String(data, bytes, out var length))
        {
            return null;
        }

        // The text stands for the content in the prompt cache's key.
        return new Part { Kind = kind, MediaType = mediaType, Bytes = length, Text = Digest(bytes.AsSpan(0, length)), Cache = cache, Detail = detail };
    }

    public static Part FromText(PartKind kind, string mediaType, string text, CacheMark cache = CacheMark.None) =>
        new() { Kind = kind, MediaType = mediaType, Bytes = Encoding.UTF8.GetByteCount(text), Text = Digest(Encoding.UTF8.GetBytes(text)), Cache = cache };

    public static string Digest(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(SHA256.HashData(bytes).AsSpan(0, 8));
}
