using System.IO.Pipelines;

namespace Trivet.Core.Relay.Probing;

/// <summary>The other end of a probe: nobody reads the answer.</summary>
internal sealed class NobodysExchange(CancellationToken aborted) : IClientExchange
{
    public string Path => "/";

    public PipeReader Body { get; } = PipeReader.Create(Stream.Null);

    public long? ContentLength => 0;

    public CancellationToken Aborted => aborted;

    public PipeWriter Output { get; } = PipeWriter.Create(Stream.Null);

    public ReadOnlyMemory<char> PresentedKey => default;

    public string? Header(string name) => null;

    public void CopyHeadersTo(HttpRequestMessage request)
    {
    }

    public void SetHeader(string name, string value)
    {
    }

    public void Start(int status, string contentType, long? contentLength)
    {
    }

    public void Abort()
    {
    }
}
