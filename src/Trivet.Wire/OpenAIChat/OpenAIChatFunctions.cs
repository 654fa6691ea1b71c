using System.Text.Json;
using Trivet.Wire.Canonical;

namespace Trivet.Wire.OpenAIChat;

/// <summary>
/// Clients of before November 2023 offer <c>functions</c>, and read a call from <c>function_call</c> alone: one an answer, without an id. Whoever offers
/// <c>tools</c> as well reads <c>tool_calls</c>.
/// </summary>
internal static class OpenAIChatFunctions
{
    /// <summary>Whether the client of a request reads <c>function_call</c>.</summary>
    public static bool AreAskedFor(ResponseWriterOptions options) => options.RequestEcho is { } request
        && Has(request, "functions"u8) && !Has(request, "tools"u8);

    /// <summary>Writes a call as the property <c>function_call</c> of a message.</summary>
    public static void WriteCall(Utf8JsonWriter writer, ToolCallBlock call, bool isCutOff)
    {
        writer.WriteStartObject("function_call"u8);
        call.Name.WriteTo(writer, "name"u8);
        if (call.Arguments.IsEmpty && !isCutOff)
            writer.WriteString("arguments"u8, "{}"u8);
        else
            writer.WriteString("arguments"u8, call.Arguments.Span);
        writer.WriteEndObject();
    }

    private static bool Has(RequestEcho request, ReadOnlySpan<byte> name)
    {
        var body = request.Body.Span;
        return request.Scan.TryGetField(body, name, out var field) && body[field.ValueStart] == (byte)'[';
    }
}
