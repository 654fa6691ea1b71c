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

    /// <summary>The path is there, for other methods.</summary>
    public static Task RefuseMethodAsync(HttpContext context, Protocol protocol, string allowed)
    {
        context.Response.Headers.Allow = allowed;
        return WriteAsync(context, protocol, new Failure(FailureKind.ClientMethodNotAllowed) { Detail = $"It was {context.Request.Method}; served is {allowed}." });
    }

    public static async Task WriteAsync(HttpContext context, Protocol protocol, Failure failure)
    {
        var error = failure.ToWireError();
        var output = Render(protocol, error, context.TraceIdentifier);
        context.Response.Headers[protocol == Protocol.AnthropicMessages ? "request-id" : "x-request-id"] = context.TraceIdentifier;
        context.Response.StatusCode = error.Status;
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = output.WrittenCount;
        await context.Response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted);
    }

    /// <summary>An error in a protocol's envelope.</summary>
    public static ArrayBufferWriter<byte> Render(Protocol protocol, WireError error, string requestId)
    {
        var output = new ArrayBufferWriter<byte>(512);
        if (protocol == Protocol.AnthropicMessages)
            AnthropicMessagesErrors.Write(error, requestId, output);
        else if (protocol == Protocol.Gemini)
            GeminiErrors.Write(error, requestId, output);
        else
            OpenAIChatErrors.Write(error, requestId, output);
        return output;
    }
}
