using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;
using Chat = Trivet.Wire.OpenAIChat;
using Vendor = Trivet.Core.Upstreams.Quirks;

namespace Trivet.Core.Relay.Formats;

/// <summary>OpenAI Chat Completions.</summary>
internal sealed class OpenAIChatFormat : IWireFormat
{
    private static readonly byte[] PingBytes = ": ping\n\n"u8.ToArray();
    private static readonly byte[] AskForUsage = "\"stream_options\":{\"include_usage\":true},"u8.ToArray();
    private static readonly byte[] UsageOptions = "{\"include_usage\":true}"u8.ToArray();

    private static readonly string[] SamplingFields = ["temperature", "top_p", "presence_penalty", "frequency_penalty", "logprobs", "top_logprobs", "logit_bias"];

    private readonly DialectCache<OpenAIChatDialect> _dialects = new(Dialect);

    public Protocol Protocol => Protocol.OpenAIChat;

    public ReadOnlyMemory<byte> Ping => PingBytes;

    public bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error) => OpenAIChatScan.TryScan(body, scan, out error);

    public Failure? VendorStateRefusal(ReadOnlySpan<byte> body, RequestScan scan) => null;

    public bool TryReadRequest(ReadOnlyMemory<byte> body, out CanonicalRequest? request, out WireError? error) => OpenAIChatRequestReader.TryRead(body, out request, out error);

    public void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses) =>
        OpenAIChatRequestWriter.Write(request, DialectOf(offering), offering.Model, output, losses);

    public void CollectEdits(ReadOnlySpan<byte> body, RequestScan scan, Offering offering, PassThroughEdits edits)
    {
        var quirks = offering.Quirks(Protocol.OpenAIChat);
        CommonEdits.Collect(body, scan, offering, quirks, edits);
        if (scan is { Stream: true, StreamUsage: false } && quirks.StreamUsage == Vendor.StreamUsage.Inject)
        {
            edits.AskedForUsage = true;
            if (scan.TryGetField(body, "stream_options"u8, out var options))
                edits.Replace(options.ValueStart, options.ValueLength, UsageOptions);
            else
                edits.Replace(scan.Fields[0].NameStart, 0, AskForUsage);
        }
    }

    public bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error) =>
        OpenAIChatResponseReader.TryRead(body, DialectOf(offering), out response, out error);

    public void WriteResponse(CanonicalResponse response, ResponseWriterOptions options, IBufferWriter<byte> output, LossList losses) =>
        OpenAIChatResponseWriter.Write(response, options, output, losses);

    public IStreamReader CreateStreamReader(IStreamSink sink, Offering offering) => new OpenAIChatStreamReader(sink, DialectOf(offering));

    public IStreamWriter CreateStreamWriter(IBufferWriter<byte> output, ResponseWriterOptions options, LossList losses) => new OpenAIChatStreamWriter(output, options, losses);

    public void Observe(in SseEvent e, AnswerTap tap) => OpenAIChatTap.Observe(e, tap);

    public void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap) => OpenAIChatTap.ObserveBody(body, tap);

    public WireError ReadError(int status, ReadOnlySpan<byte> body) => OpenAIChatErrors.Read(status, body);

    public void WriteError(WireError error, string requestId, IBufferWriter<byte> output) => OpenAIChatErrors.Write(error, requestId, output);

    public void WriteStreamError(WireError error, string requestId, in StreamPlace place, IBufferWriter<byte> output) => OpenAIChatErrors.WriteStreamEvent(error, requestId, output);

    private OpenAIChatDialect DialectOf(Offering offering) => _dialects.For(offering.Quirks(Protocol.OpenAIChat));

    private static OpenAIChatDialect Dialect(ProtocolQuirks quirks) => new()
    {
        MaxTokensField = quirks.MaxTokensField == Vendor.MaxTokensField.MaxTokens ? Chat.MaxTokensField.MaxTokens : Chat.MaxTokensField.MaxCompletionTokens,
        HistoryReasoning = History(quirks),
        ThinkTags = quirks.ReasoningCarriers.HasFlag(ReasoningCarriers.InlineThink) ? ThinkTags.Paired : ThinkTags.None,
        ThinkingSwitch = quirks.Thinking.Switch switch
        {
            Vendor.ThinkingSwitch.ReasoningEffort => Chat.ThinkingSwitch.ReasoningEffort,
            Vendor.ThinkingSwitch.ThinkingObject => Chat.ThinkingSwitch.ThinkingType,
            Vendor.ThinkingSwitch.EnableThinking => Chat.ThinkingSwitch.EnableThinking,
            Vendor.ThinkingSwitch.ReasoningObject => Chat.ThinkingSwitch.ReasoningObject,
            _ => Chat.ThinkingSwitch.None,
        },
        CanDisableThinking = quirks.Thinking.CanDisable,
        EffortWords = quirks.Thinking.EffortLevels.Count > 0 || quirks.Thinking.Switch is not (Vendor.ThinkingSwitch.ReasoningEffort or Vendor.ThinkingSwitch.ReasoningObject)
            ? quirks.Thinking.EffortLevels
            : OpenAIChatDialect.Default.EffortWords,
        StructuredOutput = quirks.StructuredOutput switch
        {
            Vendor.StructuredOutput.JsonSchema => Chat.StructuredOutput.JsonSchema,
            Vendor.StructuredOutput.JsonObject => Chat.StructuredOutput.JsonObject,
            _ => Chat.StructuredOutput.None,
        },
        DeveloperRole = quirks.SystemRole == Vendor.SystemRole.Developer,
        SystemAnywhere = quirks.MidConversationSystem ?? true,
        StreamOptions = quirks.StreamUsage != Vendor.StreamUsage.Unsupported,
        ToolChoiceRequired = !(quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected).HasFlag(ToolChoices.Required),
        ToolChoiceNone = !quirks.ToolChoiceIgnored.HasFlag(ToolChoices.Never),
        ToolChoiceNamed = !(quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected).HasFlag(ToolChoices.Named),
        AllowedTools = quirks.ToolTypes.HasFlag(ToolTypes.AllowedTools),
        CustomTools = quirks.ToolTypes.HasFlag(ToolTypes.Custom),
        ParallelToolCalls = quirks.ParallelSwitch == Support.Honoured,
        StrictTools = quirks.StrictTools != Support.Rejected,
        FileParts = quirks.Documents != Support.Rejected,
        ToolResultImages = false,
        CacheControl = quirks.CacheControl == CacheControl.Honoured && quirks.ReasoningCarriers.HasFlag(ReasoningCarriers.ReasoningDetails),
        TemperatureMax = (double)(quirks.TemperatureMax ?? 2m),
        TemperatureMin = (double)(quirks.TemperatureMin ?? 0m),
        StopSequencesMax = quirks.StopSequences == Support.Honoured ? quirks.StopSequencesMax ?? 4 : 0,
        ToolCallIds = quirks.ToolIdPattern?.Contains("{9}", StringComparison.Ordinal) == true ? ToolCallIds.NineAlphanumeric : ToolCallIds.FortyCharacters,
        Unsupported = quirks.Sampling == Support.Rejected ? [.. quirks.FieldsRejected, .. SamplingFields] : [.. quirks.FieldsRejected],
    };

    private static ReasoningHistory History(ProtocolQuirks quirks)
    {
        if (quirks.ReasoningInHistory == ReasoningInHistory.Omit)
            return ReasoningHistory.None;
        var carriers = quirks.ReasoningCarriers;
        return carriers.HasFlag(ReasoningCarriers.ReasoningContent) ? ReasoningHistory.ReasoningContent
            : carriers.HasFlag(ReasoningCarriers.ReasoningDetails) ? ReasoningHistory.ReasoningDetails
            : carriers.HasFlag(ReasoningCarriers.Reasoning) ? ReasoningHistory.Reasoning
            : carriers.HasFlag(ReasoningCarriers.ContentArray) ? ReasoningHistory.ThinkingParts
            : carriers.HasFlag(ReasoningCarriers.InlineThink) ? ReasoningHistory.InlineThink
            : ReasoningHistory.ReasoningContent;
    }
}
