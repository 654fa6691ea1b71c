using System.Buffers;
using Trivet.Core.Failures;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Server.Endpoints;

/// <summary>Errors of endpoints that do not go through the relay, in the protocol of whoever asks.</summary>
internal static class ProtocolErrors
{
    public static Task WriteAsync(HttpContext context, bool isAnthropic, Failure failure) =>
        WriteAsync(context, isAnthropic ? Protocol.AnthropicMessages : Protocol.OpenAIChat, failure);

    public static async Task WriteAsync(HttpContext context, Protocol protocol, Failure failure)
    {
        var output = new ArrayBufferWriter<byte>(512);
        var error = failure.ToWireError();
        if (protocol == Protocol.AnthropicMessages)
            AnthropicMessagesErrors.Write(error, context.TraceIdentifier, output);
        else if (protocol == Protocol.Gemini)
            GeminiErrors.Write(error, context.TraceIdentifier, output);
        else
            OpenAIChatErrors.Write(error, context.TraceIdentifier, output);
        context.Response.Headers[protocol == Protocol.AnthropicMessages ? "request-id" : "x-request-id"] = context.TraceIdentifier;
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = output.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
    }
}
