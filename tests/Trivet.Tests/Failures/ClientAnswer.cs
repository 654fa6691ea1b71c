using System.Text;
using Trivet.Core.Relay.Formats;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Errors;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Failures;

/// <summary>What a client got, read as the protocol says.</summary>
internal sealed class ClientAnswer
{
    private readonly string _client;

    public ClientAnswer(string client, bool isStream, int status, IReadOnlyDictionary<string, string> headers, string body)
    {
        (_client, Status, Headers, Body) = (client, status, headers, body);
        if (status == 200 && isStream)
            ReadStream();
        else if (status == 200)
            ReadWhole();
        else
            Error = ErrorReader.Read(status, Encoding.UTF8.GetBytes(body));
    }

    public int Status { get; }

    public IReadOnlyDictionary<string, string> Headers { get; }

    public string Body { get; }

    public CanonicalResponse? Response { get; private set; }

    /// <summary>The answer says that it is complete.</summary>
    public bool IsComplete { get; private set; }

    public WireError? Error { get; private set; }

    public string Text => string.Concat((Response?.Blocks ?? []).OfType<TextBlock>().Select(block => block.Text.ToString()));

    public override string ToString() => $"{Status} complete={IsComplete} error={Error?.Code}/{Error?.Message} text={Text}\n{Body}";

    /// <summary>The stream keeps its protocol's grammar.</summary>
    public void AssertLegal()
    {
        var bytes = Encoding.UTF8.GetBytes(Body);
        switch (_client)
        {
            case "openai-chat":
                OpenAIChatLegality.Check(bytes, usageAsked: true);
                break;
            case "openai-responses":
                Assert.Empty(OpenAIResponsesLegality.Check(bytes).Violations);
                break;
            case "anthropic-messages":
                Assert.Empty(AnthropicMessagesLegality.Check(bytes).Violations);
                break;
            default:
                GeminiLegality.Check(bytes);
                break;
        }
    }

    private void ReadStream()
    {
        var folder = new ResponseFolder(Protocol.OpenAIChat);
        IStreamReader stream = _client switch
        {
            "openai-chat" => new OpenAIChatStreamReader(folder, OpenAIChatDialect.Default),
            "openai-responses" => new OpenAIResponsesStreamReader(folder, OpenAIResponsesDialect.Default),
            "anthropic-messages" => new AnthropicMessagesStreamReader(folder, AnthropicMessagesDialect.Default),
            _ => new GeminiStreamReader(folder, GeminiDialect.Default),
        };
        using var reader = new SseReader();
        reader.Feed(Encoding.UTF8.GetBytes(Body), stream);
        reader.Complete(stream);
        stream.Complete();
        (Response, IsComplete, Error) = (folder.Response, folder.IsComplete, folder.Error);
    }

    private void ReadWhole()
    {
        var body = Encoding.UTF8.GetBytes(Body);
        var offering = new Core.Snapshots.Offering(new Core.Upstreams.UpstreamConfig { Name = "u", Profile = Core.Upstreams.Vendors.VendorProfiles.Get("custom"), Endpoints = [] }, "m");
        var format = WireFormats.For(_client switch { "openai-chat" => Protocol.OpenAIChat, "openai-responses" => Protocol.OpenAIResponses, "anthropic-messages" => Protocol.AnthropicMessages, _ => Protocol.Gemini });
        IsComplete = format.TryReadResponse(body, offering, out var response, out var error);
        (Response, Error) = (response, error);
    }
}
