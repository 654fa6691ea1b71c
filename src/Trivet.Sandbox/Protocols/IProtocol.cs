using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Trivet.Sandbox.Assistant;
using Trivet.Sandbox.Conversation;
using Trivet.Sandbox.Faults;
using Trivet.Sandbox.Streaming;

namespace Trivet.Sandbox.Protocols;

/// <summary>One wire protocol: reads and validates requests as its vendor does, renders answers and errors in its shapes.</summary>
internal interface IProtocol
{
    string Name { get; }

    /// <summary>What the vendor's own tool-call ids begin with.</summary>
    string CallIdPrefix { get; }

    /// <summary>Header names that may carry a credential, in the order they are looked for.</summary>
    string? Credential(HttpRequest request);

    /// <summary>What is missing when there is no credential.</summary>
    Refusal MissingCredential();

    Refusal WrongCredential(string credential);

    string? Model(HttpRequest request, JsonElement body);

    bool IsStream(HttpRequest request, JsonElement body);

    /// <exception cref="Refusal">The request breaks the vendor's rules.</exception>
    Ask Read(RequestContext context, JsonElement body);

    void SetHeaders(IHeaderDictionary headers, string requestId, DateTimeOffset now);

    void WriteError(Utf8JsonWriter json, Refusal refusal, string requestId);

    void WriteWhole(Utf8JsonWriter json, Reply reply);

    Task WriteStreamAsync(EventSink sink, Reply reply);

    /// <summary>An error inside a stream that has begun.</summary>
    ValueTask WriteErrorEventAsync(EventSink sink, Refusal refusal, Reply reply);

    void WriteCount(Utf8JsonWriter json, int inputTokens);

    string StreamContentType { get; }

    /// <summary>The vendor's own variation of a style, such as its line ends.</summary>
    Style Habit(Style style) => style;

    /// <summary>Called once an answer is decided, before it is sent: stateful protocols keep it.</summary>
    void Remember(Reply reply)
    {
    }
}

/// <summary>What a reader needs beside the body.</summary>
internal sealed record RequestContext(HttpRequest Request, ModelName Model, Signatures Signatures, bool IsCount, string Account);
