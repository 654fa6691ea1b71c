namespace Trivet.Wire.Canonical;

/// <summary>A wire format that clients and upstreams speak.</summary>
public enum Protocol : byte
{
    /// <summary>OpenAI Chat Completions: <c>POST /v1/chat/completions</c>.</summary>
    OpenAIChat,

    /// <summary>OpenAI Responses: <c>POST /v1/responses</c>.</summary>
    OpenAIResponses,

    /// <summary>Anthropic Messages: <c>POST /v1/messages</c>.</summary>
    AnthropicMessages,

    /// <summary>Gemini: <c>POST /v1beta/models/{model}:generateContent</c>.</summary>
    Gemini,
}
