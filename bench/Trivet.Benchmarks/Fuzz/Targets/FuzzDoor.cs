using System.Buffers;
using System.Text.Json.Nodes;
using Trivet.FunctionalTests.Replay.Legality;
using Trivet.FunctionalTests.Replay.Meaning;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.BedrockConverse;
using Trivet.Wire.BedrockConverse.Answers;
using Trivet.Wire.BedrockConverse.Requests;
using Trivet.Wire.BedrockConverse.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.OpenAIResponses.Requests;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Benchmarks.Fuzz.Targets;

/// <summary>A protocol's folder in Wire by its doors. Those that only clients need are null for a protocol that has none.</summary>
internal sealed class FuzzDoor
{
    public delegate bool TryRead<T>(ReadOnlyMemory<byte> body, out T? value, out WireError? error);

    public delegate bool TryScan(ReadOnlyMemory<byte> body, RequestScan scan, out WireError? error);

    public delegate void ObserveEvent(in SseEvent e, AnswerTap tap);

    public delegate void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap);

    public delegate WireError ReadErrorBody(int status, ReadOnlySpan<byte> body);

    private static readonly ResponseWriterOptions Options = new() { FallbackId = "f", FallbackModel = "m", RequestId = "req_1", CreatedAt = 1_700_000_000, IncludeUsage = true, InputTokensEstimate = 10, ReasoningOrigin = "vendor" };

    private static readonly OpenAIChatDialect[] ChatDialects =
        [OpenAIChatDialect.Default, .. Enum.GetValues<ThinkTags>().Where(tags => tags != ThinkTags.None).Select(tags => OpenAIChatDialect.Default with { ThinkTags = tags })];

    public static FuzzDoor Chat { get; } = new()
    {
        Name = "chat",
        Corpus = "openai-chat",
        Scan = OpenAIChatScan.TryScan,
        ReadRequest = OpenAIChatRequestReader.TryRead,
        WriteRequest = (request, output, _) => OpenAIChatRequestWriter.Write(request, OpenAIChatDialect.Default, "m", output, new LossList()),
        ReadResponse = (body, out response, out error) => OpenAIChatResponseReader.TryRead(body, OpenAIChatDialect.Default, out response, out error),
        WriteResponse = (response, output) => OpenAIChatResponseWriter.Write(response, Options, output, new LossList()),
        StreamReader = (sink, variant) => new OpenAIChatStreamReader(sink, ChatDialects[variant % ChatDialects.Length]),
        StreamWriter = output => new OpenAIChatStreamWriter(output, Options, new LossList()),
        Observe = OpenAIChatTap.Observe,
        Tap = OpenAIChatTap.ObserveBody,
        ReadError = OpenAIChatErrors.Read,
        WriteError = (error, output) => OpenAIChatErrors.Write(error, "req_1", output),
        Illegal = frames => ChatLegality.Check(frames, wantsUsage: frames.Any(SaysUsage)), // which an upstream may never have said
    };

    public static FuzzDoor Responses { get; } = new()
    {
        Name = "responses",
        Corpus = "openai-responses",
        Scan = OpenAIResponsesScan.TryScan,
        ReadRequest = OpenAIResponsesRequestReader.TryRead,
        WriteRequest = (request, output, _) => OpenAIResponsesRequestWriter.Write(request, OpenAIResponsesDialect.Default, "m", output, new LossList()),
        ReadResponse = (body, out response, out error) => OpenAIResponsesResponseReader.TryRead(body, OpenAIResponsesDialect.Default, out response, out error),
        WriteResponse = (response, output) => OpenAIResponsesResponseWriter.Write(response, Options, output, new LossList()),
        StreamReader = (sink, _) => new OpenAIResponsesStreamReader(sink, OpenAIResponsesDialect.Default),
        StreamWriter = output => new OpenAIResponsesStreamWriter(output, Options, new LossList()),
        Observe = OpenAIResponsesTap.Observe,
        Tap = OpenAIResponsesTap.ObserveBody,
        ReadError = OpenAIResponsesErrors.Read,
        WriteError = (error, output) => OpenAIResponsesErrors.Write(error, "req_1", output),
        Illegal = ResponsesLegality.Check,
    };

    public static FuzzDoor Messages { get; } = new()
    {
        Name = "messages",
        Corpus = "anthropic-messages",
        Scan = AnthropicMessagesScan.TryScan,
        ReadRequest = AnthropicMessagesRequestReader.TryRead,
        WriteRequest = (request, output, _) => AnthropicMessagesRequestWriter.Write(request, AnthropicMessagesDialect.Default, "m", output, new LossList()),
        ReadResponse = (body, out response, out error) => AnthropicMessagesResponseReader.TryRead(body, AnthropicMessagesDialect.Default, out response, out error),
        WriteResponse = (response, output) => AnthropicMessagesResponseWriter.Write(response, Options, output, new LossList()),
        StreamReader = (sink, variant) => new AnthropicMessagesStreamReader(sink, AnthropicMessagesDialect.Default with { AcceptsUnsignedThinking = variant % 2 == 1 }),
        StreamWriter = output => new AnthropicMessagesStreamWriter(output, Options, new LossList()),
        Observe = AnthropicMessagesTap.Observe,
        Tap = AnthropicMessagesTap.ObserveBody,
        ReadError = AnthropicMessagesErrors.Read,
        WriteError = (error, output) => AnthropicMessagesErrors.Write(error, "req_1", output),
        Illegal = MessagesLegality.Check,
    };

    public static FuzzDoor Gemini { get; } = new()
    {
        Name = "gemini",
        Corpus = "gemini",
        Scan = GeminiScan.TryScan,
        ReadRequest = GeminiRequestReader.TryRead,
        WriteRequest = (request, output, variant) => GeminiRequestWriter.Write(request, GeminiDialect.Default with { AcceptsParametersJsonSchema = variant % 2 == 0, AcceptsResponseJsonSchema = variant % 2 == 0 }, "m", output, new LossList()),
        ReadResponse = (body, out response, out error) => GeminiResponseReader.TryRead(body, GeminiDialect.Default, out response, out error),
        WriteResponse = (response, output) => GeminiResponseWriter.Write(response, Options, output, new LossList()),
        StreamReader = (sink, _) => new GeminiStreamReader(sink, GeminiDialect.Default),
        StreamWriter = output => new GeminiStreamWriter(output, Options, new LossList()),
        Observe = GeminiTap.Observe,
        Tap = GeminiTap.ObserveBody,
        ReadError = GeminiErrors.Read,
        WriteError = (error, output) => GeminiErrors.Write(error, "req_1", output),
        Illegal = GeminiLegality.Check,
    };

    public static FuzzDoor Bedrock { get; } = new()
    {
        Name = "bedrock",
        Corpus = "bedrock-converse",
        WriteRequest = (request, output, _) => BedrockConverseRequestWriter.Write(request, BedrockConverseDialect.Default, "m", output, new LossList()),
        ReadResponse = (body, out response, out error) => BedrockConverseResponseReader.TryRead(body, BedrockConverseDialect.Default, out response, out error),
        StreamReader = (sink, _) => new BedrockConverseStreamReader(sink, BedrockConverseDialect.Default),
        ReadError = (status, body) => BedrockConverseErrors.Read(status, body),
    };

    /// <summary>Protocols that clients speak.</summary>
    public static IReadOnlyList<FuzzDoor> Clients { get; } = [Chat, Responses, Messages, Gemini];

    /// <summary>Protocols that upstreams speak.</summary>
    public static IReadOnlyList<FuzzDoor> Upstreams { get; } = [.. Clients, Bedrock];

    public required string Name { get; init; }

    /// <summary>Its folder of recorded exchanges.</summary>
    public required string Corpus { get; init; }

    public required TryRead<CanonicalResponse> ReadResponse { get; init; }

    /// <summary>A writer in one of the dialects that write differently.</summary>
    public required Action<CanonicalRequest, IBufferWriter<byte>, int> WriteRequest { get; init; }

    /// <summary>A reader in one of the dialects that read differently.</summary>
    public required Func<IStreamSink, int, IStreamReader> StreamReader { get; init; }

    public required ReadErrorBody ReadError { get; init; }

    public TryScan? Scan { get; init; }

    public TryRead<CanonicalRequest>? ReadRequest { get; init; }

    public Action<CanonicalResponse, IBufferWriter<byte>>? WriteResponse { get; init; }

    public Func<IBufferWriter<byte>, IStreamWriter>? StreamWriter { get; init; }

    public ObserveEvent? Observe { get; init; }

    public ObserveBody? Tap { get; init; }

    public Action<WireError, IBufferWriter<byte>>? WriteError { get; init; }

    /// <summary>What breaks the grammar of its streams, by checkers that know nothing of the writers.</summary>
    public Func<IReadOnlyList<SseFrame>, IReadOnlyList<string>>? Illegal { get; init; }

    private static bool SaysUsage(SseFrame frame) =>
        frame.Data.Contains("\"choices\":[],\"usage\":{", StringComparison.Ordinal) && JsonNode.Parse(frame.Data)?["usage"] is JsonObject; // and not within something else
}
