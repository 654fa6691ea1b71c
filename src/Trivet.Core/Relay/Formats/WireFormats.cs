using Trivet.Wire.Canonical;

namespace Trivet.Core.Relay.Formats;

/// <summary>The protocols that Trivet speaks.</summary>
internal static class WireFormats
{
    private static readonly IWireFormat[] Formats = [new OpenAIChatFormat(), new OpenAIResponsesFormat(), new AnthropicMessagesFormat(), new GeminiFormat()];
    private static readonly OpenAIPassingFormat Completions = new(RelayOperation.Complete);
    private static readonly OpenAIPassingFormat Embeddings = new(RelayOperation.Embed);
    private static readonly IUpstreamFormat[] UpstreamFormats = [.. Formats, new BedrockConverseFormat()];

    /// <summary>A protocol that clients speak.</summary>
    public static IWireFormat For(Protocol protocol) => Formats[(int)protocol];

    /// <summary>What a client of a protocol wants; anything but a conversation is OpenAI's.</summary>
    public static IWireFormat For(Protocol protocol, RelayOperation operation) => operation switch
    {
        RelayOperation.Complete => Completions,
        RelayOperation.Embed => Embeddings,
        _ => For(protocol),
    };

    /// <summary>A protocol that upstreams speak.</summary>
    public static IUpstreamFormat Upstream(Protocol protocol) => UpstreamFormats[(int)protocol];

    /// <summary>Whether clients speak it, too.</summary>
    public static bool HasClients(Protocol protocol) => (int)protocol < Formats.Length;

    /// <summary>The protocol's name in configuration, records and metrics.</summary>
    public static string NameOf(Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => "openai-chat",
        Protocol.OpenAIResponses => "openai-responses",
        Protocol.AnthropicMessages => "anthropic-messages",
        Protocol.Gemini => "gemini",
        _ => "bedrock-converse",
    };
}
