using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams;

/// <summary>Chooses where and in which protocol an upstream is asked.</summary>
public static class UpstreamProtocols
{
    // Where the client's own is not spoken, the richer one first.
    private static readonly Protocol[] Preferred = [Protocol.AnthropicMessages, Protocol.OpenAIResponses, Protocol.Gemini, Protocol.OpenAIChat, Protocol.BedrockConverse];

    /// <summary>The endpoint for a client of <paramref name="protocol"/>: the same protocol where it is spoken, since nothing is lost then. Null where there is none.</summary>
    public static EndpointConfig? ChooseFor(UpstreamConfig upstream, Protocol protocol)
    {
        if (upstream.EndpointFor(protocol) is { } same)
            return same;
        foreach (var other in Preferred)
        {
            if (upstream.EndpointFor(other) is { } endpoint)
                return endpoint;
        }

        return null;
    }
}
