using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Formats;

/// <summary>The protocols that Trivet speaks.</summary>
internal static class WireFormats
{
    private static readonly IWireFormat[] Formats = [new OpenAIChatFormat(), new OpenAIResponsesFormat(), new AnthropicMessagesFormat(), new GeminiFormat()];

    /// <summary>A protocol that is spoken.</summary>
    public static IWireFormat For(Protocol protocol) => Formats[(int)protocol];

    /// <summary>The protocol's name in configuration, records and metrics.</summary>
    public static string NameOf(Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => "openai-chat",
        Protocol.OpenAIResponses => "openai-responses",
        Protocol.AnthropicMessages => "anthropic-messages",
        _ => "gemini",
    };
}
