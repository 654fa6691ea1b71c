using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Formats;

/// <summary>Anthropic Messages.</summary>
internal sealed class AnthropicMessagesFormat : IWireFormat
{
    private static readonly byte[] PingBytes = "event: ping\ndata: {\"type\": \"ping\"}\n\n"u8.ToArray();
    private static readonly byte[] StopBytes = "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n"u8.ToArray();

    private readonly DialectCache<AnthropicMessagesDialect> _dialects = new(Dialect);
    private readonly DialectCache<AnthropicMessagesDialect> _caching = new(static quirks => Dialect(quirks) with { CachesPrompts = quirks.CacheControl == CacheControl.Honoured });

    public Protocol Protocol => Protocol.AnthropicMessages;

    public ReadOnlyMemory<byte> Ping => PingBytes;

    public ReadOnlyMemory<byte> EndMarker => StopBytes;

    public bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error) => AnthropicMessagesScan.TryScan(body, scan, out error);

    // The newest SDK's tool runner then replays the whole conversation in every request (observed 2026-11-22, WIRE_FACTS §3.7).
    public Failure? VendorStateRefusal(ReadOnlySpan<byte> body, RequestScan scan) =>
        scan.Features.HasFlag(RequestFeatures.VendorState) && scan.TryGetField(body, "thread"u8, out _)
            ? new Failure(FailureKind.ClientCapabilityMissing) { Code = "thread_unsupported_request", Detail = "thread: this upstream keeps no conversations; send the whole conversation." }
            : null;

    public bool TryReadRequest(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error) => AnthropicMessagesRequestReader.TryRead(body, out request, out error);

    public void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses) =>
        AnthropicMessagesRequestWriter.Write(request, (offering.Upstream.CachesPrompts ? _caching : _dialects).For(offering.Quirks(Protocol.AnthropicMessages)), offering.Model, output, losses);

    public void CollectEdits(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, PassThroughEdits edits)
    {
        var quirks = offering.Quirks(Protocol.AnthropicMessages);
        CommonEdits.Collect(body, scan, offering, quirks, edits);
        if (scan.FailedResults.Count == 0 || !quirks.IsErrorIgnored)
            return;
        foreach (var contentAt in scan.FailedResults)
            edits.Replace(contentAt + 1, 0, AnthropicMessagesFailedResult.Insertion(body, contentAt));
        edits.Lost.Add(AnthropicMessagesLosses.IsError.Field);
    }

    public bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error) =>
        AnthropicMessagesResponseReader.TryRead(body, DialectOf(offering), out response, out error);

    public void WriteResponse(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses) =>
        AnthropicMessagesResponseWriter.Write(response, options, output, losses);

    public IStreamReader CreateStreamReader(IStreamSink sink, Offering offering) => new AnthropicMessagesStreamReader(sink, DialectOf(offering));

    public IStreamWriter CreateStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) => new AnthropicMessagesStreamWriter(output, options, losses);

    public void Observe(in SseEvent e, AnswerTap tap) => AnthropicMessagesTap.Observe(e, tap);

    public void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap) => AnthropicMessagesTap.ObserveBody(body, tap);

    public WireError ReadError(int status, ReadOnlySpan<byte> body) => AnthropicMessagesErrors.Read(status, body);

    public void WriteError(WireError error, string requestId, IBufferWriter<byte> output) => AnthropicMessagesErrors.Write(error, requestId, output);

    public void WriteStreamError(WireError error, string requestId, in StreamPlace place, IBufferWriter<byte> output) => AnthropicMessagesErrors.WriteStreamEvent(error, requestId, output);

    private AnthropicMessagesDialect DialectOf(Offering offering) => _dialects.For(offering.Quirks(Protocol.AnthropicMessages));

    private static AnthropicMessagesDialect Dialect(ProtocolQuirks quirks)
    {
        var standard = AnthropicMessagesDialect.Default;
        return standard with
        {
            DefaultMaxTokens = quirks.MaxOutputTokens ?? standard.DefaultMaxTokens,
            MaxTokensLimit = quirks.MaxOutputTokens,
            Thinking = quirks.Thinking switch
            {
                { Switch: ThinkingSwitch.None } => AnthropicThinkingStyle.None,
                { Budget: Support.Rejected } => AnthropicThinkingStyle.Adaptive,
                { Budget: Support.Ignored, EffortLevels.Count: > 0 } => AnthropicThinkingStyle.EnabledEffort,
                _ => AnthropicThinkingStyle.Budget,
            },
            CanDisableThinking = quirks.Thinking.CanDisable,
            ThinksByDefault = quirks.Thinking.OnByDefault,
            MaxEffort = quirks.Thinking.EffortLevels.Count > 0 ? quirks.Thinking.EffortLevels[^1] : standard.MaxEffort,
            AcceptsUnsignedThinking = quirks.Thinking.SignatureAlwaysEmpty || quirks.ReasoningInHistory == ReasoningInHistory.Required,
            AcceptsForcedToolWithThinking = quirks.ToolChoiceRejectedWhileThinking == ToolChoices.None && standard.AcceptsForcedToolWithThinking,
            HonoursToolChoiceAny = !(quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected).HasFlag(ToolChoices.Required),
            HonoursToolChoiceNone = !quirks.ToolChoiceIgnored.HasFlag(ToolChoices.Never),
            HonoursToolChoiceNamed = !(quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected).HasFlag(ToolChoices.Named),
            HonoursParallelSwitch = quirks.ParallelSwitch == Support.Honoured,
            HonoursStopSequences = quirks.StopSequences == Support.Honoured,
            HonoursIsError = !quirks.IsErrorIgnored,
            AcceptsSampling = quirks.Sampling != Support.Rejected,
            MaxTemperature = (double)(quirks.TemperatureMax ?? 1m),
            MinTemperature = (double)(quirks.TemperatureMin ?? 0m),
            AcceptsTopK = !quirks.FieldsRejected.Contains("top_k", StringComparer.Ordinal),
            StructuredOutput = quirks.StructuredOutput switch
            {
                StructuredOutput.JsonSchema => AnthropicStructuredOutput.OutputConfig,
                StructuredOutput.ForcedTool => AnthropicStructuredOutput.ForcedTool,
                _ => AnthropicStructuredOutput.None,
            },
            AcceptsStrictTools = quirks.StrictTools != Support.Rejected,
            AcceptsSystemMessages = quirks.MidConversationSystem ?? false,
            AcceptsPrefill = quirks.AssistantPrefill,
            AcceptsImages = quirks.Images != ImageSupport.None,
            AcceptsMediaByUrl = quirks.Images == ImageSupport.UrlAndData,
            AcceptsDocuments = quirks.Documents != Support.Rejected,
            AcceptsCacheControl = quirks.CacheControl != CacheControl.Rejected,
        };
    }
}
