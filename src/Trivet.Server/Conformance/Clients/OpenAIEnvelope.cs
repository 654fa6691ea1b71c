using System.Text.Json.Nodes;

namespace Trivet.Server.Conformance.Clients;

/// <summary>OpenAI's error envelope, of both of its protocols.</summary>
internal static class OpenAIEnvelope
{
    public static (string? Fault, string Message) Read(JsonNode? body)
    {
        var error = body.Obj()?["error"].Obj();
        var fault = error is null ? "no error object"
            : error["message"].Str().Length == 0 ? "no message"
            : error["type"].Str().Length == 0 ? "no type"
            : !error.ContainsKey("code") || !error.ContainsKey("param") ? "no code or no param"
            : body!.Obj()!.ContainsKey("type") ? "an Anthropic envelope"
            : null;
        return (fault, $"{error?["message"].Str()} {error?["param"].Str()}");
    }
}
