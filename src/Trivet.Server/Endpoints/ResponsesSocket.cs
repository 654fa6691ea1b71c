using System.Buffers;
using Microsoft.AspNetCore.Http;
using Trivet.Wire.Canonical;
using Trivet.Wire.OpenAIResponses;

namespace Trivet.Server.Endpoints;

/// <summary>
/// The answer to clients that would rather speak Responses over a WebSocket (<c>GET /v1/responses</c> with <c>Upgrade: websocket</c>). On 426 Codex 0.169 goes on
/// by POST at once; anything else costs it seven attempts and six seconds (observed 2026-11-22).
/// </summary>
internal static class ResponsesSocket
{
    public static Task RefuseAsync(HttpContext context)
    {
        var isUpgrade = context.Request.Headers.Upgrade.Count > 0 || context.WebSockets.IsWebSocketRequest;
        var response = context.Response;
        response.StatusCode = isUpgrade ? StatusCodes.Status426UpgradeRequired : StatusCodes.Status405MethodNotAllowed;
        response.Headers.Allow = HttpMethods.Post;
        if (isUpgrade)
            (response.Headers.Upgrade, response.Headers.Connection) = ("HTTP/1.1", "Upgrade"); // a 426 must name what is spoken instead (RFC 9110, 15.5.22)
        var output = new ArrayBufferWriter<byte>();
        OpenAIResponsesErrors.Write(
            new WireError
            {
                Class = ErrorClass.InvalidRequest,
                Status = response.StatusCode,
                Code = isUpgrade ? "websocket_not_served" : "method_not_allowed",
                Message = "Responses are served by POST, streamed as server-sent events.",
            },
            context.TraceIdentifier,
            output);
        response.ContentType = "application/json";
        response.ContentLength = output.WrittenCount;
        return response.BodyWriter.WriteAsync(output.WrittenMemory, context.RequestAborted).AsTask();
    }
}
