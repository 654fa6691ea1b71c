using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.AnthropicMessages;

public sealed class AnthropicMessagesStreamReaderTests
{
    private const string Start = """{"type":"message_start","message":{"id":"msg_1","model":"glm-5.3","usage":{"input_tokens":0,"output_tokens":0}}}""";
    private const string Text = """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}""";
    private const string Delta = """{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hi"}}""";
    private const string Stop = """{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"input_tokens":7,"cache_read_input_tokens":3,"output_tokens":2}}""";

    [Fact]
    public void A_stream_cut_before_its_stop_reason_is_truncated()
    {
        var folder = Fold(Start, Text, Delta);
        Assert.False(folder.IsComplete);
        Assert.Equal("upstream_stream_truncated", folder.Error!.Code);
        Assert.Equal("text Hi ", Streams.Show(folder.Response.Blocks[0]));
    }

    [Fact]
    public void A_stop_reason_and_a_clean_end_are_complete_without_message_stop()
    {
        var folder = Fold(Start, Text, Delta, Stop);
        Assert.True(folder.IsComplete);
        Assert.Equal(StopReason.EndTurn, folder.Response.StopReason);
        Assert.Equal((7L, 3L, 2L), (folder.Response.Usage!.Value.InputUncached, folder.Response.Usage.Value.CacheRead, folder.Response.Usage.Value.OutputText));
    }

    [Fact]
    public void A_broken_delta_is_an_error_and_a_broken_ping_is_none()
    {
        Assert.Equal("upstream_invalid_event", Fold(Start, Text, """{"type":"content_block_delta","index":0,"delta":{"type":"te""").Error!.Code);
        var stream = $"event: message_start\ndata: {Start}\n\nevent: ping\ndata: {{\n\nevent: message_delta\ndata: {Stop}\n\nevent: message_stop\ndata: {{\"type\":\"message_stop\"}}\n\n";
        var folder = new ResponseFolder(Protocol.AnthropicMessages);
        var reader = Streams.Read(Encoding.UTF8.GetBytes(stream), folder);
        Assert.True(folder.IsComplete);
        Assert.Equal(1, reader.MalformedEvents);
    }

    [Theory]
    [InlineData("""{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}""", ErrorClass.Overloaded)]
    [InlineData("""{"error":{"message":"Rate limit","type":"rate_limit_error"}}""", ErrorClass.RateLimited)]
    public void An_error_in_the_stream_ends_it(string error, ErrorClass expected)
    {
        var folder = Fold(Start, Text, Delta, error, Stop);
        Assert.Equal(expected, folder.Error!.Class);
        Assert.False(folder.IsComplete);
    }

    [Fact]
    public void Starts_that_hold_content_and_deltas_without_a_start_are_taken()
    {
        var folder = Fold(
            Start,
            """{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"Hello"}}""",
            """{"type":"content_block_delta","index":1,"delta":{"type":"thinking_delta","thinking":"hm"}}""",
            """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":1}}}""",
            """{"type":"content_block_start","index":3,"content_block":{"type":"tool_use","id":"u","name":"g","input":{ }}}""",
            """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":""}}""",
            """{"type":"content_block_delta","index":3,"delta":{"type":"input_json_delta","partial_json":"{\"b\":2}"}}""",
            Stop);
        Assert.Equal(["text Hello ", "reasoning False hm  ", "call t f {\"a\":1}", "call u g {\"b\":2}"], folder.Response.Blocks.Select(Streams.Show));
    }

    [Fact]
    public void Indices_that_a_vendor_uses_twice_are_two_blocks()
    {
        var folder = Fold(Start, Text, Delta, Text, Delta, Stop);
        Assert.Equal(2, folder.Response.Blocks.Count);
    }

    [Fact]
    public void A_delta_costs_no_memory()
    {
        var reader = new AnthropicMessagesStreamReader(new Silent(), AnthropicMessagesDialect.Default);
        foreach (var e in new[] { Start, Text, Delta })
            reader.OnEvent(new SseEvent { Data = Encoding.UTF8.GetBytes(e), HasData = true });
        var delta = Encoding.UTF8.GetBytes(Delta);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            reader.OnEvent(new SseEvent { Data = delta, HasData = true });
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void A_tap_takes_deltas_behind_the_first_content_without_a_look()
    {
        var tap = new AnswerTap { HasContent = true };
        AnthropicMessagesTap.Observe(new SseEvent { Name = "content_block_delta"u8, Data = "not even json"u8, HasData = true }, tap);
        Assert.Equal(1, tap.EventCount);
        tap.Reset();
        AnthropicMessagesTap.Observe(new SseEvent { Name = "content_block_delta"u8, Data = """{"index":0,"type":"content_block_delta","delta":{"type":"input_json_delta","partial_json":""}}"""u8, HasData = true }, tap);
        Assert.False(tap.HasContent);
        AnthropicMessagesTap.Observe(new SseEvent { Data = """{ "index":0,"type":"content_block_delta","delta":{"type":"text_delta","text":"x"}}"""u8, HasData = true }, tap);
        Assert.True(tap.HasContent);
        AnthropicMessagesTap.Observe(new SseEvent { Data = """{"type":"error","error":{"type":"api_error","message":"m"}}"""u8, HasData = true }, tap);
        Assert.Equal("m", tap.Error!.Message);
    }

    [Theory]
    [InlineData(ErrorClass.ContextLength, "too many", "invalid_request_error", "prompt is too long: too many")]
    [InlineData(ErrorClass.ContextLength, "prompt is too long: 9 > 8", "invalid_request_error", "prompt is too long: 9 > 8")]
    [InlineData(ErrorClass.RateLimited, "slow", "rate_limit_error", "slow")]
    [InlineData(ErrorClass.Billing, "pay", "billing_error", "pay")]
    public void Errors_are_told_in_anthropics_words(ErrorClass errorClass, string message, string type, string expected)
    {
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesErrors.Write(new WireError { Class = errorClass, Message = message }, "req_1", output);
        var body = JsonNode.Parse(output.WrittenSpan)!;
        Assert.Equal(("error", type, expected, "req_1"), (body["type"]!.GetValue<string>(), body["error"]!["type"]!.GetValue<string>(), body["error"]!["message"]!.GetValue<string>(), body["request_id"]!.GetValue<string>()));
        Assert.Equal(expected, AnthropicMessagesErrors.Read(400, output.WrittenSpan).Message);
    }

    [Fact]
    public void Every_error_class_survives_the_way_out_and_back_as_far_as_anthropic_has_a_word_for_it()
    {
        foreach (var errorClass in Enum.GetValues<ErrorClass>())
        {
            var output = new ArrayBufferWriter<byte>();
            AnthropicMessagesErrors.Write(new WireError { Class = errorClass, Message = "m" }, "", output);
            var expected = errorClass is ErrorClass.ContentFilter ? ErrorClass.InvalidRequest : errorClass;
            Assert.Equal(expected, AnthropicMessagesErrors.Read(0, output.WrittenSpan).Class);
        }
    }

    [Fact]
    public void An_unsupported_thread_is_refused_in_the_words_that_make_the_sdk_replay()
    {
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesErrors.Write(new WireError { Class = ErrorClass.InvalidRequest, Message = "m", Code = "thread_unsupported_request" }, "", output);
        Assert.Equal("""{"error_code":"thread_unsupported_request","unsupported":["thread"]}""", JsonNode.Parse(output.WrittenSpan)!["error"]!["details"]!.ToJsonString());
    }

    [Fact]
    public void Models_are_listed_in_both_shapes()
    {
        ModelListing[] models = [new("claude-via-glm-5.3", "GLM 5.3", "zhipu", 1_760_000_000), new("gpt", "GPT", "openai", 0)];
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesModels.Write(models, output);
        var anthropic = JsonNode.Parse(output.WrittenSpan)!;
        Assert.Equal("""{"type":"model","id":"claude-via-glm-5.3","display_name":"GLM 5.3","created_at":"2025-10-09T08:53:20Z"}""", anthropic["data"]![0]!.ToJsonString());
        Assert.Equal(("claude-via-glm-5.3", "gpt", false), (anthropic["first_id"]!.GetValue<string>(), anthropic["last_id"]!.GetValue<string>(), anthropic["has_more"]!.GetValue<bool>()));
        output = new ArrayBufferWriter<byte>();
        OpenAIChatModels.Write(models, output);
        Assert.Equal("""{"id":"gpt","object":"model","created":0,"owned_by":"openai"}""", JsonNode.Parse(output.WrittenSpan)!["data"]![1]!.ToJsonString());
        output = new ArrayBufferWriter<byte>();
        AnthropicMessagesModels.Write([], output);
        Assert.Null(JsonNode.Parse(output.WrittenSpan)!["first_id"]);
    }

    [Fact]
    public void A_token_count_is_written_and_read()
    {
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesTokenCount.Write(42, output);
        Assert.Equal("{\"input_tokens\":42}", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.Equal(42, AnthropicMessagesTokenCount.Read(output.WrittenSpan));
        Assert.Null(AnthropicMessagesTokenCount.Read("<html>"u8));
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"type":"error","error":{"type":"api_error","message":"m"}}""")]
    public void What_is_no_answer_is_an_error(string body)
    {
        Assert.False(AnthropicMessagesResponseReader.TryRead(Encoding.UTF8.GetBytes(body), AnthropicMessagesDialect.Default, out var response, out var error));
        Assert.Null(response);
        Assert.NotNull(error);
    }

    [Fact]
    public void Garbage_breaks_no_reader()
    {
        var random = new Random(7);
        var seeds = new[] { Start, Text, Delta, Stop, """{"type":"content_block_start","index":2,"content_block":{"type":"tool_use","id":"t","name":"f","input":{"a":1}}}""", """{"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","data":"x"}}]}],"tools":[{"name":"f"}],"thinking":{"type":"enabled"}}""" };
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Encoding.UTF8.GetBytes(seeds[random.Next(seeds.Length)]);
            for (var n = random.Next(4); n >= 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)(random.Next(3) == 0 ? random.Next(256) : "{}[],:\"\\0tn"[random.Next(11)]);
            var reader = new AnthropicMessagesStreamReader(new ResponseFolder(Protocol.AnthropicMessages), AnthropicMessagesDialect.Default);
            reader.OnEvent(new SseEvent { Data = Encoding.UTF8.GetBytes(Start), HasData = true });
            reader.OnEvent(new SseEvent { Data = bytes, HasData = true });
            reader.Complete();
            AnthropicMessagesTap.ObserveBody(bytes, new AnswerTap());
            AnthropicMessagesTap.Observe(new SseEvent { Data = bytes, HasData = true }, new AnswerTap());
            AnthropicMessagesResponseReader.TryRead(bytes, AnthropicMessagesDialect.Default, out _, out _);
            AnthropicMessagesScan.TryScan(bytes, new(), out _);
            if (AnthropicMessagesRequestReader.TryRead(bytes, out var request, out _))
            {
                var output = new ArrayBufferWriter<byte>();
                AnthropicMessagesRequestWriter.Write(request!, AnthropicMessagesDialect.Default, "m", output, new LossList());
                using var written = JsonDocument.Parse(output.WrittenMemory);
            }
        }
    }

    private static ResponseFolder Fold(params string[] events) => Streams.Fold(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e}\n\n"))));

    private sealed class Silent : IStreamSink
    {
        public void OnStart(in StreamStart start) { }

        public void OnBlockStart(int block, in BlockStart start) { }

        public void OnTextDelta(int block, ReadOnlySpan<byte> token) { }

        public void OnReasoningDelta(int block, ReadOnlySpan<byte> token) { }

        public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token) { }

        public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value) { }

        public void OnBlockEnd(int block) { }

        public void OnUsage(in Usage usage) { }

        public void OnStop(StopReason reason, string? nativeReason, Trivet.Wire.Json.JsonText stopSequence) { }

        public void OnError(WireError error) { }

        public void OnEnd() { }
    }
}
