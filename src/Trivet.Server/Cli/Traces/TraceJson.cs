using System.Text.Json;
using Trivet.Core.Failures;
using Trivet.Core.Relay.Metering;
using Trivet.Core.Relay.Payloads;

namespace Trivet.Server.Cli.Traces;

/// <summary>Traces for scripts. Empty text means "does not apply"; null numbers mean "unknown".</summary>
internal static class TraceJson
{
    public static void Write(Utf8JsonWriter json, RequestTrace trace, RecordedPayload? payload = null)
    {
        json.WriteStartObject();
        json.WritePropertyName("request");
        if (trace.Request is { } request)
            Write(json, request);
        else
            json.WriteNullValue();
        json.WriteStartArray("attempts");
        foreach (var attempt in trace.Attempts)
            Write(json, attempt);
        json.WriteEndArray();
        if (payload is not null)
            Write(json, payload);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RecordedPayload payload)
    {
        json.WriteStartObject("payload");
        json.WriteString("sent", payload.Request);
        json.WriteNumber("sent_bytes", payload.RequestBytes);
        json.WriteString("answered", payload.Answer);
        json.WriteNumber("answered_bytes", payload.AnswerBytes);
        json.WriteNumber("expires_ms", payload.ExpiresMs);
        json.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter json, IReadOnlyList<RequestRecord> requests)
    {
        json.WriteStartObject();
        json.WriteStartArray("requests");
        foreach (var request in requests)
            Write(json, request);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, RequestRecord request)
    {
        json.WriteStartObject();
        json.WriteString("id", request.Id);
        json.WriteNumber("started_ms", request.StartedMs);
        json.WriteNumber("duration_ms", request.DurationMs);
        json.WriteString("endpoint", request.Endpoint);
        json.WriteString("client_protocol", request.ClientProtocol);
        json.WriteString("model_asked", request.ModelAsked);
        json.WriteNumber("status", request.Status);
        json.WriteString("error_code", request.ErrorCode);
        json.WriteNumber("attempts", request.Attempts);
        json.WriteString("route_reason", request.RouteReason);
        json.WriteString("lost", request.Lost);
        json.WriteString("organisation", request.Organisation);
        json.WriteString("team", request.Team);
        json.WriteString("key_id", request.KeyId);
        json.WriteString("session_id", request.SessionId);
        json.WriteString("user_agent", request.UserAgent);
        json.WriteString("payload_ref", request.PayloadRef);
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, AttemptRecord attempt)
    {
        json.WriteStartObject();
        json.WriteString("id", attempt.Id);
        json.WriteNumber("ordinal", attempt.Ordinal);
        json.WriteNumber("started_ms", attempt.StartedMs);
        json.WriteNumber("duration_ms", attempt.DurationMs);
        json.WriteNumberOrNull("time_to_first_content_ms", attempt.TimeToFirstContentMs);
        json.WriteString("route", attempt.Route);
        json.WriteString("upstream", attempt.Upstream);
        json.WriteString("credential_id", attempt.CredentialId);
        json.WriteString("upstream_model", attempt.UpstreamModel);
        json.WriteString("model_answered", attempt.ModelAnswered);
        json.WriteString("client_protocol", attempt.ClientProtocol);
        json.WriteString("upstream_protocol", attempt.UpstreamProtocol);
        json.WriteBoolean("streamed", attempt.Streamed);
        json.WriteString("failure", attempt.Failure);
        json.WriteString("failure_code", Enum.TryParse<FailureKind>(attempt.Failure, out var kind) ? FailureTable.For(kind).Code : "");
        json.WriteNumberOrNull("http_status", attempt.HttpStatus);
        json.WriteNumber("input_uncached_tokens", attempt.InputUncachedTokens);
        json.WriteNumber("input_cache_read_tokens", attempt.InputCacheReadTokens);
        json.WriteNumber("input_cache_write_5m_tokens", attempt.InputCacheWrite5mTokens);
        json.WriteNumber("input_cache_write_1h_tokens", attempt.InputCacheWrite1hTokens);
        json.WriteNumber("output_text_tokens", attempt.OutputTextTokens);
        json.WriteNumber("output_reasoning_tokens", attempt.OutputReasoningTokens);
        json.WriteBoolean("estimated", attempt.Estimated);
        json.WriteNumberOrNull("cost_nano", attempt.CostNano);
        json.WriteString("currency", attempt.Currency);
        json.WriteString("price_version", attempt.PriceVersion);
        json.WriteNumberOrNull("price_factor_millionths", attempt.PriceFactorMillionths);
        json.WriteNumberOrNull("list_nano", attempt.ListNano);
        json.WriteString("list_currency", attempt.ListCurrency);
        json.WriteString("unpriced_meters", attempt.UnpricedMeters);
        json.WriteString("service_tier", attempt.ServiceTier);
        json.WriteNumber("output_bytes", attempt.OutputBytes);
        json.WriteString("lost", attempt.Lost);
        json.WriteBoolean("committed", attempt.Committed);
        json.WriteBoolean("client_disconnected", attempt.ClientDisconnected);
        json.WriteString("session_hash", attempt.SessionHash);
        json.WriteEndObject();
    }
}
