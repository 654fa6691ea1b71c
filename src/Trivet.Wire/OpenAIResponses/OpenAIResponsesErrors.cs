using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.OpenAIResponses.Streams;

namespace Trivet.Wire.OpenAIResponses;

/// <summary>
/// Errors in the form of Responses. A body is the same as Chat's. Inside a stream OpenAI sends an event <c>error</c> and then <c>response.failed</c>:
/// SDKs raise on the first, Codex reads the second.
/// </summary>
public static class OpenAIResponsesErrors
{
    /// <summary>Reads an error body of any shape; status 0 where it came inside a stream or a 200.</summary>
    public static WireError Read(int status, ReadOnlySpan<byte> body) => ErrorReader.Read(status, body);

    /// <summary>Writes an error body.</summary>
    public static void Write(WireError error, string requestId, IBufferWriter<byte> output) => OpenAIChatErrors.Write(error, requestId, output);

    /// <summary>Writes an error into a stream of which nothing more is known than the number of its next event and who answers.</summary>
    /// <param name="error">The error.</param>
    /// <param name="requestId">Makes the answer's id where nobody has said one.</param>
    /// <param name="output">Where it goes.</param>
    /// <param name="sequenceNumber">Number of the next event.</param>
    /// <param name="answerId">The id that the stream's first events gave the answer; empty where there were none.</param>
    /// <param name="model">The model that they named; empty where none.</param>
    /// <param name="frame">The stream's items, of which those that are done stand in the last event; null where none are known.</param>
    public static void WriteStreamEvent(WireError error, string requestId, IBufferWriter<byte> output, int sequenceNumber = 0, string answerId = "", string model = "", OpenAIResponsesFrame? frame = null)
    {
        if (sequenceNumber == 0)
        {
            // A keep-alive opened the stream and nothing else came: the error is all of it, and it begins as every stream does.
            new OpenAIResponsesStreamWriter(output, new ResponseWriterOptions { FallbackId = requestId, FallbackModel = model, CreatedAt = 0 }, new LossList()).OnError(error);
            return;
        }

        WriteErrorEvent(error, sequenceNumber, output);
        output.Write("event: response.failed\ndata: {\"type\":\"response.failed\",\"response\":"u8);
        var answer = new OpenAIResponsesEnvelope(new ResponseWriterOptions { FallbackId = requestId, FallbackModel = "", CreatedAt = 0 });
        answer.Begin(new StreamStart(answerId, model, 0), isNative: true);
        var writer = JsonWriters.Rent(output);
        answer.WriteFailed(writer, error, frame is null ? default : frame.Done);
        JsonWriters.Return(writer);
        WriteSequenceNumber(sequenceNumber + 1, output);
    }

    /// <summary>
    /// Writes the event <c>error</c>. The spec has its fields beside the type, OpenAI itself inside an object <c>error</c> (as its SDKs expect, which raise
    /// on that): both stand here.
    /// </summary>
    internal static void WriteErrorEvent(WireError error, int sequenceNumber, IBufferWriter<byte> output)
    {
        output.Write("event: error\ndata: "u8);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteNumber("sequence_number"u8, sequenceNumber);
        WriteFields(writer, error);
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, OpenAIChatErrors.TypeOf(error.Class));
        WriteFields(writer, error);
        writer.WriteEndObject();
        writer.WriteEndObject();
        JsonWriters.Return(writer);
        output.Write("\n\n"u8);
    }

    /// <summary>
    /// The code of <c>response.error</c>, of which the spec lists a few. Beyond them only the two that OpenAI sends all the same and that Codex acts upon:
    /// it does not retry those (codex-rs, 2025-10).
    /// </summary>
    internal static string FailureCode(WireError error) => error.Class switch
    {
        ErrorClass.ContextLength => "context_length_exceeded",
        ErrorClass.Billing => "insufficient_quota",
        ErrorClass.RateLimited => "rate_limit_exceeded",
        ErrorClass.InvalidRequest or ErrorClass.ContentFilter or ErrorClass.RequestTooLarge => "invalid_prompt",
        _ => "server_error",
    };

    internal static void WriteSequenceNumber(int sequenceNumber, IBufferWriter<byte> output)
    {
        output.Write(",\"sequence_number\":"u8);
        var span = output.GetSpan(11);
        sequenceNumber.TryFormat(span, out var digits);
        output.Advance(digits);
        output.Write("}\n\n"u8);
    }

    // The code is never null: the AI SDK takes an error without one for an event that it does not know (@ai-sdk/openai, 2026-11).
    private static void WriteFields(Utf8JsonWriter writer, WireError error)
    {
        writer.WriteString("code"u8, error.Code ?? OpenAIChatErrors.CodeOf(error.Class) ?? FailureCode(error));
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("param"u8, error.Param);
    }
}
