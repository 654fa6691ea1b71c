using System.Buffers;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams.Quirks;
using Trivet.Wire.BedrockConverse;
using Trivet.Wire.BedrockConverse.Answers;
using Trivet.Wire.BedrockConverse.Requests;
using Trivet.Wire.BedrockConverse.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Core.Relay.Formats;

/// <summary>Amazon Bedrock Converse. Spoken to upstreams only, so nothing ever passes through to it.</summary>
internal sealed class BedrockConverseFormat : IUpstreamFormat
{
    private readonly DialectCache<BedrockConverseDialect> _dialects = new(Dialect);

    public Protocol Protocol => Protocol.BedrockConverse;

    public void WriteRequest(CanonicalRequest request, Offering offering, IBufferWriter<byte> output, LossList losses) =>
        BedrockConverseRequestWriter.Write(request, DialectOf(offering), offering.Model, output, losses);

    public bool TryReadResponse(ReadOnlyMemory<byte> body, Offering offering, out CanonicalResponse? response, out WireError? error) =>
        BedrockConverseResponseReader.TryRead(body, DialectOf(offering), out response, out error);

    public IStreamReader CreateStreamReader(IStreamSink sink, Offering offering) => new BedrockConverseStreamReader(sink, DialectOf(offering));

    public WireError ReadError(int status, ReadOnlySpan<byte> body) => BedrockConverseErrors.Read(status, body);

    public WireError ReadError(int status, ReadOnlySpan<byte> body, string errorType) => BedrockConverseErrors.Read(status, body, errorType);

    private BedrockConverseDialect DialectOf(Offering offering) => _dialects.For(offering.Quirks(Protocol.BedrockConverse));

    private static BedrockConverseDialect Dialect(ProtocolQuirks quirks)
    {
        var choices = quirks.ToolChoiceIgnored | quirks.ToolChoiceRejected;
        return BedrockConverseDialect.Default with
        {
            Thinking = quirks.Thinking switch
            {
                { Switch: ThinkingSwitch.None } => BedrockThinkingStyle.None,
                { Budget: Support.Rejected } => BedrockThinkingStyle.Adaptive,
                _ => BedrockThinkingStyle.Budget,
            },
            MaxTokensLimit = quirks.MaxOutputTokens,
            AcceptsSampling = quirks.Sampling != Support.Rejected,
            AcceptsTopK = !IsRejected(quirks, "top_k"),
            AcceptsTemperatureWithTopP = !IsRejected(quirks, "temperature+topP"),
            AcceptsToolChoiceAny = !choices.HasFlag(ToolChoices.Required),
            AcceptsToolChoiceNamed = !choices.HasFlag(ToolChoices.Named),
            AcceptsStrictTools = quirks.StrictTools != Support.Rejected,
            AcceptsJsonSchema = quirks.StructuredOutput == StructuredOutput.JsonSchema,
            AcceptsCachePoints = quirks.CacheControl != CacheControl.Rejected,
            AcceptsPrefill = quirks.AssistantPrefill,
            AcceptsImages = quirks.Images != ImageSupport.None,
            AcceptsDocuments = quirks.Documents != Support.Rejected,
            AcceptsVideo = !quirks.BlocksRejected.Contains("video", StringComparer.Ordinal),
        };
    }

    private static bool IsRejected(ProtocolQuirks quirks, string field) => quirks.FieldsRejected.Contains(field, StringComparer.Ordinal);
}
