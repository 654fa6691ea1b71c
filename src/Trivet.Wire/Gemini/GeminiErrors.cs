using System.Buffers;
using System.Text.Json;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Json;

namespace Trivet.Wire.Gemini;

/// <summary>
/// Errors in Google's form, in a body and inside a stream: <c>{"error":{"code","message","status","details"}}</c>, with the standard details of
/// <c>google.rpc</c>: ErrorInfo holds the code, RetryInfo how long to wait, BadRequest the field at fault, RequestInfo the request id.
/// </summary>
public static class GeminiErrors
{
    /// <summary>Reads an error body of any shape; status 0 where it came inside a stream or a 200.</summary>
    public static WireError Read(int status, ReadOnlySpan<byte> body) => ErrorReader.Read(status, body);

    /// <summary>Writes an error body.</summary>
    public static void Write(WireError error, string requestId, IBufferWriter<byte> output)
    {
        var (code, status) = Of(error);
        var writer = JsonWriters.Rent(output);
        writer.WriteStartObject();
        writer.WriteStartObject("error"u8);
        writer.WriteNumber("code"u8, code);
        writer.WriteString("message"u8, error.Message);
        writer.WriteString("status"u8, status);
        WriteDetails(writer, error, requestId);
        writer.WriteEndObject();
        writer.WriteEndObject();
        JsonWriters.Return(writer);
    }

    /// <summary>Writes an error as an event of a stream. Without a finish reason before it, no client takes the answer for whole.</summary>
    public static void WriteStreamEvent(WireError error, string requestId, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        Write(error, requestId, output);
        output.Write("\r\n\r\n"u8);
    }

    private static void WriteDetails(Utf8JsonWriter writer, WireError error, string requestId)
    {
        if (error is { Code: null, Param: null, RetryAfter: null } && requestId.Length == 0)
            return;
        writer.WriteStartArray("details"u8);
        if (error.Code is { } reason)
        {
            Start(writer, "type.googleapis.com/google.rpc.ErrorInfo"u8);
            writer.WriteString("reason"u8, reason);
            writer.WriteString("domain"u8, "trivet"u8);
            writer.WriteEndObject();
        }

        if (error.Param is { } field)
        {
            Start(writer, "type.googleapis.com/google.rpc.BadRequest"u8);
            writer.WriteStartArray("fieldViolations"u8);
            writer.WriteStartObject();
            writer.WriteString("field"u8, field);
            writer.WriteString("description"u8, error.Message);
            writer.WriteEndObject();
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (error.RetryAfter is { } wait)
        {
            Start(writer, "type.googleapis.com/google.rpc.RetryInfo"u8);
            writer.WriteString("retryDelay"u8, $"{Math.Max(0, wait.TotalSeconds):0.###}s");
            writer.WriteEndObject();
        }

        if (requestId.Length > 0)
        {
            Start(writer, "type.googleapis.com/google.rpc.RequestInfo"u8);
            writer.WriteString("requestId"u8, requestId);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Start(Utf8JsonWriter writer, ReadOnlySpan<byte> type)
    {
        writer.WriteStartObject();
        writer.WriteString("@type"u8, type);
    }

    /// <summary>Codes and words of google.rpc.Code; the code is the HTTP status that goes with the error.</summary>
    private static (int Code, string Status) Of(WireError error)
    {
        var (code, status) = error.Class switch
        {
            ErrorClass.Authentication => (401, "UNAUTHENTICATED"),
            ErrorClass.Billing => (402, "FAILED_PRECONDITION"),
            ErrorClass.PermissionDenied => (403, "PERMISSION_DENIED"),
            ErrorClass.NotFound => (404, "NOT_FOUND"),
            ErrorClass.RequestTooLarge => (413, "INVALID_ARGUMENT"),
            ErrorClass.RateLimited => (429, "RESOURCE_EXHAUSTED"),
            ErrorClass.Overloaded => (503, "UNAVAILABLE"),
            ErrorClass.Timeout => (504, "DEADLINE_EXCEEDED"),
            ErrorClass.Server => (500, "INTERNAL"),
            _ => (400, "INVALID_ARGUMENT"),
        };
        return (error.Status >= 400 ? error.Status : code, status);
    }
}
