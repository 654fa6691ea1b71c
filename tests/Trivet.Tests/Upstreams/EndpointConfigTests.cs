using Trivet.Core.Upstreams;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Upstreams;

public sealed class EndpointConfigTests
{
    [Theory]
    [InlineData(Protocol.OpenAIChat, "https://x.example/v1", false, "https://x.example/v1/chat/completions")]
    [InlineData(Protocol.OpenAIChat, "https://x.example/v1/", false, "https://x.example/v1/chat/completions")]
    [InlineData(Protocol.OpenAIChat, "https://x.example", false, "https://x.example/chat/completions")]
    [InlineData(Protocol.OpenAIChat, "https://x.example/d?api-version=2026-10-01", false, "https://x.example/d/chat/completions?api-version=2026-10-01")]
    [InlineData(Protocol.OpenAIResponses, "https://x.example/v1", true, "https://x.example/v1/responses")]
    [InlineData(Protocol.AnthropicMessages, "https://x.example/anthropic", true, "https://x.example/anthropic/v1/messages")]
    [InlineData(Protocol.Gemini, "https://x.example/v1beta", false, "https://x.example/v1beta/models/a%2Fb:generateContent")]
    [InlineData(Protocol.Gemini, "https://x.example/v1beta?t=1", true, "https://x.example/v1beta/models/a%2Fb:streamGenerateContent?alt=sse&t=1")]
    public void The_protocols_path_is_appended(Protocol protocol, string address, bool stream, string url) =>
        Assert.Equal(url, new EndpointConfig(protocol, new Uri(address), AuthScheme.Bearer).UrlFor("a/b", stream).AbsoluteUri);

    [Fact]
    public void Token_counter_and_model_list_stand_beside_it()
    {
        var anthropic = new EndpointConfig(Protocol.AnthropicMessages, new Uri("https://x.example"), AuthScheme.XApiKey);
        var chat = new EndpointConfig(Protocol.OpenAIChat, new Uri("https://x.example/v1"), AuthScheme.Bearer);

        Assert.Equal("https://x.example/v1/messages/count_tokens", anthropic.CountTokensUrlFor("m")!.AbsoluteUri);
        Assert.Equal("https://x.example/v1/models", anthropic.ModelsUrl.AbsoluteUri);
        Assert.Equal("https://x.example/v1/models", chat.ModelsUrl.AbsoluteUri);
        Assert.Null(chat.CountTokensUrlFor("m"));
    }

    [Fact]
    public void The_address_is_made_once() =>
        Assert.Same(Chat.UrlFor("a", false), Chat.UrlFor("b", true));

    private static readonly EndpointConfig Chat = new(Protocol.OpenAIChat, new Uri("https://x.example/v1"), AuthScheme.Bearer);
}
