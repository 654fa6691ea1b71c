using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Log;
using Trivet.Sandbox.Protocols;

namespace Trivet.Sandbox.Http;

/// <summary>The model list, in OpenAI's shape or, when the caller sends <c>anthropic-version</c>, in Anthropic's.</summary>
internal static class ModelEndpoints
{
    /// <summary>The names shown; any other name works as well.</summary>
    public static readonly string[] Names =
    [
        "sandbox-large", "sandbox-small", "sandbox-chat", "sandbox-chat-cached", "sandbox-chat-strict", "sandbox-echo", "sandbox-text-60", "sandbox-think", "sandbox-tool",
    ];

    private const long CreatedUnixSeconds = 1_767_225_600;

    public static async Task ListAsync(SandboxState state, HttpContext http)
    {
        var log = LogWriter.Open(state, http, null, null);
        if (Denied(state, http))
        {
            await RefuseAsync(state, http, log);
            return;
        }

        await WriteAsync(http, log, 200, IsAnthropic(http) ? AnthropicList : OpenAIList);
    }

    public static async Task GetAsync(SandboxState state, HttpContext http, string id)
    {
        var log = LogWriter.Open(state, http, null, null);
        if (Denied(state, http))
        {
            await RefuseAsync(state, http, log);
            return;
        }

        if (!id.StartsWith("sandbox-", StringComparison.Ordinal))
        {
            var refusal = new Conversation.Refusal(404, $"The model '{id}' does not exist", "model", "model_not_found");
            await WriteAsync(http, log, 404, json => ProtocolFor(http).WriteError(json, refusal, state.NextRequestId()));
            return;
        }

        await WriteAsync(http, log, 200, json => WriteOne(json, id, IsAnthropic(http)));
    }

    public static Task ListGeminiAsync(SandboxState state, HttpContext http) => WriteAsync(http, LogWriter.Open(state, http, null, null), 200, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("models"u8);
        foreach (var name in Names)
        {
            WriteGemini(json, name);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    public static Task GetGeminiAsync(SandboxState state, HttpContext http, string id)
    {
        var isKnown = id.StartsWith("sandbox-", StringComparison.Ordinal);
        var refusal = new Conversation.Refusal(404, $"models/{id} is not found for API version v1beta, or is not supported for generateContent. Call ModelService.ListModels to see the list of available models and their supported methods.");
        return WriteAsync(http, LogWriter.Open(state, http, null, null), isKnown ? 200 : 404, json =>
        {
            if (isKnown)
            {
                WriteGemini(json, id);
            }
            else
            {
                SandboxServer.Gemini.WriteError(json, refusal, "");
            }
        });
    }

    private static void WriteGemini(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, "models/" + name);
        json.WriteString("version"u8, "sandbox"u8);
        json.WriteString("displayName"u8, "Sandbox: " + name);
        json.WriteString("description"u8, "A scripted sandbox, not a model."u8);
        json.WriteNumber("inputTokenLimit"u8, 1_048_576);
        json.WriteNumber("outputTokenLimit"u8, 65_536);
        json.WriteStartArray("supportedGenerationMethods"u8);
        json.WriteStringValue("generateContent"u8);
        json.WriteStringValue("countTokens"u8);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static bool IsAnthropic(HttpContext http) => http.Request.Headers.ContainsKey("anthropic-version");

    internal static IProtocol ProtocolFor(HttpContext http) => IsAnthropic(http) ? SandboxServer.Messages : SandboxServer.Chat;

    /// <summary>The list is public unless keys were set.</summary>
    private static bool Denied(SandboxState state, HttpContext http) =>
        state.Options.ApiKeys.Count > 0 && !(ProtocolFor(http).Credential(http.Request) is { } credential && state.Options.ApiKeys.Contains(credential));

    private static Task RefuseAsync(SandboxState state, HttpContext http, SandboxLogEntry log)
    {
        var protocol = ProtocolFor(http);
        return WriteAsync(http, log, 401, json => protocol.WriteError(json, protocol.MissingCredential(), state.NextRequestId()));
    }

    private static void OpenAIList(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "list"u8);
        json.WriteStartArray("data"u8);
        foreach (var name in Names)
        {
            WriteOne(json, name, isAnthropic: false);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void AnthropicList(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartArray("data"u8);
        foreach (var name in Names)
        {
            WriteOne(json, name, isAnthropic: true);
        }

        json.WriteEndArray();
        json.WriteBoolean("has_more"u8, false);
        json.WriteString("first_id"u8, Names[0]);
        json.WriteString("last_id"u8, Names[^1]);
        json.WriteEndObject();
    }

    private static void WriteOne(Utf8JsonWriter json, string name, bool isAnthropic)
    {
        json.WriteStartObject();
        if (isAnthropic)
        {
            json.WriteString("type"u8, "model"u8);
            json.WriteString("id"u8, name);
            json.WriteString("display_name"u8, "Sandbox: " + name);
            json.WriteString("created_at"u8, "2026-01-01T00:00:00Z"u8);
        }
        else
        {
            json.WriteString("id"u8, name);
            json.WriteString("object"u8, "model"u8);
            json.WriteNumber("created"u8, CreatedUnixSeconds);
            json.WriteString("owned_by"u8, "sandbox"u8);
        }

        json.WriteEndObject();
    }

    internal static async Task WriteAsync(HttpContext http, SandboxLogEntry? log, int status, Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using (var json = new Utf8JsonWriter(buffer, Json.Writer))
        {
            write(json);
        }

        http.Response.StatusCode = status;
        http.Response.ContentType = "application/json";
        http.Response.ContentLength = buffer.WrittenCount;
        if (log is not null)
        {
            (log.Status, log.IsComplete, log.Finished) = (status, true, log.Time);
        }

        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, http.RequestAborted);
        }
    }
}
