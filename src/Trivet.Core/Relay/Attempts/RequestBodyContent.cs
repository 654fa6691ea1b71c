using System.Net;

namespace Trivet.Core.Relay.Attempts;

/// <summary>A request body out of pooled memory, sent as it stands or with its edits.</summary>
internal sealed class RequestBodyContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;
    private readonly PassThroughEdits? _edits;

    public RequestBodyContent(ReadOnlyMemory<byte> body, PassThroughEdits? edits)
    {
        _body = body;
        _edits = edits is { IsEmpty: false } ? edits : null;
        Headers.TryAddWithoutValidation("content-type", "application/json"); // as text: a typed value is put together anew for each request
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    /// <summary>The HTTP client may still be reading the buffer: an upstream can answer before it has read the whole request.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>All of it went out.</summary>
    public bool IsSent { get; private set; }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        IsBusy = true;
        if (_edits is null)
            await stream.WriteAsync(_body, cancellationToken);
        else
            await _edits.ApplyAsync(_body, stream, cancellationToken);
        IsSent = true;
        IsBusy = false; // not in a finally: after a failed write nobody knows what the socket still holds
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _edits?.LengthOf(_body.Length) ?? _body.Length;
        return true;
    }
}
