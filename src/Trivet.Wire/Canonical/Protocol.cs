namespace Trivet.Wire.Canonical;

/// <summary>A wire format that upstreams speak, and all but the last clients, too.</summary>
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

    /// <summary>Amazon Bedrock Converse: <c>POST /model/{model}/converse</c>. Spoken to upstreams only: no client of it is served.</summary>
    BedrockConverse,
}
