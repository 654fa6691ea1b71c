using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Formats;

/// <summary>Gemini generateContent. The model is in the path, so a body that passes through stays as it is.</summary>
internal sealed class GeminiFormat : IWireFormat
{
    private static readonly byte[] PingBytes = GeminiStreamWriter.Ping.ToArray();

    private readonly DialectCache<GeminiDialect> _dialects = new(Dialect);

    public Protocol Protocol => Protocol.Gemini;

    public ReadOnlyMemory<byte> Ping => PingBytes;

    public ReadOnlyMemory<byte> EarlyPing => PingBytes;

    public bool WritesCallsWhole => true;

    public bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error) => GeminiScan.TryScan(body, scan, out error);

    public Failure? VendorStateRefusal(ReadOnlySpan<byte> body, RequestScan scan) =>
        scan.Features.HasFlag(RequestFeatures.VendorState) && (scan.TryGetField(body, "cachedContent"u8, out _) || scan.TryGetField(body, "cached_content"u8, out _))
            ? new Failure(FailureKind.ClientCapabilityMissing) { Detail = "capability_rejected: cachedContent: what Google has cached means nothing to this upstream; send the whole conversation." }
            : null;

    public bool TryReadRequest(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error) => GeminiRequestReader.TryRead(body, out request, out error);

    public void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses) =>
        GeminiRequestWriter.Write(request, DialectOf(offering), offering.Model, output, losses);

    public void CollectEdits(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, PassThroughEdits edits) =>
        CommonEdits.Collect(body, scan, offering, offering.Quirks(Protocol.Gemini), edits);

    public bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error) =>
        GeminiResponseReader.TryRead(body, DialectOf(offering), out response, out error);

    public void WriteResponse(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses) =>
        GeminiResponseWriter.Write(response, options, output, losses);

    public IStreamReader CreateStreamReader(IStreamSink sink, Offering offering) => new GeminiStreamReader(sink, DialectOf(offering));

    public IStreamWriter CreateStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) => new GeminiStreamWriter(output, options, losses);

    public void Observe(in SseEvent e, AnswerTap tap) => GeminiTap.Observe(e, tap);

    public void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap) => GeminiTap.ObserveBody(body, tap);

    public WireError ReadError(int status, ReadOnlySpan<byte> body) => GeminiErrors.Read(status, body);

    public void WriteError(WireError error, string requestId, IBufferWriter<byte> output) => GeminiErrors.Write(error, requestId, output);

    public void WriteStreamError(WireError error, string requestId, in StreamPlace place, IBufferWriter<byte> output) => GeminiErrors.WriteStreamEvent(error, requestId, output);

    private GeminiDialect DialectOf(Offering offering) => _dialects.For(offering.Quirks(Protocol.Gemini));

    private static GeminiDialect Dialect(ProtocolQuirks quirks)
    {
        var standard = GeminiDialect.Default;
        var rejected = quirks.FieldsRejected;
        return standard with
        {
            Thinking = quirks.Thinking switch
            {
                { Switch: ThinkingSwitch.None } => GeminiThinkingStyle.None,
                { Budget: Support.Rejected } or { EffortLevels.Count: > 0 } => GeminiThinkingStyle.Level,
                _ => GeminiThinkingStyle.Budget,
            },
            CanDisableThinking = quirks.Thinking.CanDisable,
            ThinkingBudgetMin = quirks.Thinking.BudgetMin ?? standard.ThinkingBudgetMin,
            ThinkingBudgetMax = quirks.Thinking.BudgetMax ?? standard.ThinkingBudgetMax,
            ThinkingLevels = quirks.Thinking.EffortLevels.Count > 0 ? quirks.Thinking.EffortLevels : standard.ThinkingLevels,
            AcceptsMediaInResults = quirks.ToolResultImages == Support.Honoured,
            StopSequencesMax = quirks.StopSequencesMax ?? standard.StopSequencesMax,
            TemperatureMax = (double)(quirks.TemperatureMax ?? 2m),
            MaxTokensLimit = quirks.MaxOutputTokens,
            AcceptsParametersJsonSchema = !IsIn(rejected, "parametersJsonSchema"),
            AcceptsResponseJsonSchema = !IsIn(rejected, "responseJsonSchema"),
            AcceptsCallIds = !IsIn(rejected, "functionCall.id"),
            AcceptsPenalties = !IsIn(rejected, "frequencyPenalty"),
            AcceptsLogProbs = !IsIn(rejected, "responseLogprobs"),
            AcceptsFormatWithTools = !IsIn(rejected, "responseSchema+tools"),
            AcceptsServiceTier = !IsIn(rejected, "serviceTier"),
            AcceptsImages = quirks.Images != ImageSupport.None,
            AcceptsMediaByUrl = quirks.Images == ImageSupport.UrlAndData,
        };
    }

    private static bool IsIn(IReadOnlyList<string> names, string name) => names.Contains(name, StringComparer.Ordinal);
}
