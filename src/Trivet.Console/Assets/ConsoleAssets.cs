using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Trivet.WebConsole.Assets;

/// <summary>
/// The style sheet, the script and the mark, from this assembly. Their addresses hold a hash of their content, so that browsers keep them for good and a new version
/// is a new address.
/// </summary>
internal static class ConsoleAssets
{
    private const string Prefix = "asset/";
    private const string ForGood = "public, max-age=31536000, immutable";
    private const int HashChars = 12;

    private static readonly FrozenDictionary<string, Asset> ByName = Load();

    /// <summary>The address of an asset by its file name.</summary>
    public static string Url(string name) => ByName[name].Url;

    public static void MapAssets(this IEndpointRouteBuilder console)
    {
        foreach (var asset in ByName.Values)
            console.MapGet(asset.Url[ConsolePaths.Root.Length..], (RequestDelegate)(context => asset.WriteAsync(context)));
    }

    private static FrozenDictionary<string, Asset> Load()
    {
        var assembly = typeof(ConsoleAssets).Assembly;
        return assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).Select(resource =>
        {
            using var stream = assembly.GetManifestResourceStream(resource)!;
            using var buffer = new MemoryStream();
            stream.CopyTo(buffer);
            return new Asset(resource[Prefix.Length..], buffer.ToArray());
        }).ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);
    }

    private sealed class Asset
    {
        private readonly byte[] _plain;
        private readonly byte[] _brotli;
        private readonly string _type;

        public Asset(string name, byte[] content)
        {
            Name = name;
            _plain = content;
            _brotli = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length)];
            if (!BrotliEncoder.TryCompress(content, _brotli, out var length, quality: 9, window: 22))
                throw new InvalidOperationException($"{name} cannot be compressed."); // the buffer is as long as it can get
            Array.Resize(ref _brotli, length);
            var extension = Path.GetExtension(name);
            _type = extension switch
            {
                ".css" => "text/css; charset=utf-8",
                ".js" => "text/javascript; charset=utf-8",
                ".svg" => "image/svg+xml",
                _ => throw new InvalidOperationException($"No content type is known for {name}."),
            };
            Url = $"{ConsolePaths.Root}/assets/{Path.GetFileNameWithoutExtension(name)}.{Convert.ToHexStringLower(SHA256.HashData(content))[..HashChars]}{extension}";
        }

        public string Name { get; }

        public string Url { get; }

        public Task WriteAsync(HttpContext context)
        {
            var headers = context.Response.Headers;
            headers.CacheControl = ForGood;
            headers.Vary = "Accept-Encoding";
            headers.XContentTypeOptions = "nosniff";
            context.Response.ContentType = _type;
            var isSmall = context.Request.Headers.AcceptEncoding.ToString().Contains("br", StringComparison.Ordinal);
            if (isSmall)
                headers.ContentEncoding = "br";
            var bytes = isSmall ? _brotli : _plain;
            context.Response.ContentLength = bytes.Length;
            return context.Response.BodyWriter.WriteAsync(bytes, context.RequestAborted).AsTask();
        }
    }
}
