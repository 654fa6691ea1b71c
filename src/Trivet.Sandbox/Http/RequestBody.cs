using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Http;

/// <summary>Reads a request's body once, whole.</summary>
internal static class RequestBody
{
    public static async Task<byte[]> ReadAsync(HttpContext http, long bytesMax)
    {
        try
        {
            if (http.Request.ContentLength is { } length && length <= bytesMax)
            {
                var exact = new byte[length];
                await http.Request.Body.ReadExactlyAsync(exact, http.RequestAborted);
                return exact;
            }

            using var buffer = new MemoryStream();
            await http.Request.Body.CopyToAsync(buffer, http.RequestAborted);
            return buffer.ToArray();
        }
        catch (BadHttpRequestException e) when (e.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            throw new Refusal(413, "Request exceeds the maximum size");
        }
    }

    public static JsonDocument Parse(byte[] bytes)
    {
        try
        {
            var document = JsonDocument.Parse(bytes);
            return document.RootElement.IsObject() ? document : throw new Refusal(400, "The request body must be a JSON object.");
        }
        catch (JsonException e)
        {
            throw new Refusal(400, $"We could not parse the JSON body of your request: {e.Message}");
        }
    }
}
