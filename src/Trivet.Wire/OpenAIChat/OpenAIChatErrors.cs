using System.Buffers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;

namespace Trivet.Wire.OpenAIChat;

/// <summary>Errors in Chat's form, in a body and inside a stream: <c>{"error":{"message","type","param","code"}}</c>, with the request id beside it.</summary>
public static class OpenAIChatErrors
{
    /// <summary>Reads an error body of any shape; status 0 where it came inside a stream or a 200.</summary>
    public static WireError Read(int status, ReadOnlySpan<byte> body) => ErrorReader.Read(status, body);

    /// <summary>Writes an error body.</summary>
    public static void Write(WireError error, string requestId, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("type"u8, TypeOf(error.Class));
        writer.WriteString("param"u8, error.Param);
        writer.WriteString("code"u8, error.Code ?? CodeOf(error.Class));
        writer.WriteEndObject();
        if (requestId.Length > 0)
            writer.WriteString("request_id"u8, requestId);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    /// <summary>Writes an error as an event of a stream. SDKs raise on any event with an <c>error</c> object.</summary>
    public static void WriteStreamEvent(WireError error, string requestId, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        Write(error, requestId, output);
        output.Write("\n\n"u8);
    }

    /// <summary>OpenAI's type words, as its recorded errors have them (openai-chat-086, -091, -098).</summary>
    internal static string TypeOf(ErrorClass kind) => kind switch
    {
        ErrorClass.Billing => "insufficient_quota",
        ErrorClass.PermissionDenied => "permission_error",
        ErrorClass.RateLimited => "rate_limit_error",
        ErrorClass.Authentication => "authentication_error",
        ErrorClass.Overloaded or ErrorClass.Server => "server_error",
        ErrorClass.Timeout => "timeout_error",
        _ => "invalid_request_error",
    };

    /// <summary>The code for an error that has none of its own; null for classes without one.</summary>
    internal static string? CodeOf(ErrorClass kind) => kind switch
    {
        ErrorClass.Authentication => "invalid_api_key",
        ErrorClass.Billing => "insufficient_quota",
        ErrorClass.NotFound => "model_not_found",
        ErrorClass.ContextLength => "context_length_exceeded",
        ErrorClass.ContentFilter => "content_filter",
        ErrorClass.RateLimited => "rate_limit_exceeded",
        _ => null,
    };
}
