using Trivet.Wire.Json;

namespace Trivet.Wire.Canonical;

/// <summary>What a stream or response writer must know beyond the answer itself.</summary>
public sealed record ResponseWriterOptions
{
    /// <summary>The id to give where the upstream gave none that is legal here. Without prefix; writers add their own (<c>msg_</c>, <c>chatcmpl-</c>).</summary>
    public required string FallbackId { get; init; }

    /// <summary>Trivet's id of the request, for errors inside a stream; empty for none.</summary>
    public string RequestId { get; init; } = "";

    /// <summary>The model to name where the upstream named none.</summary>
    public required string FallbackModel { get; init; }

    /// <summary>Unix seconds to give where the upstream gave none.</summary>
    public required long CreatedAt { get; init; }

    /// <summary>A Chat client asked for the usage chunk.</summary>
    public bool IncludeUsage { get; init; }

    /// <summary>Estimate of input tokens, for protocols that state them before the upstream has (Anthropic <c>message_start</c>); corrected at the end.</summary>
    public long InputTokensEstimate { get; init; }

    /// <summary>
    /// Mark put into the signature of thoughts that came from an upstream of another protocol, so that they are recognised when they come back:
    /// see <see cref="ForeignSignature"/>. Names the vendor.
    /// </summary>
    public string ReasoningOrigin { get; init; } = "";

    /// <summary>The ids that came are the client's already: they stay, whatever they look like.</summary>
    public bool KeepsIds { get; init; }

    /// <summary>
    /// The client's request as it came, for protocols whose answers repeat parts of it (Responses: metadata, tools, sampling and more). Read when the writer
    /// is made, not later. Null for defaults.
    /// </summary>
    public RequestEcho? RequestEcho { get; init; }
}

/// <summary>A request and where its fields stand in it.</summary>
/// <param name="Body">The body.</param>
/// <param name="Scan">What the pass over it found.</param>
public sealed record RequestEcho(ReadOnlyMemory<byte> Body, RequestScan Scan);
