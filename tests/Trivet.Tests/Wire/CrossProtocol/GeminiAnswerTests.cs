using System.Buffers;
using System.Text;
using Trivet.Tests.Wire.Gemini;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Recorded answers of other protocols' vendors told to Gemini's clients, and Gemini's to theirs: legal, and equal in meaning.</summary>
public sealed class GeminiAnswerTests
{
    private static readonly WireDoor[] Others = [WireDoor.Chat, WireDoor.Responses, WireDoor.Messages];

    public static TheoryData<string> ForeignStreams { get; } = Ids(e => e is { Sse: not null, Status: 200 }, "openai-chat", "openai-responses", "anthropic-messages");

    public static TheoryData<string> ForeignAnswers { get; } = Ids(e => e is { ResponseBody: not null, Status: 200 }, "openai-chat", "openai-responses", "anthropic-messages");

    public static TheoryData<string> GeminiStreams { get; } = Ids(e => e is { Sse: not null, Status: 200 }, "gemini");

    public static TheoryData<string> GeminiWholes { get; } = Ids(e => e is { ResponseBody: not null, Status: 200 }, "gemini");

    [Theory]
    [MemberData(nameof(ForeignStreams))]
    public void A_stream_is_legal_and_the_same_for_a_Gemini_client(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var direct = new ResponseFolder(Protocol.OpenAIChat);
        ReadForeign(id, stream, direct);
        var written = GeminiAnswers.WriteStream(writer => ReadForeign(id, stream, writer));
        var check = GeminiLegality.Check(written, validate: true);
        if (direct.Error is not null)
        {
            Assert.Equal(direct.Error.Message, check.Error!["message"]!.GetValue<string>());
            return;
        }

        AssertSame(direct.Response, GeminiAnswers.Fold(written).Response);
        Assert.Equal(Order(direct.Response), check.Order);
    }

    [Theory]
    [MemberData(nameof(ForeignAnswers))]
    public void An_answer_is_legal_and_the_same_for_a_Gemini_client_whole_and_streamed(string id)
    {
        if (ReadForeign(id) is not { } response)
            return; // an error inside a 200
        var written = GeminiAnswers.Write(response);
        Assert.Equal(Order(response), GeminiLegality.CheckWhole(written, validate: true).Order);
        AssertSame(response, GeminiAnswers.Whole(Encoding.UTF8.GetString(written)));
        var played = GeminiAnswers.WriteStream(writer => ResponsePlayer.Play(response, writer));
        Assert.Equal(Order(response), GeminiLegality.Check(played, validate: true).Order);
        AssertSame(response, GeminiAnswers.Fold(played).Response);
    }

    [Theory]
    [MemberData(nameof(GeminiStreams))]
    public void A_Gemini_stream_is_legal_and_the_same_for_every_other_client(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var direct = GeminiAnswers.Fold(stream).Response;
        AssertTold(direct, sink => GeminiAnswers.Read(stream, sink));
    }

    [Theory]
    [MemberData(nameof(GeminiWholes))]
    public void A_Gemini_answer_is_legal_and_the_same_for_every_other_client(string id)
    {
        var response = GeminiAnswers.Whole(Encoding.UTF8.GetString(Corpus.Get(id).ResponseBody!));
        AssertTold(response, sink => ResponsePlayer.Play(response, sink));
        foreach (var door in Others)
        {
            var output = new ArrayBufferWriter<byte>();
            door.WriteResponse(response, output, new LossList());
            AssertSame(response, door.ReadResponse(output.WrittenMemory));
        }
    }

    [Fact]
    public async Task Eight_streams_at_a_time_share_nothing()
    {
        var jobs = new List<Func<byte[]>>();
        foreach (var exchange in Corpus.All("openai-chat").Concat(Corpus.All("anthropic-messages")).Where(e => e is { Sse: not null, Status: 200 }))
            jobs.Add(() => GeminiAnswers.WriteStream(writer => ReadForeign(exchange.Id, exchange.Sse!, writer)));
        foreach (var exchange in Corpus.All("gemini").Where(e => e is { Sse: not null, Status: 200 }))
            jobs.Add(() => ToMessages(sink => GeminiAnswers.Read(exchange.Sse!, sink)));
        var expected = jobs.Select(job => Encoding.UTF8.GetString(job())).ToList();
        var actual = new string[jobs.Count];
        await Parallel.ForAsync(0, jobs.Count, new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = TestContext.Current.CancellationToken }, (i, _) =>
        {
            actual[i] = Encoding.UTF8.GetString(jobs[i]());
            return ValueTask.CompletedTask;
        });
        Assert.Equal(expected, actual);
    }

    private static void AssertTold(CanonicalResponse expected, Action<IStreamSink> tell)
    {
        foreach (var door in Others)
        {
            var output = new ArrayBufferWriter<byte>();
            tell(door.StreamWriter(output, new LossList()));
            AssertLegal(door.Protocol, output.WrittenSpan);
            var folder = new ResponseFolder(door.Protocol);
            Read(door, output.WrittenSpan.ToArray(), folder);
            AssertSame(expected, folder.Response);
        }
    }

    private static void AssertLegal(Protocol protocol, ReadOnlySpan<byte> stream)
    {
        if (protocol == Protocol.OpenAIChat)
            OpenAIChatLegality.Check(stream, usageAsked: true);
        else if (protocol == Protocol.OpenAIResponses)
            Assert.Empty(OpenAIResponsesLegality.Check(stream).Violations);
        else
            Assert.Empty(AnthropicMessagesLegality.Check(stream).Violations);
    }

    private static byte[] ToMessages(Action<IStreamSink> tell)
    {
        var output = new ArrayBufferWriter<byte>();
        tell(WireDoor.Messages.StreamWriter(output, new LossList()));
        return output.WrittenSpan.ToArray();
    }

    private static WireDoor DoorOf(string id) =>
        id.StartsWith("openai-chat", StringComparison.Ordinal) ? WireDoor.Chat : id.StartsWith("openai-responses", StringComparison.Ordinal) ? WireDoor.Responses : WireDoor.Messages;

    private static void ReadForeign(string id, byte[] stream, IStreamSink sink) => Read(DoorOf(id), stream, sink);

    private static void Read(WireDoor door, byte[] stream, IStreamSink sink)
    {
        var reader = door.StreamReader(sink);
        SseFeeding.Feed(stream, "whole", reader);
        reader.Complete();
    }

    private static CanonicalResponse? ReadForeign(string id)
    {
        try
        {
            return DoorOf(id).ReadResponse(Corpus.Get(id).ResponseBody!);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static List<string> Order(CanonicalResponse response)
    {
        var order = new List<string>();
        foreach (var block in response.Blocks)
        {
            var kind = block switch
            {
                TextBlock { Text.IsEmpty: false } or RefusalBlock { Text.IsEmpty: false } => "text",
                ReasoningBlock { Text.IsEmpty: false } => "thought",
                ToolCallBlock => "call",
                OpaqueBlock { Type: "image_generation_call" or "image_url" or "inlineData" } => "inlineData",
                _ => "",
            };
            if (kind.Length > 0 && (order.Count == 0 || order[^1] != kind || kind == "call"))
                order.Add(kind);
        }

        return order;
    }

    // Where the vendor reported no usage, Messages needs an estimate: that is no part of the meaning.
    private static void AssertSame(CanonicalResponse expected, CanonicalResponse actual)
    {
        if (expected.Usage is null)
            actual.Usage = null;
        Assert.Equal(Meaning.Of(expected), Meaning.Of(actual));
    }

    private static TheoryData<string> Ids(Func<Exchange, bool> fits, params string[] protocols)
    {
        var ids = new TheoryData<string>();
        foreach (var row in protocols.SelectMany(p => Corpus.Ids(p, fits)))
            ids.Add(row.Data);
        return ids;
    }
}
