using System.Collections.Frozen;
using System.IO.Pipelines;
using Microsoft.AspNetCore.Http.Features;
using Trivet.Core.Failures;
using Trivet.Core.Relay;
using Trivet.Server.Security;

namespace Trivet.Server.Endpoints;

/// <summary>One HTTP request as the relay sees it.</summary>
internal sealed class ClientExchange(HttpContext context) : IClientExchange
{
    // Of the hop, of authentication, of this gateway, of proxies before it, or decided by Trivet itself.
    private static readonly FrozenSet<string> NotForUpstreams = new[]
    {
        "host", "connection", "keep-alive", "proxy-connection", "proxy-authenticate", "proxy-authorization", "te", "trailer", "transfer-encoding", "upgrade", "expect",
        "content-length", "content-type", "content-encoding", "accept-encoding", "authorization", "x-api-key", "x-goog-api-key", "cookie", "forwarded",
        "x-real-ip", "cf-connecting-ip", "true-client-ip", "traceparent", "tracestate", "baggage",
    }.ToFrozenSet(StringComparer.OrdinalIgnoreCase);

    // Each is asked for several times, and the host looks it up anew each time: the token under a lock, the pipes through its features.
    private readonly CancellationToken _aborted = context.RequestAborted;
    private PipeWriter? _output;

    public string Path => context.Request.Path.Value ?? "/";

    public string Query => context.Request.QueryString.Value ?? "";

    public PipeReader Body => context.Request.BodyReader;

    public long? ContentLength => context.Request.ContentLength;

    public CancellationToken Aborted => _aborted;

    public PipeWriter Output => _output ??= context.Response.BodyWriter;

    public ReadOnlyMemory<char> PresentedKey => PresentedKeys.Find(context.Request);

    public string? Header(string name) => context.Request.Headers.TryGetValue(name, out var values) ? values.ToString() : null;

    public FailureKind? KindOf(IOException exception) => exception is not BadHttpRequestException bad ? null : bad.StatusCode switch
    {
        StatusCodes.Status408RequestTimeout => FailureKind.ClientTooSlow,
        StatusCodes.Status413PayloadTooLarge => FailureKind.ClientBodyTooLarge,
        _ => FailureKind.ClientRequestInvalid,
    };

    public void CopyHeadersTo(HttpRequestMessage request)
    {
        foreach (var (name, values) in context.Request.Headers)
        {
            if (!NotForUpstreams.Contains(name) && !name.StartsWith("x-trivet-", StringComparison.OrdinalIgnoreCase) && !name.StartsWith("x-forwarded-", StringComparison.OrdinalIgnoreCase))
                request.Headers.TryAddWithoutValidation(name, (string?)values);
        }
    }

    public void SetHeader(string name, string value)
    {
        if (!value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
            context.Response.Headers[name] = value;
    }

    public void Start(int status, string contentType, long? contentLength)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = contentType;
        response.ContentLength = contentLength;
        if (contentLength is null)
            context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
    }

    public void Abort() => context.Abort();
}
