using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.AnthropicMessages;

/// <summary>Anthropic Messages.</summary>
internal sealed class MessagesProtocol : IProtocol
{
    public string Name => "anthropic-messages";

    public string CallIdPrefix => "toolu_";

    public string StreamContentType => "text/event-stream; charset=utf-8";

    public string? Credential(HttpRequest request)
    {
        if (request.Headers["x-api-key"] is [{ Length: > 0 } key])
        {
            return key;
        }

        var header = request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) && header.Length > 7 ? header[7..] : null;
    }

    public Refusal MissingCredential() => new(401, "x-api-key header is required");

    public Refusal WrongCredential(string credential) => new(401, "invalid x-api-key");

    public string? Model(HttpRequest request, JsonElement body) => body.Str("model");

    public bool IsStream(HttpRequest request, JsonElement body) => body.Bool("stream") ?? false;

    public Ask Read(RequestContext context, JsonElement body) => MessagesRequestReader.Read(context, body);

    public void SetHeaders(IHeaderDictionary headers, string requestId, DateTimeOffset now)
    {
        var reset = now.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        headers["request-id"] = requestId;
        headers["anthropic-organization-id"] = "org-sandbox";
        foreach (var (kind, limit) in (ReadOnlySpan<(string, string)>)[("requests", "4000"), ("tokens", "2400000"), ("input-tokens", "2000000"), ("output-tokens", "400000")])
        {
            headers[$"anthropic-ratelimit-{kind}-limit"] = limit;
            headers[$"anthropic-ratelimit-{kind}-remaining"] = limit;
            headers[$"anthropic-ratelimit-{kind}-reset"] = reset;
        }
    }

    public void WriteError(Utf8JsonWriter json, Refusal refusal, string requestId)
    {
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("type"u8, TypeOf(refusal));
        json.WriteString("message"u8, MessageOf(refusal));
        if (refusal is { DetailsJson: { } details, Fault: null })
        {
            json.WritePropertyName("details"u8);
            json.WriteRawValue(details);
        }

        json.WriteEndObject();
        json.WriteString("request_id"u8, requestId);
        json.WriteEndObject();
    }

    public void WriteWhole(Utf8JsonWriter json, Reply reply) => MessagesAnswerWriter.Write(json, reply);

    public Task WriteStreamAsync(EventSink sink, Reply reply) => new MessagesStreamWriter(sink, reply).WriteAsync();

    public ValueTask WriteErrorEventAsync(EventSink sink, Refusal refusal, Reply reply)
    {
        WriteError(sink.Begin("error"u8), refusal, reply.RequestId);
        return sink.SendAsync();
    }

    public void WriteCount(Utf8JsonWriter json, int inputTokens)
    {
        json.WriteStartObject();
        json.WriteNumber("input_tokens"u8, inputTokens);
        json.WriteEndObject();
    }

    private static string TypeOf(Refusal refusal) => refusal.Status switch
    {
        401 => "authentication_error",
        402 => "billing_error",
        403 => "permission_error",
        404 => "not_found_error",
        409 => "conflict_error",
        413 => "request_too_large",
        429 => "rate_limit_error",
        504 => "timeout_error",
        529 or 503 => "overloaded_error",
        >= 500 => "api_error",
        _ => "invalid_request_error",
    };

    /// <summary>Staged faults are worded for Chat; these are Anthropic's own words, which agents match on.</summary>
    private static string MessageOf(Refusal refusal) => (refusal.Fault, refusal.Status) switch
    {
        ("context-length", _) => Numbers(refusal.DetailsJson!) is var (tokens, most) ? $"prompt is too long: {tokens} tokens > {most} maximum" : "",
        ("content-filter", _) => "Output blocked by content filtering policy",
        ("401", _) => "invalid x-api-key",
        ("402", _) => "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.",
        ("500", _) => "Internal server error",
        ("503", _) => "Overloaded",
        _ => refusal.Message,
    };

    private static (int Tokens, int Most) Numbers(string details)
    {
        using var document = JsonDocument.Parse(details);
        return (document.RootElement.GetProperty("input_tokens").GetInt32(), document.RootElement.GetProperty("tokens_max").GetInt32());
    }
}
