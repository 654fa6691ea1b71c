using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;

namespace Trivet.Wire.AnthropicMessages;

/// <summary>Errors in Anthropic's form: <c>{"type":"error","error":{"type","message"},"request_id"}</c>.</summary>
public static class AnthropicMessagesErrors
{
    /// <summary>Reads an error body of any vendor's shape.</summary>
    public static WireError Read(int status, ReadOnlySpan<byte> body) => ErrorReader.Read(status, body);

    /// <summary>Anthropic's type word for a class of errors.</summary>
    public static string TypeOf(ErrorClass errorClass) => errorClass switch
    {
        ErrorClass.InvalidRequest or ErrorClass.ContextLength or ErrorClass.ContentFilter => "invalid_request_error",
        ErrorClass.Authentication => "authentication_error",
        ErrorClass.Billing => "billing_error",
        ErrorClass.PermissionDenied => "permission_error",
        ErrorClass.NotFound => "not_found_error",
        ErrorClass.RequestTooLarge => "request_too_large",
        ErrorClass.RateLimited => "rate_limit_error",
        ErrorClass.Overloaded => "overloaded_error",
        ErrorClass.Timeout => "timeout_error",
        _ => "api_error",
    };

    /// <summary>Writes the body of an error answer.</summary>
    public static void Write(WireError error, string requestId, IBufferWriter<byte> output)
    {
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteString("type"u8, "error"u8);
        writer.WriteStartObject("error"u8);
        writer.WriteString("type"u8, TypeOf(error.Class));
        writer.WriteString("message"u8, MessageOf(error));
        if (error.Code is { } code)
            WriteDetails(writer, code);
        writer.WriteEndObject();
        if (requestId.Length > 0)
            writer.WriteString("request_id"u8, requestId);
        else
            writer.WriteNull("request_id"u8);
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    /// <summary>Writes the error as an event: the last of its stream.</summary>
    public static void WriteStreamEvent(WireError error, string requestId, IBufferWriter<byte> output)
    {
        output.Write("event: error\ndata: "u8);
        Write(error, requestId, output);
        output.Write("\n\n"u8);
    }

    // Claude Code compacts the conversation when it reads Anthropic's own words, and only then.
    private static string MessageOf(WireError error) =>
        error.Class == ErrorClass.ContextLength && !error.Message.Contains("prompt is too long", StringComparison.OrdinalIgnoreCase)
            ? "prompt is too long: " + error.Message
            : error.Message;

    // Anthropic's SDK reads details.error_code; its tool runner gives up stateful threads only when "unsupported" names them (WIRE_FACTS §3.7).
    private static void WriteDetails(Utf8JsonWriter writer, string code)
    {
        writer.WriteStartObject("details"u8);
        writer.WriteString("error_code"u8, code);
        if (code == "thread_unsupported_request")
        {
            writer.WriteStartArray("unsupported"u8);
            writer.WriteStringValue("thread"u8);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
    }
}
