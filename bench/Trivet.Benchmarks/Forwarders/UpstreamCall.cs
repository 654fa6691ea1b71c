using System.Buffers;
using System.Collections.Frozen;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Http;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>What both forwarders share: the client for the upstream, and copying headers both ways without the hop-by-hop ones.</summary>
internal sealed class UpstreamCall(Uri upstream)
{
    /// <summary>What both directions are copied by.</summary>
    public const int BufferBytes = 64 * 1024;

    private static readonly FrozenSet<string> NotForwarded = FrozenSet.Create(
        StringComparer.OrdinalIgnoreCase, "Host", "Connection", "Keep-Alive", "Transfer-Encoding", "TE", "Trailer", "Upgrade", "Proxy-Connection");

    private readonly HttpMessageInvoker _http = new(new SocketsHttpHandler
    {
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
    });

    /// <summary>Sends the client's request with another body (its length is the body's); the answer is returned as soon as its headers are in.</summary>
    public async Task<HttpResponseMessage> SendAsync(HttpRequest from, string path, HttpContent body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(upstream, path)) { Content = body };
        foreach (var (name, values) in from.Headers)
        {
            if (NotForwarded.Contains(name) || name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                continue;
            if (!request.Headers.TryAddWithoutValidation(name, (string?)values))
                body.Headers.TryAddWithoutValidation(name, (string?)values);
        }
        return await _http.SendAsync(request, from.HttpContext.RequestAborted);
    }

    /// <summary>Copies status and headers; the length only where the body is copied unchanged.</summary>
    public static void CopyHead(HttpResponseMessage from, HttpResponse to, bool bodyIsUnchanged)
    {
        to.StatusCode = (int)from.StatusCode;
        foreach (var (name, values) in from.Headers.NonValidated)
        {
            if (!NotForwarded.Contains(name))
                to.Headers[name] = values.ToString();
        }
        foreach (var (name, values) in from.Content.Headers.NonValidated)
        {
            if (bodyIsUnchanged || !name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                to.Headers[name] = values.ToString();
        }
    }

    /// <summary>The client's body as the upstream request's body, never held whole.</summary>
    internal sealed class PassedBody(HttpRequest request) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            // A copy by way of a buffer: the body's own CopyToAsync makes one send of every 4 kB block, which costs more.
            var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
            try
            {
                while (await request.Body.ReadAsync(buffer, request.HttpContext.RequestAborted) is var read and > 0)
                    await stream.WriteAsync(buffer.AsMemory(0, read), request.HttpContext.RequestAborted);
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = request.ContentLength ?? 0;
            return request.ContentLength is not null;
        }
    }
}
