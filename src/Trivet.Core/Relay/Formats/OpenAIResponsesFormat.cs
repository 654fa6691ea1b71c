using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.OpenAIResponses.Requests;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Core.Relay.Formats;

/// <summary>OpenAI Responses.</summary>
internal sealed class OpenAIResponsesFormat : IWireFormat
{
    private static readonly byte[] PingBytes = ": ping\n\n"u8.ToArray();

    private static readonly string[] SamplingFields = ["temperature", "top_p", "top_logprobs"];

    private readonly DialectCache<OpenAIResponsesDialect> _dialects = new(Dialect);

    public Protocol Protocol => Protocol.OpenAIResponses;

    public ReadOnlyMemory<byte> Ping => PingBytes;

    public int NextEventNumber(ReadOnlySpan<byte> events, int before) => OpenAIResponsesFrame.NextNumber(events, before);

    public void Resume(IStreamWriter writer, int nextNumber, OpenAIResponsesFrame? frame) => ((OpenAIResponsesStreamWriter)writer).GoOn(nextNumber, frame);

    public bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error) => OpenAIResponsesScan.TryScan(body, scan, out error);

    public Failure? VendorStateRefusal(ReadOnlySpan<byte> body, RequestScan scan) => OpenAIResponsesScan.StateOf(body, scan) is { } field
        ? new Failure(FailureKind.ClientCapabilityMissing) { Code = "unsupported_parameter", Detail = $"{field}: this upstream keeps no conversations; send the whole conversation." }
        : null;

    public bool TryReadRequest(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error) => OpenAIResponsesRequestReader.TryRead(body, out request, out error);

    public void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses) =>
        OpenAIResponsesRequestWriter.Write(request, DialectOf(offering), offering.Model, output, losses);

    public void CollectEdits(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, PassThroughEdits edits) =>
        CommonEdits.Collect(body, scan, offering, offering.Quirks(Protocol.OpenAIResponses), edits);

    public bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error) =>
        OpenAIResponsesResponseReader.TryRead(body, DialectOf(offering), out response, out error);

    public void WriteResponse(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses) =>
        OpenAIResponsesResponseWriter.Write(response, options, output, losses);

    public IStreamReader CreateStreamReader(IStreamSink sink, Offering offering) => new OpenAIResponsesStreamReader(sink, DialectOf(offering));

    public IStreamWriter CreateStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) => new OpenAIResponsesStreamWriter(output, options, losses);

    public void Observe(in SseEvent e, AnswerTap tap) => OpenAIResponsesTap.Observe(e, tap);

    public void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap) => OpenAIResponsesTap.ObserveBody(body, tap);

    public WireError ReadError(int status, ReadOnlySpan<byte> body) => OpenAIResponsesErrors.Read(status, body);

    public void WriteError(WireError error, string requestId, IBufferWriter<byte> output) => OpenAIResponsesErrors.Write(error, requestId, output);

    public void WriteStreamError(WireError error, string requestId, in StreamPlace place, IBufferWriter<byte> output) =>
        OpenAIResponsesErrors.WriteStreamEvent(error, requestId, output, place.NextNumber, place.AnswerId, place.Model, place.Frame);

    private OpenAIResponsesDialect DialectOf(Offering offering) => _dialects.For(offering.Quirks(Protocol.OpenAIResponses));

    private static OpenAIResponsesDialect Dialect(ProtocolQuirks quirks)
    {
        var standard = OpenAIResponsesDialect.Default;
        var isForced = quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected;
        return new OpenAIResponsesDialect
        {
            EncryptedContent = quirks.EncryptedReasoning == Support.Honoured && !quirks.FieldsIgnored.Contains("include") && !quirks.FieldsRejected.Contains("include"),
            HistoryReasoning = quirks.ReasoningInHistory == ReasoningInHistory.Omit ? ResponsesReasoningHistory.EncryptedOnly : ResponsesReasoningHistory.Text,
            Store = !quirks.FieldsRejected.Contains("store"),
            EffortWords = quirks.Thinking.Switch == ThinkingSwitch.None ? [] : quirks.Thinking.EffortLevels.Count > 0 ? quirks.Thinking.EffortLevels : standard.EffortWords,
            ReasoningSummary = quirks.Thinking.Switch != ThinkingSwitch.None && !quirks.FieldsRejected.Contains("reasoning.summary"),
            StructuredOutput = quirks.StructuredOutput switch
            {
                StructuredOutput.JsonSchema => ResponsesStructuredOutput.JsonSchema,
                StructuredOutput.JsonObject => ResponsesStructuredOutput.JsonObject,
                _ => ResponsesStructuredOutput.None, // a forced tool is another protocol's way
            },
            DeveloperRole = quirks.SystemRole == SystemRole.Developer,
            SystemAnywhere = quirks.MidConversationSystem ?? true,
            ToolChoiceRequired = !isForced.HasFlag(ToolChoices.Required),
            ToolChoiceNamed = !isForced.HasFlag(ToolChoices.Named),
            AllowedTools = quirks.ToolTypes.HasFlag(ToolTypes.AllowedTools),
            ParallelToolCalls = quirks.ParallelSwitch == Support.Honoured,
            StrictTools = quirks.StrictTools != Support.Rejected,
            CustomTools = quirks.ToolTypes.HasFlag(ToolTypes.Custom),
            NamespaceTools = quirks.ToolTypes.HasFlag(ToolTypes.Namespace),
            Images = quirks.Images != ImageSupport.None,
            Documents = quirks.Documents != Support.Rejected,
            ToolResultMedia = quirks.ToolResultImages != Support.Rejected,
            MaxOutputTokensLimit = quirks.MaxOutputTokens,
            TemperatureMax = (double)(quirks.TemperatureMax ?? 2m),
            Unsupported = quirks.Sampling == Support.Rejected ? [.. quirks.FieldsRejected, .. SamplingFields] : [.. quirks.FieldsRejected],
        };
    }
}
