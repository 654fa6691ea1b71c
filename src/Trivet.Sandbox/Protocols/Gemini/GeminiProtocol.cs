using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.Gemini;

/// <summary>Gemini generateContent: model and method are in the path, streams end their lines with CRLF and have no end marker.</summary>
internal sealed class GeminiProtocol : IProtocol
{
    public string Name => "gemini";

    public string CallIdPrefix => "";

    public string StreamContentType => "text/event-stream";

    public string? Credential(HttpRequest request)
    {
        if (request.Headers["x-goog-api-key"] is [{ Length: > 0 } key])
        {
            return key;
        }

        if (request.Query["key"] is [{ Length: > 0 } inQuery])
        {
            return inQuery;
        }

        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > 7 ? header[7..] : null;
    }

    public Refusal MissingCredential() => new(
        403, "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.");

    public Refusal WrongCredential(string credential) => new(400, "API key not valid. Please pass a valid API key.")
    {
        DetailsJson = """[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID","domain":"googleapis.com","metadata":{"service":"generativelanguage.googleapis.com"}}]""",
    };

    public string? Model(HttpRequest request, JsonElement body) => GeminiPath.Split(request).Model;

    public bool IsStream(HttpRequest request, JsonElement body) => GeminiPath.Split(request).Method == "streamGenerateContent";

    public Ask Read(RequestContext context, JsonElement body) => GeminiRequestReader.Read(context, body);

    public Style Habit(Style style) => style with { Crlf = true };

    public void SetHeaders(IHeaderDictionary headers, string requestId, DateTimeOffset now)
    {
        headers["x-gemini-service-tier"] = "standard";
        headers.Vary = "Origin, X-Origin, Referer";
        headers["server-timing"] = "gfet4t7; dur=1";
    }

    public void WriteError(Utf8JsonWriter json, Refusal refusal, string requestId)
    {
        json.WriteStartObject();
        json.WriteStartObject("error"u8);
        json.WriteNumber("code"u8, refusal.Status);
        json.WriteString("message"u8, refusal.Fault == "401" ? "Request had invalid authentication credentials." : refusal.Message);
        json.WriteString("status"u8, StatusOf(refusal.Status));
        var details = refusal.Fault is null ? refusal.DetailsJson : RetryInfo(refusal);
        if (details is not null)
        {
            json.WritePropertyName("details"u8);
            json.WriteRawValue(details);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    public void WriteWhole(Utf8JsonWriter json, Reply reply) => GeminiAnswerWriter.Write(json, reply);

    public Task WriteStreamAsync(EventSink sink, Reply reply) => new GeminiStreamWriter(sink, reply).WriteAsync();

    public async ValueTask WriteErrorEventAsync(EventSink sink, Refusal refusal, Reply reply)
    {
        WriteError(sink.Begin(), refusal, reply.RequestId);
        await sink.SendAsync();
        await sink.EndArrayAsync();
    }

    public void WriteCount(Utf8JsonWriter json, int inputTokens)
    {
        json.WriteStartObject();
        json.WriteNumber("totalTokens"u8, inputTokens);
        GeminiAnswerWriter.WritePromptDetails(json, inputTokens);
        json.WriteEndObject();
    }

    private static string? RetryInfo(Refusal refusal) => refusal.RetryAfter is { } seconds && int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        ? $$"""[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"{{number}}s"}]"""
        : null;

    private static string StatusOf(int status) => status switch
    {
        401 => "UNAUTHENTICATED",
        402 or 403 => "PERMISSION_DENIED",
        404 => "NOT_FOUND",
        409 => "ABORTED",
        429 => "RESOURCE_EXHAUSTED",
        500 => "INTERNAL",
        504 => "DEADLINE_EXCEEDED",
        > 500 => "UNAVAILABLE",
        _ => "INVALID_ARGUMENT",
    };
}

/// <summary>Takes <c>models/{model}:{method}</c> apart. A model name may hold colons (fault arguments), the method is behind the last.</summary>
internal static class GeminiPath
{
    public static (string Model, string Method) Split(HttpRequest request)
    {
        var target = (string?)request.RouteValues["target"] ?? "";
        var colon = target.LastIndexOf(':');
        return colon < 0 ? (target, "") : (target[..colon], target[(colon + 1)..]);
    }
}
