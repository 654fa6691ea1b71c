using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Trivet.Core.Relay.Attempts;
using Trivet.Tests.Wire.CrossProtocol;
using Trivet.Wire.BedrockConverse;
using Trivet.Wire.BedrockConverse.Answers;
using Trivet.Wire.BedrockConverse.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Tests.Wire.BedrockConverse;

public sealed class BedrockConverseAnswerTests
{
    public static TheoryData<string> Wholes { get; } = Corpus.Ids("bedrock-converse", exchange => exchange is { Status: 200, ResponseBody: not null });

    public static TheoryData<string> Streams { get; } = Corpus.Ids("bedrock-converse", exchange => exchange.EventStream is not null);

    [Theory]
    [MemberData(nameof(Wholes))]
    public void A_recorded_answer_means_the_same_in_every_protocol(string id) => AssertTold(Read(Encoding.UTF8.GetString(Corpus.Get(id).ResponseBody!)));

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_is_read_alike_however_it_is_cut_and_means_the_same_in_every_protocol(string id)
    {
        var recorded = Corpus.Get(id).EventStream!;
        var whole = await FoldAsync(recorded, recorded.Length);
        Assert.True(whole.IsComplete);
        AssertTold(whole.Response);
        foreach (var length in (int[])[1, 7, 64])
            AssertSame(whole.Response, (await FoldAsync(recorded, length)).Response);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public async Task A_recorded_stream_that_breaks_off_is_an_error(string id)
    {
        var recorded = Corpus.Get(id).EventStream!;
        Assert.Equal("upstream_stream_truncated", (await FoldAsync(recorded[..(recorded.Length / 3)], 50)).Error!.Code);
    }

    [Fact]
    public void Thoughts_calls_and_tokens_are_read()
    {
        var response = Read("""
            {"output":{"message":{"role":"assistant","content":[{"reasoningContent":{"reasoningText":{"text":"t","signature":"s"}}},{"reasoningContent":{"redactedContent":"cg=="}},{"text":"a"},
            {"toolUse":{"toolUseId":"id","name":"f","input":{"x":1}}}]}},"stopReason":"tool_use","usage":{"inputTokens":2,"outputTokens":5,"cacheReadInputTokens":3,"cacheWriteInputTokens":7,"totalTokens":17}}
            """);
        var thoughts = Assert.IsType<ReasoningBlock>(response.Blocks[0]);
        Assert.Equal(("t", "s"), (thoughts.Text.ToString(), thoughts.Signature.ToString()));
        Assert.Equal((true, "cg=="), (((ReasoningBlock)response.Blocks[1]).IsRedacted, ((ReasoningBlock)response.Blocks[1]).Encrypted.ToString()));
        var call = Assert.IsType<ToolCallBlock>(response.Blocks[3]);
        Assert.Equal(("id", "f", """{"x":1}"""), (call.Id.ToString(), call.Name.ToString(), Encoding.UTF8.GetString(call.Arguments.Span)));
        Assert.Equal(new Usage { InputUncached = 2, CacheRead = 3, CacheWrite5m = 7, OutputText = 5 }, response.Usage);
    }

    [Theory]
    [InlineData("end_turn", StopReason.EndTurn)]
    [InlineData("tool_use", StopReason.ToolCalls)]
    [InlineData("max_tokens", StopReason.MaxTokens)]
    [InlineData("stop_sequence", StopReason.StopSequence)]
    [InlineData("guardrail_intervened", StopReason.ContentFilter)]
    [InlineData("content_filtered", StopReason.ContentFilter)]
    [InlineData("model_context_window_exceeded", StopReason.ContextWindow)]
    public void Every_documented_stop_reason_is_known(string word, StopReason reason) =>
        Assert.Equal(reason, Read($$$"""{"output":{"message":{"role":"assistant","content":[{"text":"a"}]}},"stopReason":"{{{word}}}"}""").StopReason);

    [Theory]
    [InlineData("malformed_tool_use")]
    [InlineData("malformed_model_output")]
    public async Task An_answer_that_the_model_spoilt_is_an_error_whole_and_streamed(string word)
    {
        Assert.False(BedrockConverseResponseReader.TryRead(Encoding.UTF8.GetBytes($$$"""{"output":{"message":{"role":"assistant","content":[]}},"stopReason":"{{{word}}}"}"""), BedrockConverseDialect.Default, out _, out var error));
        Assert.Equal("upstream_" + word, error!.Code);
        foreach (var door in WireDoor.All)
        {
            var output = new ArrayBufferWriter<byte>();
            await FeedAsync(Frame("event", "messageStop", $$"""{"stopReason":"{{word}}"}"""), door.StreamWriter(output, new LossList()));
            Assert.Contains("error", Encoding.UTF8.GetString(output.WrittenSpan));
        }
    }

    [Fact]
    public async Task A_tool_that_Bedrock_runs_itself_is_no_call_of_the_clients()
    {
        var whole = Read("""
            {"output":{"message":{"role":"assistant","content":[{"toolUse":{"toolUseId":"s","name":"nova_grounding","input":{},"type":"server_tool_use"}},{"toolResult":{"toolUseId":"s","content":[]}},{"text":"a"}]}},"stopReason":"end_turn"}
            """);
        Assert.Equal(["toolUse", "toolResult"], whole.Blocks.OfType<OpaqueBlock>().Select(block => block.Type));
        Assert.Equal(StopReason.EndTurn, whole.StopReason);

        var (folder, unsaid) = (new ResponseFolder(Protocol.BedrockConverse), new List<string>());
        byte[] stream =
        [
            .. Frame("event", "contentBlockStart", """{"contentBlockIndex":0,"start":{"toolUse":{"toolUseId":"s","name":"nova_grounding","type":"server_tool_use"}}}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":0,"delta":{"toolUse":{"input":"{}"}}}"""),
            .. Frame("event", "contentBlockStop", """{"contentBlockIndex":0}"""),
            .. Frame("event", "contentBlockStart", """{"contentBlockIndex":1,"start":{"toolResult":{"toolUseId":"s"}}}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":2,"delta":{"text":"a"}}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":2,"delta":{"citation":{"title":"t"}}}"""),
            .. Frame("event", "messageStop", """{"stopReason":"end_turn"}"""),
        ];
        unsaid.AddRange(await FeedAsync(stream, folder));
        Assert.Equal(["content.toolResult"], unsaid);
        Assert.Equal("toolUse", Assert.IsType<OpaqueBlock>(folder.Response.Blocks[0]).Type);
        var cited = Assert.IsType<TextBlock>(folder.Response.Blocks[1]);
        Assert.Equal(("a", """[{"title":"t"}]"""), (cited.Text.ToString(), Encoding.UTF8.GetString(cited.Citations.Utf8.Span)));
        Assert.Equal(StopReason.EndTurn, folder.Response.StopReason);
    }

    [Theory]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"output":null}""")]
    [InlineData("""{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException"},"Version":"1.0"}""")]
    public void What_is_no_answer_is_an_error(string body)
    {
        Assert.False(BedrockConverseResponseReader.TryRead(Encoding.UTF8.GetBytes(body), BedrockConverseDialect.Default, out var response, out var error));
        Assert.Equal((null, "upstream_invalid_response"), (response, error!.Code));
    }

    [Theory]
    [InlineData(403, "UnrecognizedClientException:http://internal.amazon.com/coral/com.amazon.coral.service/", ErrorClass.Authentication)]
    [InlineData(403, "AccessDeniedException", ErrorClass.PermissionDenied)]
    [InlineData(429, "ThrottlingException", ErrorClass.RateLimited)]
    [InlineData(400, "ServiceQuotaExceededException", ErrorClass.RateLimited)]
    [InlineData(408, "ModelTimeoutException", ErrorClass.Timeout)]
    [InlineData(400, "com.amazon.bedrock#ValidationException", ErrorClass.InvalidRequest)]
    public void The_kind_of_an_error_stands_in_the_header(int status, string header, ErrorClass expected)
    {
        var error = BedrockConverseErrors.Read(status, """{"message":"m"}"""u8, header);
        Assert.Equal((expected, "m"), (error.Class, error.Message));
        Assert.EndsWith("Exception", error.Type);
    }

    [Fact]
    public async Task A_streams_calls_and_thoughts_are_read_and_an_exception_in_it_is_an_error()
    {
        byte[] begun =
        [
            .. Frame("event", "messageStart", """{"role":"assistant"}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":0,"delta":{"reasoningContent":{"text":"t"}}}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":0,"delta":{"reasoningContent":{"signature":"s"}}}"""),
            .. Frame("event", "contentBlockStop", """{"contentBlockIndex":0}"""),
            .. Frame("event", "contentBlockStart", """{"contentBlockIndex":1,"start":{"toolUse":{"toolUseId":"id","name":"f"}}}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":1,"delta":{"toolUse":{"input":"{\"x\":"}}}"""),
            .. Frame("event", "contentBlockDelta", """{"contentBlockIndex":1,"delta":{"toolUse":{"input":"1}"}}}"""),
        ];
        byte[] ended =
        [
            .. begun,
            .. Frame("event", "contentBlockStop", """{"contentBlockIndex":1}"""),
            .. Frame("event", "messageStop", """{"stopReason":"tool_use"}"""),
            .. Frame("event", "metadata", """{"usage":{"inputTokens":1,"outputTokens":2}}"""),
        ];
        var whole = await FoldAsync(ended, 3);
        Assert.Equal((StopReason.ToolCalls, new Usage { InputUncached = 1, OutputText = 2 }), (whole.Response.StopReason, whole.Response.Usage));
        Assert.Equal(("t", "s"), (((ReasoningBlock)whole.Response.Blocks[0]).Text.ToString(), ((ReasoningBlock)whole.Response.Blocks[0]).Signature.ToString()));
        Assert.Equal("""{"x":1}""", Encoding.UTF8.GetString(((ToolCallBlock)whole.Response.Blocks[1]).Arguments.Span));

        var failed = await FoldAsync([.. begun, .. Frame("exception", "throttlingException", """{"message":"slow down"}""")], 100);
        Assert.Equal((ErrorClass.RateLimited, "slow down"), (failed.Error!.Class, failed.Error.Message));
    }

    [Fact]
    public async Task What_is_no_frame_is_said_to_be_none() =>
        await Assert.ThrowsAsync<InvalidDataException>(() => FoldAsync(Encoding.ASCII.GetBytes("<html>this is no event stream at all</html>"), 100));

    private static void AssertTold(CanonicalResponse response)
    {
        foreach (var door in WireDoor.All)
        {
            AssertSame(response, door.Through(response, new LossList()));
            AssertSame(response, door.Streamed(response, new LossList()));
        }
    }

    private static void AssertSame(CanonicalResponse expected, CanonicalResponse told)
    {
        Assert.Equal(Text(expected), Text(told));
        Assert.Equal(Thoughts(expected), Thoughts(told));
        Assert.Equal(Calls(expected), Calls(told));
        Assert.Equal(expected.Usage?.OutputTotal, told.Usage?.OutputTotal);
        Assert.Equal(expected.Usage?.InputTotal, told.Usage?.InputTotal);
        var isFiltered = expected.StopReason == StopReason.ContentFilter;
        Assert.True(told.StopReason == expected.StopReason || (isFiltered && told.StopReason == StopReason.Refusal), $"{told.StopReason} instead of {expected.StopReason}");
    }

    private static string Text(CanonicalResponse response) => string.Concat(response.Blocks.OfType<TextBlock>().Select(text => text.Text.ToString()));

    private static string Thoughts(CanonicalResponse response) => string.Concat(response.Blocks.OfType<ReasoningBlock>().Select(block => block.Text.ToString()));

    private static string Calls(CanonicalResponse response) =>
        string.Join('\n', response.Blocks.OfType<ToolCallBlock>().Select(call => $"{call.Name} {System.Text.Json.Nodes.JsonNode.Parse(call.Arguments.Span)!.ToJsonString()}"));

    private static CanonicalResponse Read(string body) =>
        BedrockConverseResponseReader.TryRead(Encoding.UTF8.GetBytes(body), BedrockConverseDialect.Default, out var response, out var error) ? response! : throw new InvalidDataException(error!.Message);

    private static async Task<ResponseFolder> FoldAsync(byte[] frames, int pieceLength)
    {
        var folder = new ResponseFolder(Protocol.BedrockConverse);
        await FeedAsync(frames, folder, pieceLength);
        return folder;
    }

    // Returns what the reader had no word for.
    private static async Task<IReadOnlyList<string>> FeedAsync(byte[] frames, IStreamSink sink, int pieceLength = 100)
    {
        await using var body = new EventStreamBody(new Pieces(frames, pieceLength));
        using var events = new MemoryStream();
        await body.CopyToAsync(events, TestContext.Current.CancellationToken);
        var reader = new BedrockConverseStreamReader(sink, BedrockConverseDialect.Default);
        SseFeeding.Feed(events.ToArray(), "whole", reader);
        reader.Complete();
        return reader.Unsaid;
    }

    private static byte[] Frame(string messageType, string kind, string payload)
    {
        byte[] headers = [.. Header(":message-type", messageType), .. Header(messageType == "event" ? ":event-type" : ":exception-type", kind)];
        var frame = new byte[16 + headers.Length + Encoding.UTF8.GetByteCount(payload)];
        BinaryPrimitives.WriteInt32BigEndian(frame, frame.Length);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), headers.Length);
        headers.CopyTo(frame, 12);
        Encoding.UTF8.GetBytes(payload, frame.AsSpan(12 + headers.Length));
        return frame;
    }

    private static byte[] Header(string name, string value) => [(byte)name.Length, .. Encoding.ASCII.GetBytes(name), 7, 0, (byte)value.Length, .. Encoding.ASCII.GetBytes(value)];

    private sealed class Pieces(byte[] bytes, int length) : MemoryStream(bytes)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => base.ReadAsync(buffer[..Math.Min(length, buffer.Length)], cancellationToken);
    }
}
