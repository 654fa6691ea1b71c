using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Formats;

/// <summary>
/// The neighbours of OpenAI Chat that are no conversations (<c>/completions</c>, <c>/embeddings</c>): bodies pass through to upstreams of the same protocol, only
/// the model's name is edited, and the usage is read along. Nothing is translated. Everything else of them is as in Chat.
/// </summary>
internal sealed class OpenAIPassingFormat(RelayOperation operation) : IWireFormat
{
    private static readonly OpenAIChatFormat Chat = new();

    public Protocol Protocol => Protocol.OpenAIChat;

    public bool OnlyPasses => true;

    public ReadOnlyMemory<byte> Ping => Chat.Ping;

    public bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error) => Chat.TryScan(body, scan, out error);

    public Uri UrlFor(EndpointConfig endpoint, Offering offering, bool stream)
    {
        var quirks = offering.Quirks(Protocol.OpenAIChat);
        return endpoint.UrlOf(operation == RelayOperation.Embed ? quirks.EmbeddingsPath : quirks.CompletionsPath);
    }

    public Failure? VendorStateRefusal(ReadOnlySpan<byte> body, RequestScan scan) =>
        new(FailureKind.ClientCapabilityMissing) { Detail = $"capability_rejected: {(operation == RelayOperation.Embed ? "input" : "prompt")}: it passes through to upstreams of OpenAI's protocol only." };

    public bool TryReadRequest(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error)
    {
        (request, error) = (null, new WireError { Class = ErrorClass.InvalidRequest, Message = "This is no conversation." });
        return false;
    }

    public void CollectEdits(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, PassThroughEdits edits) => Chat.CollectEdits(body, scan, offering, edits);

    public void Observe(in SseEvent e, AnswerTap tap) => Chat.Observe(e, tap);

    public void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap)
    {
        Chat.ObserveBody(body, tap);
        tap.IsComplete |= operation == RelayOperation.Embed && tap.Error is null; // vectors have no finish reason
    }

    public WireError ReadError(int status, ReadOnlySpan<byte> body) => Chat.ReadError(status, body);

    public void WriteError(WireError error, string requestId, IBufferWriter<byte> output) => Chat.WriteError(error, requestId, output);

    public void WriteStreamError(WireError error, string requestId, in StreamPlace place, IBufferWriter<byte> output) => Chat.WriteStreamError(error, requestId, place, output);

    // What follows is asked only where a request was translated, and none is.

    public void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses) => Chat.WriteRequest(request, offering, output, losses);

    public bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error) => Chat.TryReadResponse(body, offering, out response, out error);

    public void WriteResponse(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses) => Chat.WriteResponse(response, options, output, losses);

    public IStreamReader CreateStreamReader(IStreamSink sink, Offering offering) => Chat.CreateStreamReader(sink, offering);

    public IStreamWriter CreateStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) => Chat.CreateStreamWriter(output, options, losses);
}
