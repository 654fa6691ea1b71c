using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols.OpenAIChat;

/// <summary>OpenAI Chat Completions, with the variations of its many imitators as styles.</summary>
internal sealed class ChatProtocol : IProtocol
{
    public string Name => "openai-chat";

    public string CallIdPrefix => "call_";

    public string StreamContentType => "text/event-stream; charset=utf-8";

    public string? Credential(HttpRequest request) => OpenAIHeaders.Credential(request);

    public Refusal MissingCredential() => OpenAIHeaders.MissingCredential();

    public Refusal WrongCredential(string credential) => OpenAIHeaders.WrongCredential(credential);

    public string? Model(HttpRequest request, JsonElement body) => body.Str("model");

    public bool IsStream(HttpRequest request, JsonElement body) => body.Bool("stream") ?? false;

    public Ask Read(RequestContext context, JsonElement body) => ChatRequestReader.Read(context, body);

    public void SetHeaders(IHeaderDictionary headers, string requestId, DateTimeOffset now) => OpenAIHeaders.Set(headers, requestId);

    public void WriteError(Utf8JsonWriter json, Refusal refusal, string requestId) => OpenAIErrors.Write(json, refusal);

    public void WriteWhole(Utf8JsonWriter json, Reply reply) => ChatAnswerWriter.Write(json, reply);

    public Task WriteStreamAsync(EventSink sink, Reply reply) => new ChatStreamWriter(sink, reply).WriteAsync();

    public ValueTask WriteErrorEventAsync(EventSink sink, Refusal refusal, Reply reply)
    {
        OpenAIErrors.Write(sink.Begin(), refusal);
        return sink.SendAsync();
    }

    public void WriteCount(Utf8JsonWriter json, int inputTokens) => throw new NotSupportedException("Chat has no token counting.");
}
