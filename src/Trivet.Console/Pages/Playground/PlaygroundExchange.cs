using System.Buffers;
using System.IO.Pipelines;
using System.Net.Http;
using Trivet.Core.Relay;

namespace Trivet.WebConsole.Pages.Playground;

/// <summary>The playground as a client of the gateway's own: its request goes the way that every request goes, without a socket.</summary>
internal sealed class PlaygroundExchange(ReadOnlyMemory<byte> body, string key, Action<UpstreamWords> onSent, CancellationToken aborted) : IClientExchange
{
    private readonly Pipe _answer = new();

    public string Path => "/v1/chat/completions";

    public PipeReader Body { get; } = PipeReader.Create(new ReadOnlySequence<byte>(body));

    public long? ContentLength => body.Length;

    public CancellationToken Aborted => aborted;

    public PipeWriter Output => _answer.Writer;

    /// <summary>The other end of <see cref="Output"/>.</summary>
    public PipeReader Answer => _answer.Reader;

    public Action<UpstreamWords> OnSent => onSent;

    public ReadOnlyMemory<char> PresentedKey { get; } = key.AsMemory();

    /// <summary>The status of the answer; 0 while there is none.</summary>
    public int Status { get; private set; }

    /// <summary>The headers of the answer.</summary>
    public Dictionary<string, string> Headers { get; } = new(StringComparer.OrdinalIgnoreCase);

    public string? Header(string name) => name.ToLowerInvariant() switch
    {
        "content-type" => "application/json",
        "user-agent" => "trivet-playground",
        _ => null,
    };

    public void CopyHeadersTo(HttpRequestMessage request)
    {
        // Nothing of a browser's is an upstream's business.
    }

    public void SetHeader(string name, string value) => Headers[name] = value;

    public void Start(int status, string contentType, long? contentLength) => Status = status;

    public void Abort() => _answer.Writer.Complete(new IOException("The answer broke off."));
}
