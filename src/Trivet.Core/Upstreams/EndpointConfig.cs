using Trivet.Wire.Canonical;

namespace Trivet.Core.Upstreams;

/// <summary>How a credential is put on a request. Flags: some vendors want it in more than one place.</summary>
[Flags]
public enum AuthScheme
{
    /// <summary>No credential is sent (a local server).</summary>
    None = 0,

    /// <summary><c>Authorization: Bearer KEY</c>.</summary>
    Bearer = 1,

    /// <summary><c>x-api-key: KEY</c>.</summary>
    XApiKey = 2,

    /// <summary><c>x-goog-api-key: KEY</c>.</summary>
    XGoogApiKey = 4,

    /// <summary><c>?key=KEY</c> on the URL.</summary>
    QueryKey = 8,
}

/// <summary>Where an upstream speaks one protocol, and how it is told who asks.</summary>
public sealed record EndpointConfig
{
    private readonly Uri? _fixedUrl;

    /// <summary>Makes the endpoint of <paramref name="protocol"/> at <paramref name="baseUri"/>.</summary>
    /// <param name="protocol">What is spoken there.</param>
    /// <param name="baseUri">Absolute http or https address that the protocol's own path is appended to; a query is kept.</param>
    /// <param name="auth">How the credential is sent.</param>
    public EndpointConfig(Protocol protocol, Uri baseUri, AuthScheme auth)
    {
        Protocol = protocol;
        BaseUri = baseUri;
        Auth = auth;
        _fixedUrl = protocol switch
        {
            Protocol.OpenAIChat => Append("/chat/completions"),
            Protocol.OpenAIResponses => Append("/responses"),
            Protocol.AnthropicMessages => Append("/v1/messages"),
            _ => null,
        };
    }

    /// <summary>What is spoken here.</summary>
    public Protocol Protocol { get; }

    /// <summary>The address as configured; the protocol's path is appended to it.</summary>
    public Uri BaseUri { get; }

    /// <summary>How the credential is sent.</summary>
    public AuthScheme Auth { get; }

    /// <summary>The full address of a generation request. Allocates only for Gemini and Bedrock, whose model is part of the path.</summary>
    public Uri UrlFor(string model, bool stream) => _fixedUrl ?? Append(Protocol == Protocol.BedrockConverse
        ? $"/model/{Uri.EscapeDataString(model)}/{(stream ? "converse-stream" : "converse")}"
        : $"{Resource(model)}:{(stream ? "streamGenerateContent?alt=sse" : "generateContent")}");

    /// <summary>The address of another path of the same interface.</summary>
    public Uri UrlOf(string path) => Append(path);

    /// <summary>The address of the protocol's model list.</summary>
    public Uri ModelsUrl => Append(Protocol == Protocol.AnthropicMessages ? "/v1/models" : "/models");

    /// <summary>The address of the token counter, or null where the protocol has none.</summary>
    public Uri? CountTokensUrlFor(string model) => Protocol switch
    {
        Protocol.AnthropicMessages => Append("/v1/messages/count_tokens"),
        Protocol.Gemini => Append($"{Resource(model)}:countTokens"),
        _ => null,
    };

    // Gemini names a model as a resource; a tuned one stands in a collection of its own.
    private static string Resource(string model) =>
        model.StartsWith("tunedModels/", StringComparison.Ordinal) ? "/tunedModels/" + Uri.EscapeDataString(model["tunedModels/".Length..]) : "/models/" + Uri.EscapeDataString(model);

    private Uri Append(string path)
    {
        var query = BaseUri.Query;
        var root = BaseUri.GetLeftPart(UriPartial.Path).TrimEnd('/');
        if (query.Length > 0) path += path.Contains('?', StringComparison.Ordinal) ? "&" + query[1..] : query;
        return new Uri(root + path);
    }
}
