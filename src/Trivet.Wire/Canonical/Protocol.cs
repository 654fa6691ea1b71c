namespace Trivet.Wire.Canonical;

/// <summary>A wire format that clients speak to Trivet and Trivet speaks to upstreams.</summary>
public enum Protocol : byte
{
    /// <summary>OpenAI Chat Completions: <c>POST …/chat/completions</c>.</summary>
    OpenAIChat,

    /// <summary>OpenAI Responses: <c>POST …/responses</c>.</summary>
    OpenAIResponses,

    /// <summary>Anthropic Messages: <c>POST …/v1/messages</c>.</summary>
    AnthropicMessages,

    /// <summary>Gemini: <c>POST …/models/{model}:generateContent</c>.</summary>
    Gemini,
}
