using System.Buffers;
using System.Text;
using Trivet.Tests.Wire.AnthropicMessages;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Recorded answers of one protocol's vendors told to clients of the other: legal, and equal in meaning.</summary>
public sealed class AnswerTests
{
    private static readonly ResponseWriterOptions Options = Streams.Options with { IncludeUsage = true };

    public static TheoryData<string> ChatStreams { get; } = Corpus.Ids("openai-chat", e => e is { Sse: not null, Status: 200 });

    public static TheoryData<string> MessagesStreams { get; } = Corpus.Ids("anthropic-messages", e => e is { Sse: not null, Status: 200 });

    public static TheoryData<string> ChatAnswers { get; } = Corpus.Ids("openai-chat", e => e is { ResponseBody: not null, Status: 200 });

    public static TheoryData<string> MessagesAnswers { get; } = Corpus.Ids("anthropic-messages", e => e is { ResponseBody: not null, Status: 200 });

    [Theory]
    [MemberData(nameof(ChatStreams))]
    public void A_chat_stream_is_legal_and_the_same_for_a_messages_client(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var direct = new ResponseFolder(Protocol.OpenAIChat);
        ReadChat(stream, direct);
        var written = ToMessages(stream);
        var legality = AnthropicMessagesLegality.Check(written);
        Assert.Empty(legality.Violations);
        if (direct.Error is not null)
        {
            Assert.Equal(direct.Error.Message, legality.Error!.Value.GetProperty("message").GetString());
            return;
        }

        AssertSame(direct.Response, Streams.Fold(written).Response);
    }

    [Theory]
    [MemberData(nameof(MessagesStreams))]
    public void A_messages_stream_is_legal_and_the_same_for_a_chat_client(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var direct = Streams.Fold(stream);
        Assert.Null(direct.Error);
        var written = ToChat(stream);
        OpenAIChatLegality.Check(written, usageAsked: true);
        var folder = new ResponseFolder(Protocol.OpenAIChat);
        ReadChat(written, folder);
        Assert.Null(folder.Error);
        AssertSame(direct.Response, folder.Response);
    }

    [Theory]
    [MemberData(nameof(ChatAnswers))]
    public void A_chat_answer_is_the_same_for_a_messages_client_whole_and_streamed(string id)
    {
        if (!OpenAIChatResponseReader.TryRead(Corpus.Get(id).ResponseBody!, OpenAIChatDialect.Default, out var response, out _))
            return; // an error inside a 200
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesResponseWriter.Write(response!, Options, output, new LossList());
        Assert.True(AnthropicMessagesResponseReader.TryRead(output.WrittenMemory, AnthropicMessagesDialect.Default, out var whole, out var error), error?.Message);
        AssertSame(response!, whole!);
        var played = Streams.Write(writer => ResponsePlayer.Play(response!, writer));
        Assert.Empty(AnthropicMessagesLegality.Check(played).Violations);
        AssertSame(response!, Streams.Fold(played).Response);
    }

    [Theory]
    [MemberData(nameof(MessagesAnswers))]
    public void A_messages_answer_is_the_same_for_a_chat_client_whole_and_streamed(string id)
    {
        Assert.True(AnthropicMessagesResponseReader.TryRead(Corpus.Get(id).ResponseBody!, AnthropicMessagesDialect.Default, out var response, out _));
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatResponseWriter.Write(response!, Options, output, new LossList());
        Assert.True(OpenAIChatResponseReader.TryRead(output.WrittenMemory, OpenAIChatDialect.Default, out var whole, out var error), error?.Message);
        AssertSame(response!, whole!);
        output = new ArrayBufferWriter<byte>();
        ResponsePlayer.Play(response!, new OpenAIChatStreamWriter(output, Options, new LossList()));
        OpenAIChatLegality.Check(output.WrittenSpan, usageAsked: true);
        var folder = new ResponseFolder(Protocol.OpenAIChat);
        ReadChat(output.WrittenSpan.ToArray(), folder);
        AssertSame(response!, folder.Response);
    }

    [Fact]
    public async Task Eight_streams_at_a_time_share_nothing()
    {
        var chat = Corpus.All("openai-chat").Where(e => e is { Sse: not null, Status: 200 }).Select(e => e.Sse!).ToList();
        var messages = Corpus.All("anthropic-messages").Where(e => e is { Sse: not null, Status: 200 }).Select(e => e.Sse!).ToList();
        var expected = chat.Select(ToMessages).Concat(messages.Select(ToChat)).Select(Encoding.UTF8.GetString).ToList();
        var jobs = chat.Select(s => (Func<byte[]>)(() => ToMessages(s))).Concat(messages.Select(s => (Func<byte[]>)(() => ToChat(s)))).ToList();
        var actual = new string[jobs.Count];
        for (var round = 0; round < 4; round++)
        {
            await Parallel.ForAsync(0, jobs.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (i, _) =>
            {
                actual[i] = Encoding.UTF8.GetString(jobs[i]());
                return ValueTask.CompletedTask;
            });
            Assert.Equal(expected, actual);
        }
    }

    private static byte[] ToMessages(byte[] stream)
    {
        var output = new ArrayBufferWriter<byte>();
        ReadChat(stream, new AnthropicMessagesStreamWriter(output, Options, new LossList()));
        return output.WrittenSpan.ToArray();
    }

    private static byte[] ToChat(byte[] stream)
    {
        var output = new ArrayBufferWriter<byte>();
        Streams.Read(stream, new OpenAIChatStreamWriter(output, Options, new LossList()));
        return output.WrittenSpan.ToArray();
    }

    private static void ReadChat(byte[] stream, IStreamSink sink)
    {
        var reader = new OpenAIChatStreamReader(sink, OpenAIChatDialect.Default);
        using var sse = new SseReader();
        Assert.True(sse.Feed(stream, reader));
        sse.Complete(reader);
        reader.Complete();
    }

    // Where the vendor reported no usage, the writer estimates: that is no part of the meaning.
    private static void AssertSame(CanonicalResponse expected, CanonicalResponse actual)
    {
        if (expected.Usage is null)
            actual.Usage = null;
        else if (expected.Usage is { InputTotal: 0 } usage)
            actual.Usage = actual.Usage!.Value with { InputUncached = usage.InputUncached };
        Assert.Equal(Meaning.Of(expected), Meaning.Of(actual));
    }
}
