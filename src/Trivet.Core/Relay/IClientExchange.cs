using System.IO.Pipelines;
using Trivet.Core.Failures;

namespace Trivet.Core.Relay;

/// <summary>What an upstream was sent: the address without its query and the body. Never a header: credentials are in those.</summary>
/// <param name="Offering"><c>upstream/model</c>.</param>
/// <param name="Protocol">What is spoken there.</param>
/// <param name="Address">Where to.</param>
/// <param name="IsTranslated">False: the client's own bytes, with a few edits.</param>
/// <param name="Body">As it went.</param>
public sealed record UpstreamWords(string Offering, Wire.Canonical.Protocol Protocol, string Address, bool IsTranslated, ReadOnlyMemory<byte> Body);

/// <summary>A client's request and the way to answer it, free of the web framework. One per request; implemented by the server.</summary>
public interface IClientExchange
{
    /// <summary>Path as it came, without the query.</summary>
    string Path { get; }

    /// <summary>The query as it came, with its question mark; empty for none.</summary>
    string Query => "";

    /// <summary>The body.</summary>
    PipeReader Body { get; }

    /// <summary>Content-Length; null where it was not given.</summary>
    long? ContentLength { get; }

    /// <summary>The client has left.</summary>
    CancellationToken Aborted { get; }

    /// <summary>Where the answer's body goes once it has been started.</summary>
    PipeWriter Output { get; }

    /// <summary>The key that the client presented, in whatever header or query parameter; empty for none.</summary>
    ReadOnlyMemory<char> PresentedKey { get; }

    /// <summary>A request header; null where it is absent.</summary>
    string? Header(string name);

    /// <summary>What it means that reading the body failed so; null: the client has gone.</summary>
    FailureKind? KindOf(IOException exception) => null;

    /// <summary>Told of each request that goes to an upstream, before it goes; null, as for every client from outside: nobody is told.</summary>
    Action<UpstreamWords>? OnSent => null;

    /// <summary>Puts the client's headers that an upstream of the same protocol should see onto a request: all but those of the hop, of authentication and of Trivet.</summary>
    void CopyHeadersTo(System.Net.Http.HttpRequestMessage request);

    /// <summary>Sets a response header; only before <see cref="Start"/>.</summary>
    void SetHeader(string name, string value);

    /// <summary>Fixes status and content type; the first write sends them.</summary>
    void Start(int status, string contentType, long? contentLength);

    /// <summary>Breaks the connection, so that the client sees that the answer is not complete.</summary>
    void Abort();
}
