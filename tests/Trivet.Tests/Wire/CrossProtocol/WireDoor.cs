using System.Buffers;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.Gemini.Requests;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.OpenAIResponses.Requests;
using Trivet.Wire.OpenAIResponses.Streams;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>A protocol's folder in Wire by its doors, in the dialect of the protocol's owner, so that a test can be written once for all of them.</summary>
internal sealed class WireDoor
{
    private static readonly ResponseWriterOptions Options = new() { FallbackId = "f", FallbackModel = "m", CreatedAt = 1_700_000_000, IncludeUsage = true, InputTokensEstimate = 10, ReasoningOrigin = "vendor" };

    public static WireDoor Chat { get; } = new()
    {
        Protocol = Protocol.OpenAIChat,
        ReadRequest = body => OpenAIChatRequestReader.TryRead(body, out var request, out var error) ? request! : throw new InvalidDataException(error!.Message),
        WriteRequest = (request, output, losses) => OpenAIChatRequestWriter.Write(request, OpenAIChatDialect.Default, "m", output, losses),
        ReadResponse = body => OpenAIChatResponseReader.TryRead(body, OpenAIChatDialect.Default, out var response, out var error) ? response! : throw new InvalidDataException(error!.Message),
        WriteResponse = (response, output, losses) => OpenAIChatResponseWriter.Write(response, Options, output, losses),
        StreamReader = sink => new OpenAIChatStreamReader(sink, OpenAIChatDialect.Default),
        StreamWriter = (output, losses) => new OpenAIChatStreamWriter(output, Options, losses),
    };

    public static WireDoor Messages { get; } = new()
    {
        Protocol = Protocol.AnthropicMessages,
        ReadRequest = body => AnthropicMessagesRequestReader.TryRead(body, out var request, out var error) ? request! : throw new InvalidDataException(error!.Message),
        WriteRequest = (request, output, losses) => AnthropicMessagesRequestWriter.Write(request, AnthropicMessagesDialect.Default, "m", output, losses),
        ReadResponse = body => AnthropicMessagesResponseReader.TryRead(body, AnthropicMessagesDialect.Default, out var response, out var error) ? response! : throw new InvalidDataException(error!.Message),
        WriteResponse = (response, output, losses) => AnthropicMessagesResponseWriter.Write(response, Options, output, losses),
        StreamReader = sink => new AnthropicMessagesStreamReader(sink, AnthropicMessagesDialect.Default),
        StreamWriter = (output, losses) => new AnthropicMessagesStreamWriter(output, Options, losses),
    };

    public static WireDoor Responses { get; } = new()
    {
        Protocol = Protocol.OpenAIResponses,
        ReadRequest = body => OpenAIResponsesRequestReader.TryRead(body, out var request, out var error) ? request! : throw new InvalidDataException(error!.Message),
        WriteRequest = (request, output, losses) => OpenAIResponsesRequestWriter.Write(request, OpenAIResponsesDialect.Default, "m", output, losses),
        ReadResponse = body => OpenAIResponsesResponseReader.TryRead(body, OpenAIResponsesDialect.Default, out var response, out var error) ? response! : throw new InvalidDataException(error!.Message),
        WriteResponse = (response, output, losses) => OpenAIResponsesResponseWriter.Write(response, Options, output, losses),
        StreamReader = sink => new OpenAIResponsesStreamReader(sink, OpenAIResponsesDialect.Default),
        StreamWriter = (output, losses) => new OpenAIResponsesStreamWriter(output, Options, losses),
    };

    public static WireDoor Gemini { get; } = new()
    {
        Protocol = Protocol.Gemini,
        ReadRequest = body => GeminiRequestReader.TryRead(body, out var request, out var error) ? request! : throw new InvalidDataException(error!.Message),
        WriteRequest = (request, output, losses) => GeminiRequestWriter.Write(request, GeminiDialect.Default, "m", output, losses),
        ReadResponse = body => GeminiResponseReader.TryRead(body, GeminiDialect.Default, out var response, out var error) ? response! : throw new InvalidDataException(error!.Message),
        WriteResponse = (response, output, losses) => GeminiResponseWriter.Write(response, Options, output, losses),
        StreamReader = sink => new GeminiStreamReader(sink, GeminiDialect.Default),
        StreamWriter = (output, losses) => new GeminiStreamWriter(output, Options, losses),
    };

    public static IReadOnlyList<WireDoor> All { get; } = [Chat, Responses, Messages, Gemini];

    public required Protocol Protocol { get; init; }

    public required Func<ReadOnlyMemory<byte>, CanonicalRequest> ReadRequest { get; init; }

    public required Action<CanonicalRequest, IBufferWriter<byte>, LossList> WriteRequest { get; init; }

    public required Func<ReadOnlyMemory<byte>, CanonicalResponse> ReadResponse { get; init; }

    public required Action<CanonicalResponse, IBufferWriter<byte>, LossList> WriteResponse { get; init; }

    public required Func<IStreamSink, IStreamReader> StreamReader { get; init; }

    public required Func<IBufferWriter<byte>, LossList, IStreamWriter> StreamWriter { get; init; }

    public static WireDoor Of(Protocol protocol) => All.Single(door => door.Protocol == protocol);

    /// <summary>Writes and reads: what the protocol makes of a request.</summary>
    public CanonicalRequest Through(CanonicalRequest request, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        request.Aliases.Clear();
        WriteRequest(request, output, losses);
        return ReadRequest(output.WrittenMemory);
    }

    /// <summary>Writes and reads: what the protocol makes of a whole answer.</summary>
    public CanonicalResponse Through(CanonicalResponse response, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteResponse(response, output, losses);
        return ReadResponse(output.WrittenMemory);
    }

    /// <summary>Writes and reads: what the protocol makes of an answer that is streamed.</summary>
    public CanonicalResponse Streamed(CanonicalResponse response, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        ResponsePlayer.Play(response, StreamWriter(output, losses));
        var folder = new ResponseFolder(Protocol);
        var reader = StreamReader(folder);
        SseFeeding.Feed(output.WrittenSpan.ToArray(), "whole", reader);
        reader.Complete();
        return folder.Error is null ? folder.Response : throw new InvalidDataException(folder.Error.Message);
    }
}
