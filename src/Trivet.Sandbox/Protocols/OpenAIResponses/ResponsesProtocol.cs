using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Protocols.OpenAIChat;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIResponses;

/// <summary>OpenAI Responses, with stored responses to go on from.</summary>
internal sealed class ResponsesProtocol : IProtocol
{
    private readonly ResponseStore _store = new();

    public string Name => "openai-responses";

    public string CallIdPrefix => "call_";

    public string StreamContentType => "text/event-stream; charset=utf-8";

    public string? Credential(HttpRequest request) => OpenAIHeaders.Credential(request);

    public Refusal MissingCredential() => OpenAIHeaders.MissingCredential();

    public Refusal WrongCredential(string credential) => OpenAIHeaders.WrongCredential(credential);

    public string? Model(HttpRequest request, JsonElement body) => body.Str("model");

    public bool IsStream(HttpRequest request, JsonElement body) => body.Bool("stream") ?? false;

    public Ask Read(RequestContext context, JsonElement body) => ResponsesRequestReader.Read(context, body, _store);

    public void Remember(Reply reply) => _store.Add(reply);

    public void SetHeaders(IHeaderDictionary headers, string requestId, DateTimeOffset now) => OpenAIHeaders.Set(headers, requestId);

    public void WriteError(Utf8JsonWriter json, Refusal refusal, string requestId) => OpenAIErrors.Write(json, refusal);

    public void WriteWhole(Utf8JsonWriter json, Reply reply) => ResponsesAnswerWriter.Write(json, reply, ResponsesStatus.Of(reply.Answer));

    public Task WriteStreamAsync(EventSink sink, Reply reply) => new ResponsesStreamWriter(sink, reply).WriteAsync();

    public async ValueTask WriteErrorEventAsync(EventSink sink, Refusal refusal, Reply reply)
    {
        var json = sink.Begin("error"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "error"u8);
        json.WriteNumber("sequence_number"u8, sink.Sent);
        json.WritePropertyName("error"u8);
        OpenAIErrors.WriteBody(json, refusal);
        json.WriteEndObject();
        await sink.SendAsync();

        json = sink.Begin("response.failed"u8);
        json.WriteStartObject();
        json.WriteString("type"u8, "response.failed"u8);
        json.WriteNumber("sequence_number"u8, sink.Sent);
        json.WriteStartObject("response"u8);
        json.WriteString("id"u8, "resp_" + reply.IdSuffix);
        json.WriteString("object"u8, "response"u8);
        json.WriteString("status"u8, "failed"u8);
        json.WriteStartObject("error"u8);
        json.WriteString("code"u8, refusal.Code ?? "server_error");
        json.WriteString("message"u8, refusal.Message);
        json.WriteEndObject();
        json.WriteNull("incomplete_details"u8);
        json.WriteStartArray("output"u8);
        json.WriteEndArray();
        json.WriteNull("usage"u8);
        json.WriteEndObject();
        json.WriteEndObject();
        await sink.SendAsync();
    }

    public void WriteCount(Utf8JsonWriter json, int inputTokens)
    {
        json.WriteStartObject();
        json.WriteString("object"u8, "response.input_tokens"u8);
        json.WriteNumber("input_tokens"u8, inputTokens);
        json.WriteEndObject();
    }
}
