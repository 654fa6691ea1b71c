using Trivet.Core.Yaml;
using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams;

/// <summary>Shapes that profiles and configuration share.</summary>
internal static class UpstreamShapes
{
    private static readonly Dictionary<string, AuthScheme> AuthWords = new(StringComparer.Ordinal)
    {
        ["bearer"] = AuthScheme.Bearer,
        ["x-api-key"] = AuthScheme.XApiKey,
        ["x-goog-api-key"] = AuthScheme.XGoogApiKey,
        ["query"] = AuthScheme.QueryKey,
        ["none"] = AuthScheme.None,
    };

    public static Shape<Secret> Secret { get; } = new ScalarShape<Secret>(
        "text that is not empty", text => (text.Trim().Length > 0, new Secret(text.Trim())), () => new() { ["type"] = "string" }, secret: true);

    public static Shape<Protocol> Protocol { get; } = Shapes.Word(ProtocolNames.All);

    public static Shape<AuthScheme> Auth { get; } = new EitherShape<AuthScheme>(
        Shapes.Word(AuthWords),
        new MappedShape<IReadOnlyList<AuthScheme>, AuthScheme>(new ListShape<AuthScheme>(Shapes.Word(AuthWords)), list => list.Aggregate((a, b) => a | b)));

    /// <summary>Protocol → address, or protocol → { url, auth }.</summary>
    public static Shape<EndpointsDraft> Endpoints { get; } = EndpointKeys();

    /// <summary>How a protocol's own vendor wants the key.</summary>
    public static AuthScheme UsualAuth(Protocol protocol) => protocol switch
    {
        Wire.Canonical.Protocol.AnthropicMessages => AuthScheme.XApiKey,
        Wire.Canonical.Protocol.Gemini => AuthScheme.XGoogApiKey,
        _ => AuthScheme.Bearer,
    };

    private static ObjectShape<EndpointsDraft> EndpointKeys()
    {
        var endpoint = new PlacedShape<EndpointDraft>(new EitherShape<EndpointDraft>(
            new MappedShape<Uri, EndpointDraft>(Shapes.HttpUrl, url => new EndpointDraft(url, null)),
            new ObjectShape<EndpointDraft>(() => new EndpointDraft(null, null))
                .Key("url", "Base address; the protocol's own path is appended.", Shapes.HttpUrl, (draft, url) => draft with { Url = url }, required: true)
                .Key("auth", "Where the key goes: bearer, x-api-key, x-goog-api-key, query, none, or a list of them.", Auth, (draft, auth) => draft with { Auth = auth })));
        return new ObjectShape<EndpointsDraft>(() => new EndpointsDraft([]))
            .Key("openai-chat", "OpenAI Chat Completions; /chat/completions is appended.", endpoint, Add(Wire.Canonical.Protocol.OpenAIChat))
            .Key("openai-responses", "OpenAI Responses; /responses is appended.", endpoint, Add(Wire.Canonical.Protocol.OpenAIResponses))
            .Key("anthropic-messages", "Anthropic Messages; /v1/messages is appended.", endpoint, Add(Wire.Canonical.Protocol.AnthropicMessages))
            .Key("gemini", "Gemini; /models/{model}:generateContent is appended.", endpoint, Add(Wire.Canonical.Protocol.Gemini))
            .Key("bedrock-converse", "Amazon Bedrock Converse; /model/{model}/converse is appended.", endpoint, Add(Wire.Canonical.Protocol.BedrockConverse));

        static Func<EndpointsDraft, Placed<EndpointDraft>, EndpointsDraft> Add(Protocol protocol) =>
            (draft, read) => new EndpointsDraft([.. draft.All, (protocol, read)]);
    }
}

/// <summary>An endpoint as written; without <paramref name="Auth"/> the usual place of its protocol counts.</summary>
internal sealed record EndpointDraft(Uri? Url, AuthScheme? Auth);

/// <summary>Endpoints as written, in order.</summary>
internal sealed record EndpointsDraft(IReadOnlyList<(Protocol Protocol, Placed<EndpointDraft> Endpoint)> All);
