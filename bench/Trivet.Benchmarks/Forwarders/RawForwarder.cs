using System.Buffers;
using Microsoft.AspNetCore.Http;

namespace Trivet.Benchmarks.Forwarders;

/// <summary>
/// The baseline of pass-through: Kestrel and <see cref="SocketsHttpHandler"/>, bytes copied, nothing parsed, one flush per upstream read. It
/// knows no keys, no routes, no limits and keeps no books: it is the floor under any gateway written in C#.
/// </summary>
internal sealed class RawForwarder(Uri upstream)
{
    private readonly UpstreamCall _upstream = new(upstream);

    public async Task ForwardAsync(HttpContext http)
    {
        using var body = new UpstreamCall.PassedBody(http.Request);
        using var answer = await _upstream.SendAsync(http.Request, http.Request.Path + http.Request.QueryString, body);
        UpstreamCall.CopyHead(answer, http.Response, bodyIsUnchanged: true);

        await using var from = await answer.Content.ReadAsStreamAsync(http.RequestAborted);
        var to = http.Response.BodyWriter;
        var buffer = ArrayPool<byte>.Shared.Rent(UpstreamCall.BufferBytes);
        try
        {
            while (await from.ReadAsync(buffer, http.RequestAborted) is var read and > 0)
                await to.WriteAsync(buffer.AsMemory(0, read), http.RequestAborted);     // writes and flushes
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
