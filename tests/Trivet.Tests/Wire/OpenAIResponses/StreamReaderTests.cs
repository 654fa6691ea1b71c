using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Answers;

namespace Trivet.Tests.Wire.OpenAIResponses;

public sealed class StreamReaderTests
{
    private const string Created = """{"type":"response.created","response":{"id":"resp_1","model":"m","created_at":1700000000.0,"status":"in_progress","output":[]}}""";
    private const string Completed = """{"type":"response.completed","response":{"id":"resp_1","model":"m","status":"completed","output":[]}}""";

    [Fact]
    public void Only_the_items_when_done_are_enough()
    {
        var response = Read(
            Created,
            """{"type":"response.output_item.done","item":{"type":"reasoning","id":"rs_1","summary":[{"type":"summary_text","text":"a"},{"type":"summary_text","text":"b"}],"encrypted_content":"ENC"}}""",
            """{"type":"response.output_item.done","item":{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Hi","annotations":[{"type":"url_citation","url":"u"}]}]}}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","id":"fc_1","call_id":"call_1","name":"f","arguments":"{\"a\":1}"}}""",
            Completed);
        Assert.Equal("reasoning False a\n\nb  ENC\ntext Hi [{\"type\":\"url_citation\",\"url\":\"u\"}]\ncall call_1  f Function {\"a\":1}\nToolCalls completed ", Lines(response));
        Assert.True(response.Blocks[0] is ReasoningBlock { IsSummary: true });
        Assert.Equal(("resp_1", "m", 1_700_000_000), (response.Id, response.Model, response.CreatedAt));
    }

    [Fact]
    public void Only_the_whole_answer_at_the_end_is_enough() => Assert.Equal(
        "text Hi \ncall c  f Function {}\nToolCalls completed ",
        Lines(Read("""{"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Hi"}]},{"type":"function_call","call_id":"c","name":"f","arguments":"{}"}]}}""")));

    [Fact]
    public void What_is_said_four_times_is_told_once()
    {
        var response = Read(
            Created,
            """{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1","content":[]}}""",
            """{"type":"response.content_part.added","item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":""}}""",
            """{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"H","obfuscation":"xyz","logprobs":[]}""",
            """{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"i"}""",
            """{"type":"response.output_text.done","item_id":"msg_1","output_index":0,"content_index":0,"text":"Hi"}""",
            """{"type":"response.content_part.done","item_id":"msg_1","output_index":0,"content_index":0,"part":{"type":"output_text","text":"Hi"}}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"Hi"}]}}""",
            """{"type":"response.completed","response":{"id":"resp_1","status":"completed","output":[{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"Hi"}]}]}}""");
        Assert.Equal("text Hi \nEndTurn completed ", Lines(response));
    }

    [Fact]
    public void Ids_that_change_from_event_to_event_do_not_double_the_answer()
    {
        var response = Read(
            """{"type":"response.output_item.added","output_index":0,"item":{"type":"function_call","id":"x1","call_id":"c","name":"f","arguments":""}}""",
            """{"type":"response.function_call_arguments.delta","item_id":"x2","output_index":0,"delta":"{}"}""",
            """{"type":"response.function_call_arguments.done","item_id":"x3","output_index":0,"arguments":"{}"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"x4","call_id":"c","name":"f","arguments":"{}"}}""",
            """{"type":"response.completed","response":{"status":"completed","output":[{"type":"function_call","id":"x5","call_id":"c","name":"f","arguments":"{}"}]}}""");
        Assert.Equal("call c  f Function {}\nToolCalls completed ", Lines(response));
    }

    [Fact]
    public void Parallel_calls_keep_their_own_arguments_when_events_name_the_call_or_nothing()
    {
        // llama.cpp: items without id, deltas that name the call's id, ends that name nothing
        var response = Read(
            """{"type":"response.output_item.added","item":{"type":"function_call","call_id":"fc_a","name":"f","arguments":""}}""",
            """{"type":"response.output_item.added","item":{"type":"function_call","call_id":"fc_b","name":"g","arguments":""}}""",
            """{"type":"response.function_call_arguments.delta","item_id":"fc_b","delta":"{\"b\":"}""",
            """{"type":"response.function_call_arguments.delta","item_id":"fc_a","delta":"{\"a\":1}"}""",
            """{"type":"response.function_call_arguments.delta","item_id":"fc_b","delta":"2}"}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","call_id":"fc_a","name":"f","arguments":"{\"a\":1}"}}""",
            """{"type":"response.output_item.done","item":{"type":"function_call","call_id":"fc_b","name":"g","arguments":"{\"b\":2}"}}""",
            Completed);
        Assert.Equal("call fc_a  f Function {\"a\":1}\ncall fc_b  g Function {\"b\":2}\nToolCalls completed ", Lines(response));
        var nameless = Read(
            """{"type":"response.output_item.added","item":{"type":"function_call","call_id":"a","name":"f","arguments":""}}""",
            """{"type":"response.output_item.added","item":{"type":"function_call","call_id":"b","name":"g","arguments":""}}""",
            """{"type":"response.function_call_arguments.done","arguments":"{\"a\":1}"}""",
            """{"type":"response.function_call_arguments.done","arguments":"{\"b\":2}"}""",
            Completed);
        Assert.Equal("call a  f Function {\"a\":1}\ncall b  g Function {\"b\":2}\nToolCalls completed ", Lines(nameless));
    }

    [Fact]
    public void A_call_that_is_named_only_when_done_has_what_its_deltas_said() => Assert.Equal(
        "call c mcp f Function {\"a\":1}\nToolCalls completed ",
        Lines(Read(
            """{"type":"response.function_call_arguments.delta","item_id":"fc_1","output_index":0,"delta":"{\"a\":1}"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"function_call","id":"fc_1","call_id":"c","name":"f","namespace":"mcp","arguments":"{\"a\":1}"}}""",
            Completed)));

    [Fact]
    public void A_call_that_is_never_named_fails_the_stream()
    {
        var folder = ResponsesStreams.Fold("""{"type":"response.function_call_arguments.delta","delta":"{}"}""", Completed);
        Assert.Equal("upstream_invalid_event", folder.Error!.Code);
    }

    [Fact]
    public void Parts_of_a_summary_are_joined_by_a_blank_line_and_full_thoughts_are_not_doubled_by_it()
    {
        Assert.Equal("reasoning False a\n\nb  \nEndTurn completed ", Lines(Read(
            """{"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":0,"delta":"a"}""",
            """{"type":"response.reasoning_summary_text.done","item_id":"rs","output_index":0,"summary_index":0,"text":"a"}""",
            """{"type":"response.reasoning_summary_part.done","item_id":"rs","output_index":0,"summary_index":0,"part":{"type":"summary_text","text":"a"}}""",
            """{"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":1,"delta":"b"}""",
            Completed)));
        Assert.Equal("reasoning False full  \nEndTurn completed ", Lines(Read(
            """{"type":"response.reasoning_text.delta","item_id":"rs","output_index":0,"content_index":0,"delta":"full"}""",
            """{"type":"response.reasoning_summary_text.delta","item_id":"rs","output_index":0,"summary_index":0,"delta":"short"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"reasoning","id":"rs","summary":[{"type":"summary_text","text":"short"}],"content":[{"type":"reasoning_text","text":"full"}],"encrypted_content":""}}""",
            Completed)));
    }

    [Fact]
    public void A_free_form_call_and_a_refusal_and_the_vendors_own_tools_are_told()
    {
        var response = Read(
            """{"type":"response.output_item.added","output_index":0,"item":{"type":"custom_tool_call","id":"ctc","call_id":"c","name":"apply_patch","input":""}}""",
            """{"type":"response.custom_tool_call_input.delta","item_id":"ctc","output_index":0,"delta":"***"}""",
            """{"type":"response.output_item.done","output_index":0,"item":{"type":"custom_tool_call","id":"ctc","call_id":"c","name":"apply_patch","input":"***"}}""",
            """{"type":"response.refusal.delta","item_id":"msg","output_index":1,"content_index":0,"delta":"No"}""",
            """{"type":"response.refusal.done","item_id":"msg","output_index":1,"content_index":0,"refusal":"No"}""",
            """{"type":"response.web_search_call.searching","item_id":"ws","output_index":2}""",
            """{"type":"response.output_item.done","output_index":2,"item":{"type":"web_search_call","id":"ws","status":"completed"}}""",
            Completed);
        Assert.Equal("call c  apply_patch Custom ***\nrefusal No\nweb_search_call {\"type\":\"web_search_call\",\"id\":\"ws\",\"status\":\"completed\"}\nToolCalls completed ", Lines(response));
    }

    [Fact]
    public void Searches_that_xAI_ran_itself_are_no_calls_for_the_client()
    {
        const string Item = """{"type":"custom_tool_call","id":"ctc","call_id":"xs_call_1","name":"x_keyword_search","input":"{}"}""";
        const string Delta = """{"type":"response.custom_tool_call_input.delta","item_id":"ctc","output_index":0,"delta":"{}"}""";
        foreach (var added in new[] { """{"type":"response.output_item.added","output_index":0,"item":{"type":"custom_tool_call","id":"ctc","call_id":"xs_call_1","name":"x_keyword_search","input":""}}""", "{}" })
        {
            var response = Read(Created, added, Delta, $$"""{"type":"response.output_item.done","output_index":0,"item":{{Item}}}""", Completed);
            Assert.Equal(StopReason.EndTurn, response.StopReason);
            Assert.IsType<OpaqueBlock>(Assert.Single(response.Blocks));
        }
    }

    [Theory]
    [InlineData("max_output_tokens", StopReason.MaxTokens)]
    [InlineData("content_filter", StopReason.ContentFilter)]
    public void An_incomplete_answer_says_why(string reason, StopReason expected)
    {
        var response = Read(
            """{"type":"response.output_text.delta","delta":"x"}""",
            $$"""{"type":"response.incomplete","response":{"status":"incomplete","incomplete_details":{"reason":"{{reason}}"},"output":[],"usage":{"input_tokens":10,"input_tokens_details":{"cached_tokens":4,"cache_write_tokens":1},"output_tokens":7,"output_tokens_details":{"reasoning_tokens":5},"total_tokens":17} } }""");
        Assert.Equal((expected, reason), (response.StopReason, response.NativeStopReason));
        Assert.Equal(new Usage { InputUncached = 5, CacheRead = 4, CacheWrite5m = 1, OutputText = 2, OutputReasoning = 5 }, response.Usage);
    }

    [Theory]
    [InlineData("""{"type":"error","code":"rate_limit_exceeded","message":"slow","param":null,"sequence_number":3}""", ErrorClass.RateLimited)]
    [InlineData("""{"type":"error","sequence_number":3,"error":{"type":"insufficient_quota","code":"insufficient_quota","message":"slow","param":null}}""", ErrorClass.Billing)]
    [InlineData("""{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"server_error","message":"slow"},"output":[]}}""", ErrorClass.Server)]
    [InlineData("""{"type":"response.failed","response":{"id":"r","status":"failed","error":{"code":"invalid_prompt","message":"slow"},"output":[]}}""", ErrorClass.InvalidRequest)]
    [InlineData("""{"type":"response.completed","response":{"id":"r","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"},"output":[]}}""", ErrorClass.RateLimited)]
    [InlineData("""{"error":{"code":429,"message":"slow"}}""", ErrorClass.RateLimited)]
    public void An_error_inside_a_stream_ends_it_once(string e, ErrorClass expected)
    {
        var calls = new List<WireError>();
        var stream = $"data: {Created}\n\ndata: {e}\n\ndata: {{\"type\":\"response.failed\",\"response\":{{\"status\":\"failed\",\"error\":{{\"code\":\"server_error\",\"message\":\"again\"}}}}}}\n\n";
        ResponsesStreams.Read(Encoding.UTF8.GetBytes(stream), new ErrorCounter(calls));
        Assert.Equal(("slow", expected), (Assert.Single(calls).Message, calls[0].Class));
    }

    [Fact]
    public void A_stream_without_its_last_event_was_cut_off_whatever_it_said()
    {
        var folder = ResponsesStreams.Fold(Created, """{"type":"response.output_text.delta","delta":"x"}""");
        Assert.Equal("upstream_stream_truncated", folder.Error!.Code);
        Assert.Equal("upstream_stream_truncated", ResponsesStreams.Fold(Created, "[DONE]").Error!.Code);
        Assert.Equal("upstream_invalid_event", ResponsesStreams.Fold(Created, "{\"type\":\"response.output_text.delta\",\"del").Error!.Code);
        var marked = ResponsesStreams.Fold(Created, """{"type":"response.output_item.done","item":{"type":"message","content":[{"type":"output_text","text":"x"}]}}""", "[DONE]");
        Assert.True(marked.IsComplete);
    }

    [Fact]
    public void Events_of_unknown_types_and_queued_answers_are_waited_out()
    {
        var response = Read("""{"type":"keepalive","sequence_number":0}""", """{"type":"response.queued","response":{"id":"r","status":"queued"}}""", """{"type":"response.newest.thing","delta":"?"}""", """{"type":"response.output_text.delta","delta":"x"}""", Completed);
        Assert.Equal("text x \nEndTurn completed ", Lines(response));
        Assert.Equal("r", response.Id);
    }

    [Theory]
    [InlineData("""{"id":"r","status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"},"output":[]}""", "rate_limit_exceeded")]
    [InlineData("""{"error":{"message":"no","type":"invalid_request_error","code":"x"}}""", "x")]
    [InlineData("""{"id":"r","status":"queued","output":[]}""", "upstream_answer_pending")]
    [InlineData("""{"id":"r","status":"completed","output":[{"type":"function_call","call_id":"c"}]}""", "upstream_invalid_body")]
    [InlineData("{}", "upstream_invalid_body")]
    [InlineData("""{"id":"r","status":"completed","output":[]} trailing""", "upstream_invalid_body")]
    [InlineData("<html>", "upstream_invalid_body")]
    public void A_whole_answer_that_is_none_is_an_error(string body, string code)
    {
        Assert.False(OpenAIResponsesResponseReader.TryRead(Encoding.UTF8.GetBytes(body), OpenAIResponsesDialect.Default, out _, out var error));
        Assert.Equal(code, error!.Code);
    }

    [Fact]
    public void A_broken_event_is_never_half_told()
    {
        var random = new Random(7);
        var sample = $"data: {Created}\n\ndata: {{\"type\":\"response.output_item.done\",\"item\":{{\"type\":\"message\",\"content\":[{{\"type\":\"output_text\",\"text\":\"Hi\"}}]}}}}\n\ndata: {Completed}\n\n";
        for (var i = 0; i < 4000; i++)
        {
            var bytes = Encoding.UTF8.GetBytes(sample);
            for (var n = random.Next(1, 4); n > 0; n--)
                bytes[random.Next(bytes.Length)] = (byte)"\"{}[],:0nt\\x\u00ff"[random.Next(12)];
            var folder = new ResponseFolder(Protocol.OpenAIResponses);
            ResponsesStreams.Read(bytes, folder); // never throws
            Assert.True(folder.IsComplete || folder.Error is not null);
        }
    }

    [Fact]
    public void A_tap_takes_an_event_that_was_cut_off_for_no_error_of_the_vendor()
    {
        var tap = new AnswerTap();
        foreach (var data in new[] { Created, """{"type":"response.output_text.delta","delta":"x"}""", """{"type":"response.output_item.done","item":{"type":"mess""" })
            OpenAIResponsesTap.Observe(new Trivet.Wire.Sse.SseEvent { Data = Encoding.UTF8.GetBytes(data), HasData = true }, tap);
        Assert.Equal((null, true, false), (tap.Error, tap.HasContent, tap.IsComplete));
        OpenAIResponsesTap.Observe(new Trivet.Wire.Sse.SseEvent { Data = """{"type":"error","message":"gone","code":"server_error"}"""u8, HasData = true }, tap);
        Assert.Equal("gone", tap.Error!.Message);
    }

    [Fact]
    public void Errors_have_the_envelope_of_openai()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        OpenAIResponsesErrors.Write(new WireError { Class = ErrorClass.NotFound, Message = "no such model" }, "req_1", output);
        var error = JsonNode.Parse(output.WrittenSpan)!["error"]!;
        Assert.Equal(("no such model", "invalid_request_error", "model_not_found"), ((string?)error["message"], (string?)error["type"], (string?)error["code"]));
    }

    private static CanonicalResponse Read(params string[] events)
    {
        var folder = ResponsesStreams.Fold(events);
        Assert.Null(folder.Error);
        Assert.True(folder.IsComplete);
        return folder.Response;
    }

    private static string Lines(CanonicalResponse response)
    {
        response.Usage = null;
        return ResponsesStreams.Show(response).ReplaceLineEndings("\n");
    }

    private sealed class ErrorCounter(List<WireError> errors) : IStreamSink
    {
        public void OnStart(in StreamStart start)
        {
        }

        public void OnBlockStart(int block, in BlockStart start)
        {
        }

        public void OnTextDelta(int block, ReadOnlySpan<byte> token)
        {
        }

        public void OnReasoningDelta(int block, ReadOnlySpan<byte> token)
        {
        }

        public void OnArgumentsDelta(int block, ReadOnlySpan<byte> token)
        {
        }

        public void OnBlockAttribute(int block, BlockAttribute attribute, ReadOnlySpan<byte> value)
        {
        }

        public void OnBlockEnd(int block)
        {
        }

        public void OnUsage(in Usage usage)
        {
        }

        public void OnStop(StopReason reason, string? nativeReason, Trivet.Wire.Json.JsonText stopSequence) => Assert.Fail("a stop");

        public void OnError(WireError error) => errors.Add(error);

        public void OnEnd() => Assert.Fail("an end");
    }
}
