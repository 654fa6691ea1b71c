using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;

namespace Trivet.Sandbox.Protocols.OpenAIChat;

/// <summary>OpenAI's error envelope, shared by Chat and Responses: <c>{error:{message,type,param,code}}</c>.</summary>
internal static class OpenAIErrors
{
    public static void Write(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WritePropertyName("error"u8);
        WriteBody(json, refusal);
        json.WriteEndObject();
    }

    public static void WriteBody(Utf8JsonWriter json, Refusal refusal)
    {
        json.WriteStartObject();
        json.WriteString("message"u8, refusal.Message);
        json.WriteString("type"u8, refusal.Type ?? TypeOf(refusal));
        json.WriteString("param"u8, refusal.Param);
        json.WriteString("code"u8, refusal.Code);
        if (refusal is { DetailsJson: { } details, Code: "content_filter" })
        {
            json.WritePropertyName("innererror"u8);
            json.WriteRawValue(details);
        }

        json.WriteEndObject();
    }

    private static string TypeOf(Refusal refusal) => refusal.Status switch
    {
        403 => "request_forbidden",
        429 => "requests",
        >= 500 => "server_error",
        _ => "invalid_request_error",
    };
}

/// <summary>OpenAI's headers, shared by Chat and Responses.</summary>
internal static class OpenAIHeaders
{
    public static string? Credential(HttpRequest request)
    {
        var header = request.Headers.Authorization.ToString();
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > 7)
        {
            return header[7..];
        }

        // Azure's header, which its Chat endpoint takes instead of a bearer token.
        return request.Headers["api-key"] is [{ Length: > 0 } key] ? key : null;
    }

    public static Refusal MissingCredential() => new(
        401, "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth (i.e. Authorization: Bearer YOUR_KEY).");

    public static Refusal WrongCredential(string credential) => new(
        401, $"Incorrect API key provided: {credential[..Math.Min(4, credential.Length)]}****.", code: "invalid_api_key");

    public static void Set(IHeaderDictionary headers, string requestId)
    {
        headers["x-request-id"] = requestId;
        headers["openai-organization"] = "org-sandbox";
        headers["openai-processing-ms"] = "1";
        headers["openai-version"] = "2020-10-01";
        headers["x-ratelimit-limit-requests"] = "10000";
        headers["x-ratelimit-limit-tokens"] = "30000000";
        headers["x-ratelimit-remaining-requests"] = "9999";
        headers["x-ratelimit-remaining-tokens"] = "29999900";
        headers["x-ratelimit-reset-requests"] = "6ms";
        headers["x-ratelimit-reset-tokens"] = "0s";
    }
}
