using System.Collections.Frozen;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams;

/// <summary>The names of protocols in configuration, headers and output.</summary>
public static class ProtocolNames
{
    /// <summary>Name → protocol.</summary>
    public static FrozenDictionary<string, Protocol> All { get; } = new Dictionary<string, Protocol>(StringComparer.Ordinal)
    {
        ["openai-chat"] = Protocol.OpenAIChat,
        ["openai-responses"] = Protocol.OpenAIResponses,
        ["anthropic-messages"] = Protocol.AnthropicMessages,
        ["gemini"] = Protocol.Gemini,
        ["bedrock-converse"] = Protocol.BedrockConverse,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The name of a protocol.</summary>
    public static string Name(this Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => "openai-chat",
        Protocol.OpenAIResponses => "openai-responses",
        Protocol.AnthropicMessages => "anthropic-messages",
        Protocol.Gemini => "gemini",
        Protocol.BedrockConverse => "bedrock-converse",
        _ => throw new ArgumentOutOfRangeException(nameof(protocol)),
    };
}
