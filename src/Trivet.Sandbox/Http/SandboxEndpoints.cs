using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Log;
using Trivet.Sandbox.Scripts;

namespace Trivet.Sandbox.Http;

/// <summary>The sandbox's own interface under <c>/sandbox</c>: log, scripts, answer key, state.</summary>
internal static class SandboxEndpoints
{
    public static Task LogAsync(SandboxState state, HttpContext http)
    {
        _ = long.TryParse(http.Request.Query["since"], NumberStyles.None, CultureInfo.InvariantCulture, out var since);
        return ModelEndpoints.WriteAsync(http, null, 200, json =>
        {
            json.WriteStartObject();
            json.WriteNumber("last_id"u8, state.Log.LastId);
            json.WriteStartArray("entries"u8);
            foreach (var entry in state.Log.Since(since))
            {
                LogJson.Write(json, entry);
            }

            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    public static Task ClearLogAsync(SandboxState state, HttpContext http)
    {
        state.Log.Clear();
        return DoneAsync(http);
    }

    public static async Task PushScriptAsync(SandboxState state, HttpContext http)
    {
        try
        {
            using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
            var scripts = ScriptReader.Read(document.RootElement);
            state.Scripts.Push(scripts);
            await DoneAsync(http);
        }
        catch (Exception e) when (e is JsonException or FormatException)
        {
            await ModelEndpoints.WriteAsync(http, null, 400, json =>
            {
                json.WriteStartObject();
                json.WriteString("error"u8, e.Message);
                json.WriteEndObject();
            });
        }
    }

    public static async Task PushAnswersAsync(SandboxState state, HttpContext http)
    {
        using var document = await JsonDocument.ParseAsync(http.Request.Body, cancellationToken: http.RequestAborted);
        state.Key.Add(document.RootElement);
        await DoneAsync(http);
    }

    public static Task ClearScriptsAsync(SandboxState state, HttpContext http)
    {
        state.Scripts.Clear();
        return DoneAsync(http);
    }

    public static Task ResetAsync(SandboxState state, HttpContext http)
    {
        state.Reset();
        return DoneAsync(http);
    }

    public static Task StateAsync(SandboxState state, HttpContext http) => ModelEndpoints.WriteAsync(http, null, 200, json =>
    {
        json.WriteStartObject();
        json.WriteString("server"u8, "sandbox"u8);
        json.WriteNumber("seed"u8, state.Options.Seed);
        json.WriteNumber("log_last_id"u8, state.Log.LastId);
        json.WriteStartArray("scripts"u8);
        foreach (var (model, protocol, left) in state.Scripts.List())
        {
            json.WriteStartObject();
            json.WriteString("model"u8, model);
            json.WriteString("protocol"u8, protocol);
            json.WriteNumber("left"u8, left);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartObject("faulty_models"u8);
        foreach (var (model, requests) in state.Faults.Requests())
        {
            json.WriteNumber(model, requests);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    });

    /// <summary><c>GET /</c> and Claude Code's reachability check.</summary>
    public static Task HelloAsync(SandboxState state, HttpContext http) =>
        ModelEndpoints.WriteAsync(http, LogWriter.Open(state, http, null, null), 200, json =>
        {
            json.WriteStartObject();
            json.WriteString("server"u8, "sandbox"u8);
            json.WriteString("message"u8, "This is a sandbox: a scripted vendor for tests, not a model."u8);
            json.WriteEndObject();
        });

    /// <summary>Codex tries a WebSocket first; this answer sends it to plain HTTP at once.</summary>
    public static Task NoWebSocketAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
        return Task.CompletedTask;
    }

    /// <summary>A path that it does not have: what was asked there is in the log all the same.</summary>
    public static async Task NotFoundAsync(SandboxState state, HttpContext http)
    {
        var entry = LogWriter.Open(state, http, null, null);
        if (http.Request.ContentLength is > 0 and var length && length <= state.Options.BodyBytesMax)
            state.Log.KeepBody(entry, await RequestBody.ReadAsync(http, state.Options.BodyBytesMax));
        await ModelEndpoints.WriteAsync(http, entry, 404, json =>
        {
            var refusal = new Conversation.Refusal(404, $"Invalid URL ({http.Request.Method} {http.Request.Path})");
            ModelEndpoints.ProtocolFor(http).WriteError(json, refusal, state.NextRequestId());
        });
    }

    private static Task DoneAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
