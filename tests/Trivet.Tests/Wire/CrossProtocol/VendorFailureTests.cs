using System.Text;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Answers;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Answers;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>A failure that a vendor tells in words of its own inside a 200 is a failure on every protocol, whether the answer passes through or is translated.</summary>
public sealed class VendorFailureTests
{
    private const string MiniMax = """{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""";
    private const string Zhipu = """{"code":"1305","msg":"The service is overloaded","success":false}""";

    private delegate void ObserveBody(ReadOnlySpan<byte> body, AnswerTap tap);

    private delegate void ObserveEvent(in SseEvent e, AnswerTap tap);

    public static TheoryData<Protocol, string, ErrorClass, string> Failures
    {
        get
        {
            var data = new TheoryData<Protocol, string, ErrorClass, string>();
            foreach (var door in WireDoor.All)
            {
                data.Add(door.Protocol, MiniMax, ErrorClass.Billing, "insufficient balance");
                data.Add(door.Protocol, Zhipu, ErrorClass.RateLimited, "The service is overloaded");
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_whole_answer_that_passes_through(Protocol protocol, string body, ErrorClass kind, string message)
    {
        var tap = new AnswerTap();
        BodyTap(protocol)(Encoding.UTF8.GetBytes(body), tap);
        Assert.False(tap.IsComplete);
        Assert.Equal((kind, message), (tap.Error!.Class, tap.Error.Message));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void An_event_of_a_stream_that_passes_through(Protocol protocol, string data, ErrorClass kind, string message)
    {
        var tap = new AnswerTap();
        SseFeeding.Feed(Encoding.UTF8.GetBytes($"data: {data}\n\n"), "whole", new Observer(EventTap(protocol), tap));
        Assert.Equal((kind, message), (tap.Error!.Class, tap.Error.Message));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void An_event_of_a_stream_that_is_translated(Protocol protocol, string data, ErrorClass kind, string message)
    {
        var folder = new ResponseFolder(protocol);
        var reader = WireDoor.Of(protocol).StreamReader(folder);
        SseFeeding.Feed(Encoding.UTF8.GetBytes($"data: {data}\n\n"), "whole", reader);
        reader.Complete();
        Assert.Equal((kind, message), (folder.Error!.Class, folder.Error.Message));
    }

    [Theory]
    [MemberData(nameof(Failures))]
    public void A_whole_answer_that_is_translated(Protocol protocol, string body, ErrorClass kind, string message)
    {
        var error = ErrorOf(protocol, Encoding.UTF8.GetBytes(body));
        Assert.Equal((kind, message), (error!.Class, error.Message));
    }

    [Theory]
    [InlineData("""{"code":0,"msg":"success"}""")]
    [InlineData("""{"code":200,"message":"ok"}""")]
    [InlineData("""{"heartbeat":1}""")]
    public void An_event_that_says_that_all_is_well_ends_no_stream(string data)
    {
        foreach (var door in WireDoor.All)
        {
            var (tap, folder) = (new AnswerTap(), new ResponseFolder(door.Protocol));
            SseFeeding.Feed(Encoding.UTF8.GetBytes($"data: {data}\n\n"), "whole", new Observer(EventTap(door.Protocol), tap));
            Assert.Null(tap.Error);
            SseFeeding.Feed(Encoding.UTF8.GetBytes($"data: {data}\n\n"), "whole", door.StreamReader(folder));
            Assert.Null(folder.Error);
        }
    }

    [Fact]
    public void A_failure_beside_the_beginning_of_a_message_is_one_too()
    {
        var body = """{"id":"m","type":"message","role":"assistant","content":[],"stop_reason":"end_turn","base_resp":{"status_code":1027,"status_msg":"output new_sensitive"}}"""u8.ToArray();
        var tap = new AnswerTap();
        AnthropicMessagesTap.ObserveBody(body, tap);
        Assert.Equal(ErrorClass.ContentFilter, tap.Error!.Class);
        Assert.Equal(ErrorClass.ContentFilter, ErrorOf(Protocol.AnthropicMessages, body)!.Class);
    }

    [Theory]
    [InlineData("""{"id":"m","type":"message","role":"assistant","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","base_resp":{"status_code":0,"status_msg":"success"}}""", Protocol.AnthropicMessages)]
    [InlineData("""{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop"}],"base_resp":{"status_code":0,"status_msg":""}}""", Protocol.OpenAIChat)]
    [InlineData("""{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"a"}]}],"base_resp":{"status_code":0}}""", Protocol.OpenAIResponses)]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"base_resp":{"status_code":0}}""", Protocol.Gemini)]
    public void An_answer_that_says_how_well_it_went_is_none(string body, Protocol protocol)
    {
        var tap = new AnswerTap();
        BodyTap(protocol)(Encoding.UTF8.GetBytes(body), tap);
        Assert.Null(tap.Error);
        Assert.True(tap.IsComplete);
        Assert.Null(ErrorOf(protocol, Encoding.UTF8.GetBytes(body)));
    }

    [Theory]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"FINISH_REASON_UNSPECIFIED"}]}""")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"text":"a"}]}}],"promptFeedback":{"blockReason":"BLOCK_REASON_UNSPECIFIED"}}""")]
    public void A_word_of_geminis_that_says_nothing_ends_no_stream(string chunk)
    {
        var tap = new AnswerTap();
        SseFeeding.Feed(Encoding.UTF8.GetBytes($"data: {chunk}\n\n"), "whole", new Observer(GeminiTap.Observe, tap));
        Assert.False(tap.IsComplete);
        var folder = new ResponseFolder(Protocol.Gemini);
        var reader = WireDoor.Gemini.StreamReader(folder);
        SseFeeding.Feed(Encoding.UTF8.GetBytes($"data: {chunk}\n\n"), "whole", reader);
        reader.Complete();
        Assert.Equal("upstream_stream_truncated", folder.Error!.Code);
    }

    private static ObserveBody BodyTap(Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => OpenAIChatTap.ObserveBody,
        Protocol.OpenAIResponses => OpenAIResponsesTap.ObserveBody,
        Protocol.AnthropicMessages => AnthropicMessagesTap.ObserveBody,
        _ => GeminiTap.ObserveBody,
    };

    private static ObserveEvent EventTap(Protocol protocol) => protocol switch
    {
        Protocol.OpenAIChat => OpenAIChatTap.Observe,
        Protocol.OpenAIResponses => OpenAIResponsesTap.Observe,
        Protocol.AnthropicMessages => AnthropicMessagesTap.Observe,
        _ => GeminiTap.Observe,
    };

    private static WireError? ErrorOf(Protocol protocol, byte[] body)
    {
        WireError? error;
        _ = protocol switch
        {
            Protocol.OpenAIChat => OpenAIChatResponseReader.TryRead(body, OpenAIChatDialect.Default, out _, out error),
            Protocol.OpenAIResponses => OpenAIResponsesResponseReader.TryRead(body, OpenAIResponsesDialect.Default, out _, out error),
            Protocol.AnthropicMessages => AnthropicMessagesResponseReader.TryRead(body, AnthropicMessagesDialect.Default, out _, out error),
            _ => GeminiResponseReader.TryRead(body, GeminiDialect.Default, out _, out error),
        };
        return error;
    }

    private sealed class Observer(ObserveEvent observe, AnswerTap tap) : ISseHandler
    {
        public void OnEvent(in SseEvent e) => observe(e, tap);
    }
}
