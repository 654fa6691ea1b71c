using System.Text.Json;

namespace Trivet.Sandbox.Log;

/// <summary>Writes log entries as <c>GET /sandbox/log</c> shows them.</summary>
internal static class LogJson
{
    public static void Write(Utf8JsonWriter json, SandboxLogEntry entry)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, entry.Id);
        json.WriteString("time"u8, entry.Time);
        json.WriteString("finished"u8, entry.Finished?.ToString("O"));
        json.WriteString("method"u8, entry.Method);
        json.WriteString("path"u8, entry.Path);
        json.WriteString("query"u8, entry.Query);
        json.WriteStartObject("headers"u8);
        foreach (var (name, value) in entry.Headers)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
        json.WriteString("protocol"u8, entry.Protocol);
        json.WriteString("model"u8, entry.Model);
        json.WriteBoolean("stream"u8, entry.IsStream);
        WriteBody(json, entry.Body);
        json.WriteStartArray("asked"u8);
        foreach (var fact in entry.Asked)
        {
            json.WriteStartArray();
            json.WriteStringValue(fact.Name);
            json.WriteStringValue(fact.Value);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartObject("served"u8);
        WriteServed(json, entry);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteServed(Utf8JsonWriter json, SandboxLogEntry entry)
    {
        json.WriteNumber("status"u8, entry.Status);
        json.WriteString("request_id"u8, entry.RequestId);
        json.WriteStartArray("faults"u8);
        foreach (var fault in entry.Faults)
        {
            json.WriteStringValue(fault);
        }

        json.WriteEndArray();
        json.WriteString("error"u8, entry.Error);
        json.WriteString("text"u8, entry.Text);
        json.WriteString("reasoning"u8, entry.Reasoning);
        json.WriteStartArray("tool_calls"u8);
        foreach (var call in entry.ToolCalls)
        {
            json.WriteStartObject();
            json.WriteString("id"u8, call.Id);
            json.WriteString("name"u8, call.Name);
            json.WriteString("arguments"u8, call.Arguments);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteString("stop"u8, entry.Stop);
        WriteUsage(json, entry.Usage);
        json.WriteNumber("events"u8, entry.Events);
        json.WriteNumber("tokens_sent"u8, entry.TokensSent);
        json.WriteBoolean("complete"u8, entry.IsComplete);
        json.WriteBoolean("client_disconnected"u8, entry.DisconnectedAfterEvent is not null);
        if (entry.DisconnectedAfterEvent is { } after)
        {
            json.WriteNumber("disconnected_after_event"u8, after);
        }
    }

    private static void WriteUsage(Utf8JsonWriter json, SandboxUsage? usage)
    {
        if (usage is null)
        {
            json.WriteNull("usage"u8);
            return;
        }

        json.WriteStartObject("usage"u8);
        json.WriteNumber("input"u8, usage.InputTokens);
        json.WriteNumber("cache_read"u8, usage.CacheReadTokens);
        json.WriteNumber("cache_write_5m"u8, usage.CacheWrite5mTokens);
        json.WriteNumber("cache_write_1h"u8, usage.CacheWrite1hTokens);
        json.WriteNumber("output"u8, usage.OutputTokens);
        json.WriteNumber("reasoning"u8, usage.ReasoningTokens);
        json.WriteEndObject();
    }

    private static void WriteBody(Utf8JsonWriter json, ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
        {
            json.WriteNull("body"u8);
            return;
        }

        try
        {
            using var document = JsonDocument.Parse(body);
            json.WritePropertyName("body"u8);
            document.RootElement.WriteTo(json);
        }
        catch (JsonException)
        {
            json.WriteString("body_base64"u8, Convert.ToBase64String(body.Span));
        }
    }
}
