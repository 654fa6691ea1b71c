using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Answers;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Formats;

/// <summary>One protocol as it is spoken to upstreams: the doors of its folder in Wire, with a vendor's quirks translated to its dialect. Stateless.</summary>
internal interface IUpstreamFormat
{
    /// <summary>Which.</summary>
    Protocol Protocol { get; }

    /// <summary>Writes a request for an upstream.</summary>
    void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses);

    /// <summary>Reads an upstream's whole answer.</summary>
    bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error);

    /// <summary>A reader of an upstream's stream.</summary>
    IStreamReader CreateStreamReader(IStreamSink sink, Offering offering);

    /// <summary>Reads an upstream's error body, of any shape.</summary>
    WireError ReadError(int status, ReadOnlySpan<byte> body);

    /// <summary>Reads an upstream's error body where a header tells its kind (AWS: <c>x-amzn-errortype</c>).</summary>
    WireError ReadError(int status, ReadOnlySpan<byte> body, string errorType) => ReadError(status, body);
}

/// <summary>One protocol as clients speak it, too. Stateless.</summary>
internal interface IWireFormat : IUpstreamFormat
{
    /// <summary>A whole event that keeps a client's stream alive after it has begun.</summary>
    ReadOnlyMemory<byte> Ping { get; }

    /// <summary>What keeps a client's stream open before anything of an answer has come: a comment, where clients of the protocol take one.</summary>
    ReadOnlyMemory<byte> EarlyPing => KeepAliveWatch.Comment;

    /// <summary>What a stream of this protocol must not end without; empty where nothing is written that the upstream did not send. Chat's <c>[DONE]</c> is not among it: vendors leave it out, and what passes through stays what they sent.</summary>
    ReadOnlyMemory<byte> EndMarker => default;

    /// <summary>A call in a stream of this protocol is one event: until it is whole the client has nothing of it.</summary>
    bool WritesCallsWhole => false;

    /// <summary>The answer is for the client exactly as it came, in whatever form: there is no canonical one.</summary>
    bool OnlyPasses => false;

    /// <summary>Where an endpoint of the same protocol takes the request.</summary>
    Uri UrlFor(EndpointConfig endpoint, Offering offering, bool stream) => endpoint.UrlFor(offering.Model, stream);

    /// <summary>Of events that go to a client: the number behind the last one's, where the protocol numbers them.</summary>
    int NextEventNumber(ReadOnlySpan<byte> events, int before) => before;

    /// <summary>Puts a writer that was told what a client has where the client's stream stands.</summary>
    /// <param name="writer">A writer of this format.</param>
    /// <param name="nextNumber">See <see cref="NextEventNumber"/>.</param>
    /// <param name="frame">The items of a Responses stream that passed through; null for others.</param>
    void Resume(IStreamWriter writer, int nextNumber, OpenAIResponsesFrame? frame)
    {
        // What the writer was told is all that most protocols' streams depend on.
    }

    /// <summary>One pass over a client's body.</summary>
    bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error);

    /// <summary>State that the request wants the vendor to keep and that no other vendor can: why it cannot be served elsewhere. Null where there is none.</summary>
    Failure? VendorStateRefusal(ReadOnlySpan<byte> body, RequestScan scan);

    /// <summary>Reads a client's request to canonical.</summary>
    bool TryReadRequest(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error);

    /// <summary>The edits that a client's body needs before an upstream of the same protocol gets it, in order of their offsets.</summary>
    void CollectEdits(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, PassThroughEdits edits);

    /// <summary>Writes a whole answer for a client.</summary>
    void WriteResponse(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses);

    /// <summary>A writer of a client's stream.</summary>
    IStreamWriter CreateStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses);

    /// <summary>Reads along with a stream that passes through.</summary>
    void Observe(in SseEvent e, AnswerTap tap);

    /// <summary>Reads a whole answer that passes through.</summary>
    void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap);

    /// <summary>Writes an error body for a client.</summary>
    void WriteError(WireError error, string requestId, IBufferWriter<byte> output);

    /// <summary>Writes an error into a stream that has begun, at an event's boundary.</summary>
    void WriteStreamError(WireError error, string requestId, in StreamPlace place, IBufferWriter<byte> output);
}

/// <summary>Where a stream stands into which an error is written.</summary>
/// <param name="NextNumber">Number of the next event, where the protocol numbers them.</param>
/// <param name="AnswerId">The answer's id as its events said it; empty where there were none.</param>
/// <param name="Model">The model that they named; empty where none.</param>
/// <param name="Frame">The items of a Responses stream that passed through; null for others.</param>
internal readonly record struct StreamPlace(int NextNumber, string AnswerId, string Model, OpenAIResponsesFrame? Frame)
{
    /// <summary>Before the first event.</summary>
    public static StreamPlace Start => new(0, "", "", null);
}
