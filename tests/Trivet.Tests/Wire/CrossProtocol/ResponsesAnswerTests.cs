using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Specs;
using Trivet.Tests.Wire.AnthropicMessages;
using Trivet.Tests.Wire.Legality;
using Trivet.Tests.Wire.OpenAIResponses;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.OpenAIChat.Streams;
using Trivet.Wire.OpenAIResponses.Streams;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Recorded answers of Chat and Messages vendors told to clients of Responses, and the other way: legal, valid, and equal in meaning.</summary>
public sealed class ResponsesAnswerTests
{
    private static readonly ResponseWriterOptions Options = Streams.Options with { IncludeUsage = true };

    public static TheoryData<string> OtherStreams { get; } = Both(e => e is { Sse: not null, Status: 200 });

    public static TheoryData<string> OtherAnswers { get; } = Both(e => e is { ResponseBody: not null, Status: 200 });

    public static TheoryData<string> ResponsesRecordings { get; } = Corpus.Ids("openai-responses", e => e is { Sse: not null, Status: 200 });

    public static TheoryData<string> ResponsesBodies { get; } = Corpus.Ids("openai-responses", e => e is { ResponseBody: not null, Status: 200 });

    [Theory]
    [MemberData(nameof(OtherStreams))]
    public void A_stream_of_another_protocol_is_legal_and_the_same_for_a_responses_client(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var direct = new ResponseFolder(ProtocolOf(id));
        Read(ProtocolOf(id), stream, direct);
        var written = new ArrayBufferWriter<byte>();
        Read(ProtocolOf(id), stream, new OpenAIResponsesStreamWriter(written, Options, new LossList()));
        var legality = OpenAIResponsesLegality.Check(written.WrittenSpan);
        Assert.Empty(legality.Violations);
        Assert.All(legality.Events, AnswerCorpusTests.AssertValid);
        var folder = ResponsesStreams.Fold(written.WrittenSpan);
        if (direct.Error is not null)
        {
            Assert.Equal(direct.Error.Message, (string?)legality.Error!["message"]);
            Assert.Equal((direct.Error.Message, direct.Error.Class), (folder.Error!.Message, folder.Error.Class));
            return;
        }

        AssertSame(direct.Response, folder.Response);
        AssertSame(direct.Response, ResponsesStreams.ReadWhole(Encoding.UTF8.GetBytes(legality.Answer!.ToJsonString())));
    }

    [Theory]
    [MemberData(nameof(OtherAnswers))]
    public void An_answer_of_another_protocol_is_valid_and_the_same_for_a_responses_client_whole_and_streamed(string id)
    {
        if (!TryReadWhole(ProtocolOf(id), Corpus.Get(id).ResponseBody!, out var response))
            return; // an error inside a 200
        var written = ResponsesStreams.WriteWhole(response, options: Options);
        var faults = VendorSpec.OpenAI.Validate("Response", AnswerCorpusTests.OfOurs(JsonNode.Parse(written)!));
        Assert.True(faults.Count == 0, string.Join("; ", faults));
        AssertSame(response, ResponsesStreams.ReadWhole(written));
        var legality = OpenAIResponsesLegality.Check(ResponsesStreams.Write(writer => ResponsePlayer.Play(response, writer), options: Options));
        Assert.Empty(legality.Violations);
        Assert.Null(JsonMeaning.Difference(JsonNode.Parse(written)!["output"], legality.Answer!["output"], "output"));
    }

    [Theory]
    [MemberData(nameof(ResponsesRecordings))]
    public void A_responses_stream_is_legal_and_the_same_for_clients_of_other_protocols(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var direct = ResponsesStreams.Fold(stream);
        Assert.Null(direct.Error);
        var chat = new ArrayBufferWriter<byte>();
        ResponsesStreams.Read(stream, new OpenAIChatStreamWriter(chat, Options, new LossList()));
        OpenAIChatLegality.Check(chat.WrittenSpan, usageAsked: true);
        AssertSame(direct.Response, Fold(Protocol.OpenAIChat, chat.WrittenSpan.ToArray()));
        var messages = new ArrayBufferWriter<byte>();
        ResponsesStreams.Read(stream, new AnthropicMessagesStreamWriter(messages, Options, new LossList()));
        Assert.Empty(AnthropicMessagesLegality.Check(messages.WrittenSpan).Violations);
        AssertSame(direct.Response, Fold(Protocol.AnthropicMessages, messages.WrittenSpan.ToArray()), isWrapped: true);
    }

    [Theory]
    [MemberData(nameof(ResponsesBodies))]
    public void A_responses_answer_is_the_same_for_clients_of_other_protocols(string id)
    {
        var response = ResponsesStreams.ReadWhole(Corpus.Get(id).ResponseBody!);
        var chat = new ArrayBufferWriter<byte>();
        OpenAIChatResponseWriter.Write(response, Options, chat, new LossList());
        Assert.True(TryReadWhole(Protocol.OpenAIChat, chat.WrittenSpan.ToArray(), out var asChat));
        AssertSame(response, asChat);
        var messages = new ArrayBufferWriter<byte>();
        AnthropicMessagesResponseWriter.Write(response, Options, messages, new LossList());
        Assert.True(TryReadWhole(Protocol.AnthropicMessages, messages.WrittenSpan.ToArray(), out var asMessages));
        AssertSame(response, asMessages, isWrapped: true);
    }

    [Fact]
    public async Task Eight_streams_at_a_time_share_nothing()
    {
        var jobs = Corpus.All("openai-chat").Concat(Corpus.All("anthropic-messages")).Where(e => e is { Sse: not null, Status: 200 }).ToList();
        var expected = jobs.Select(ToResponses).ToList();
        var actual = new string[jobs.Count];
        await Parallel.ForAsync(0, jobs.Count * 3, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (i, _) =>
        {
            actual[i % jobs.Count] = ToResponses(jobs[i % jobs.Count]);
            return ValueTask.CompletedTask;
        });
        Assert.Equal(expected, actual);
    }

    private static TheoryData<string> Both(Func<Exchange, bool> fits)
    {
        var ids = Corpus.Ids("openai-chat", fits);
        foreach (var row in Corpus.Ids("anthropic-messages", fits))
            ids.Add(row.Data);
        return ids;
    }

    private static Protocol ProtocolOf(string id) => id.StartsWith("openai-chat", StringComparison.Ordinal) ? Protocol.OpenAIChat : Protocol.AnthropicMessages;

    private static string ToResponses(Exchange exchange)
    {
        var output = new ArrayBufferWriter<byte>();
        Read(ProtocolOf(exchange.Id), exchange.Sse!, new OpenAIResponsesStreamWriter(output, Options, new LossList()));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Read(Protocol protocol, byte[] stream, IStreamSink sink)
    {
        IStreamReader reader = protocol == Protocol.OpenAIChat ? new OpenAIChatStreamReader(sink, OpenAIChatDialect.Default) : new AnthropicMessagesStreamReader(sink, AnthropicMessagesDialect.Default);
        using var sse = new SseReader();
        Assert.True(sse.Feed(stream, reader));
        sse.Complete(reader);
        reader.Complete();
    }

    private static CanonicalResponse Fold(Protocol protocol, byte[] stream)
    {
        var folder = new ResponseFolder(protocol);
        Read(protocol, stream, folder);
        Assert.Null(folder.Error);
        return folder.Response;
    }

    private static bool TryReadWhole(Protocol protocol, byte[] body, out CanonicalResponse response)
    {
        var isRead = protocol == Protocol.OpenAIChat
            ? OpenAIChatResponseReader.TryRead(body, OpenAIChatDialect.Default, out var read, out _)
            : AnthropicMessagesResponseReader.TryRead(body, AnthropicMessagesDialect.Default, out read, out _);
        response = read!;
        return isRead;
    }

    // Where the vendor reported no usage, a writer may estimate it: that is no part of the meaning. Messages wraps the text of a free-form call.
    private static void AssertSame(CanonicalResponse expected, CanonicalResponse actual, bool isWrapped = false)
    {
        if (expected.Usage is null)
            actual.Usage = null;
        else if (expected.Usage is { InputTotal: 0 } usage)
            actual.Usage = actual.Usage!.Value with { InputUncached = usage.InputUncached };
        var says = new CanonicalResponse { Origin = expected.Origin, StopReason = expected.StopReason, Usage = expected.Usage };
        foreach (var block in expected.Blocks)
        {
            says.Blocks.Add(isWrapped && block is ToolCallBlock { Kind: ToolKind.Custom } call
                ? new ToolCallBlock { Id = call.Id, Name = call.Name, Arguments = Encoding.UTF8.GetBytes(new JsonObject { ["input"] = Encoding.UTF8.GetString(call.Arguments.Span) }.ToJsonString()) }
                : block);
        }

        Assert.Equal(Meaning.Of(says), Meaning.Of(actual));
    }
}
