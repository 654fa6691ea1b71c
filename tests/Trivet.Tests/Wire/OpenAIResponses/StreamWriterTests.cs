using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.AnthropicMessages;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.OpenAIResponses.Requests;
using Trivet.Wire.OpenAIResponses.Streams;

namespace Trivet.Tests.Wire.OpenAIResponses;

public sealed class StreamWriterTests
{
    [Fact]
    public void Whatever_the_calls_the_stream_is_legal_and_valid()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var stream = ResponsesStreams.Write(writer =>
            {
                for (var n = random.Next(0, 60); n > 0; n--)
                    AnyCall(writer, random);
                if (random.Next(8) == 0)
                    writer.OnError(new WireError { Class = (ErrorClass)random.Next(12), Message = "x" });
                writer.OnEnd();
            });
            var check = OpenAIResponsesLegality.Check(stream);
            Assert.Equal([], check.Violations.Select(v => $"seed {seed}: {v}"));
            if (seed % 30 == 0)
                Assert.All(check.Events, AnswerCorpusTests.AssertValid);
        }
    }

    [Fact]
    public void Parallel_calls_that_interleave_come_one_after_the_other_with_their_own_arguments()
    {
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            Call(writer, 0, "call_a", "first");
            Call(writer, 1, "call_b", "second");
            writer.OnArgumentsDelta(1, Streams.Token("{\"b\":"));
            writer.OnArgumentsDelta(0, Streams.Token("{\"a\":"));
            writer.OnArgumentsDelta(1, Streams.Token("2}"));
            writer.OnArgumentsDelta(0, Streams.Token("1}"));
            writer.OnBlockEnd(1);
            writer.OnBlockEnd(0);
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], check.Items.Select(i => (string?)i.Done!["arguments"]));
        Assert.Equal(["call_a", "call_b"], check.Items.Select(i => (string?)i.Done!["call_id"]));
        Assert.Equal("response.completed", check.LastType);
    }

    [Fact]
    public void A_call_whose_arguments_are_whole_lets_the_next_item_in_at_once()
    {
        var written = ResponsesStreams.Write(writer =>
        {
            Call(writer, 0, "a", "f");
            writer.OnArgumentsDelta(0, Streams.Token("{\"x\":[\"}\"]}"));
            Call(writer, 1, "b", "g");
        });
        Assert.Contains("\"call_id\":\"b\"", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_that_is_not_whole_keeps_the_next_one_waiting_until_it_is()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new OpenAIResponsesStreamWriter(output, ResponsesStreams.Options, new LossList());
        Call(writer, 0, "a", "f");
        writer.OnArgumentsDelta(0, Streams.Token("{\"x\":"));
        Call(writer, 1, "b", "g");
        Assert.DoesNotContain("\"call_id\":\"b\"", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
        writer.OnArgumentsDelta(0, Streams.Token("1}"));
        Assert.Contains("\"call_id\":\"b\"", Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void Texts_that_follow_each_other_are_parts_of_one_message()
    {
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, Streams.Token("one "));
            writer.OnBlockEnd(0);
            writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.Refusal });
            writer.OnTextDelta(1, Streams.Token("no"));
            writer.OnBlockEnd(1);
            Call(writer, 2, "a", "f");
            writer.OnBlockEnd(2);
            writer.OnBlockStart(3, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(3, Streams.Token("two"));
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Equal(["message", "function_call", "message"], check.Items.Select(i => i.Type));
        Assert.Equal(["output_text", "refusal"], check.Items[0].Parts.Select(p => (string?)p["type"]));
        Assert.Equal("{}", (string?)check.Items[1].Done!["arguments"]);
    }

    [Fact]
    public void Thoughts_are_a_summary_that_carries_the_mark_of_their_origin()
    {
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning });
            writer.OnReasoningDelta(0, Streams.Token("h"));
            writer.OnReasoningDelta(0, Streams.Token("m"));
            writer.OnBlockEnd(0);
            writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(1, Streams.Token("Yes."));
            Stop(writer, StopReason.EndTurn);
        });
        Assert.Equal("hm", (string?)check.Items[0].Done!["summary"]![0]!["text"]);
        Assert.Equal(ForeignSignature.Make("deepseek"), (string?)check.Items[0].Done!["encrypted_content"]);
        var unmarked = ResponsesStreams.WriteLegal(
            writer =>
            {
                writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning });
                writer.OnReasoningDelta(0, Streams.Token("h"));
                writer.OnEnd();
            },
            options: ResponsesStreams.Options with { ReasoningOrigin = "" });
        Assert.Null(unmarked.Items[0].Done!["encrypted_content"]);
    }

    [Fact]
    public void Ciphertext_of_a_responses_vendor_goes_on_and_that_of_another_does_not()
    {
        var losses = new LossList();
        var check = ResponsesStreams.WriteLegal(
            writer =>
            {
                writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning, Id = "rs_9", Origin = Protocol.OpenAIResponses });
                writer.OnBlockAttribute(0, BlockAttribute.Encrypted, "\"gAAA\""u8);
                writer.OnBlockEnd(0);
                writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.RedactedReasoning, Origin = Protocol.AnthropicMessages });
                writer.OnBlockAttribute(1, BlockAttribute.Encrypted, "\"EroB\""u8);
                writer.OnBlockEnd(1);
                Stop(writer, StopReason.EndTurn);
            },
            losses);
        Assert.Equal("gAAA", (string?)Assert.Single(check.Items).Done!["encrypted_content"]);
        Assert.Equal("rs_9", check.Items[0].Id);
        Assert.Contains(OpenAIResponsesLosses.AnswerEncrypted, losses.Rules);
    }

    [Fact]
    public void A_free_form_call_keeps_its_text_and_a_namespaced_one_its_namespace()
    {
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.ToolCall, Id = "c1", Name = "apply_patch", ToolKind = ToolKind.Custom });
            writer.OnArgumentsDelta(0, Streams.Token("*** Begin\n"));
            writer.OnArgumentsDelta(0, Streams.Token("\"x\""));
            writer.OnBlockEnd(0);
            writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.ToolCall, Id = "c2", Name = "list", Namespace = "mcp" });
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Equal(("custom_tool_call", "*** Begin\n\"x\""), (check.Items[0].Type, (string?)check.Items[0].Done!["input"]));
        Assert.Equal("mcp", (string?)check.Items[1].Done!["namespace"]);
    }

    [Theory]
    [InlineData(StopReason.MaxTokens, "incomplete", "max_output_tokens", false)]
    [InlineData(StopReason.ContextWindow, "incomplete", "max_output_tokens", true)]
    [InlineData(StopReason.ContentFilter, "incomplete", "content_filter", false)]
    [InlineData(StopReason.Refusal, "incomplete", "content_filter", true)]
    [InlineData(StopReason.EndTurn, "completed", null, false)]
    [InlineData(StopReason.StopSequence, "completed", null, false)]
    [InlineData(StopReason.PauseTurn, "completed", null, true)]
    public void Each_stop_reason_has_its_status(StopReason reason, string status, string? incompleteReason, bool isLoss)
    {
        var losses = new LossList();
        var check = ResponsesStreams.WriteLegal(
            writer =>
            {
                writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
                writer.OnTextDelta(0, Streams.Token("x"));
                Stop(writer, reason);
            },
            losses);
        Assert.Equal((status, incompleteReason), ((string?)check.Answer!["status"], (string?)check.Answer["incomplete_details"]?["reason"]));
        Assert.Equal("response." + status, check.LastType);
        Assert.Equal(isLoss, !losses.IsEmpty);
    }

    [Fact]
    public void A_stream_that_fails_says_so_twice_and_never_ends_the_call_that_was_open()
    {
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            Call(writer, 0, "a", "rm");
            writer.OnArgumentsDelta(0, Streams.Token("{\"path\":\"/ho"));
            writer.OnError(new WireError { Class = ErrorClass.RateLimited, Message = "slow down" });
            writer.OnArgumentsDelta(0, Streams.Token("me\"}"));
            writer.OnBlockEnd(0);
            writer.WritePing();
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Null(check.Items[0].Done);
        Assert.Equal("slow down", (string?)check.Error!["message"]);
        Assert.Equal("slow down", (string?)check.Error["error"]!["message"]); // where the SDKs look
        Assert.Equal(("failed", "rate_limit_exceeded"), ((string?)check.Answer!["status"], (string?)check.Answer["error"]!["code"]));
        Assert.Empty(check.Answer["output"]!.AsArray());
    }

    [Theory]
    [InlineData(ErrorClass.ContextLength, "context_length_exceeded")]
    [InlineData(ErrorClass.Billing, "insufficient_quota")]
    [InlineData(ErrorClass.Overloaded, "server_error")]
    [InlineData(ErrorClass.InvalidRequest, "invalid_prompt")]
    public void Codex_learns_from_the_code_whether_to_try_again(ErrorClass kind, string code)
    {
        var check = ResponsesStreams.WriteLegal(writer => writer.OnError(new WireError { Class = kind, Message = "m" }));
        Assert.Equal(code, (string?)check.Answer!["error"]!["code"]);
        Assert.NotNull((string?)check.Error!["code"]);
    }

    [Fact]
    public void A_vendor_that_breaks_off_fails_the_stream()
    {
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, Streams.Token("half"));
            writer.OnStop(StopReason.Error, "insufficient_system_resource", default);
            writer.OnEnd();
        });
        Assert.Equal("response.failed", check.LastType);
    }

    [Fact]
    public void Usage_behind_the_stop_reason_counts_and_one_that_is_missing_is_estimated()
    {
        var usage = new Usage { InputUncached = 5, CacheRead = 3, CacheWrite5m = 1, CacheWrite1h = 1, OutputText = 7, OutputReasoning = 4 };
        var check = ResponsesStreams.WriteLegal(writer =>
        {
            writer.OnStart(new StreamStart("resp_1", "m", 9));
            writer.OnStop(StopReason.EndTurn, null, default);
            writer.OnUsage(usage);
            writer.OnEnd();
        });
        Assert.True(JsonNode.DeepEquals(
            JsonNode.Parse("""{"input_tokens":10,"input_tokens_details":{"cached_tokens":3,"cache_write_tokens":2},"output_tokens":11,"output_tokens_details":{"reasoning_tokens":4},"total_tokens":21}"""),
            check.Answer!["usage"]));
        Assert.Equal(("resp_1", "m", 9), ((string?)check.Answer["id"], (string?)check.Answer["model"], (int?)check.Answer["created_at"]));
        var estimated = ResponsesStreams.WriteLegal(writer => writer.OnEnd());
        Assert.Equal(123, (int)estimated.Answer!["usage"]!["input_tokens"]!); // the AI SDK takes no end without usage for one
    }

    [Fact]
    public void An_answer_repeats_what_was_asked()
    {
        var request = """
            {"model":"gpt-5","input":"hi","instructions":"Be\nbrief","metadata":{"a":"b"},"temperature":0.5,"tool_choice":"required","stream":true,
             "tools":[{"type":"function","name":"f"},{"type":"function","name":"g","strict":true,"parameters":{"type":"object"}},{"type":"custom","name":"c"}],
             "text":{"format":{"type":"text"},"verbosity":"low"},"user":7,"top_p":null}
            """u8.ToArray();
        var check = ResponsesStreams.WriteLegal(
            writer =>
            {
                request.AsSpan().Fill((byte)'x'); // the request is given back while the answer streams
                writer.OnEnd();
            },
            options: ResponsesStreams.Options with { RequestEcho = Echo(request) });
        Assert.All(check.Events, AnswerCorpusTests.AssertValid);
        var answer = check.Answer!;
        Assert.Equal(("Be\nbrief", "b", 0.5, "required", "low"), ((string?)answer["instructions"], (string?)answer["metadata"]!["a"], (double)answer["temperature"]!, (string?)answer["tool_choice"], (string?)answer["text"]!["verbosity"]));
        Assert.Equal(["f", "g", "c"], answer["tools"]!.AsArray().Select(t => (string?)t!["name"]));
        Assert.Null(answer["user"]);
        var wordy = Encoding.UTF8.GetBytes($$"""{"instructions":"{{new string('x', 5000)}}","metadata":{"a":"b"} }""");
        var shortened = ResponsesStreams.WriteLegal(writer => writer.OnEnd(), options: ResponsesStreams.Options with { RequestEcho = Echo(wordy) });
        Assert.Equal((null, "b"), ((string?)shortened.Answer!["instructions"], (string?)shortened.Answer["metadata"]!["a"]));
    }

    [Fact]
    public void Annotations_of_web_pages_come_from_chat_too_and_others_are_lost()
    {
        var losses = new LossList();
        var check = ResponsesStreams.WriteLegal(
            writer =>
            {
                writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
                writer.OnTextDelta(0, Streams.Token("x"));
                writer.OnBlockAttribute(0, BlockAttribute.Citation, """{"type":"url_citation","url_citation":{"url":"https://a","title":"A","start_index":0,"end_index":1}}"""u8);
                writer.OnBlockAttribute(0, BlockAttribute.Citation, """{"type":"url_citation","url":"https://b","title":"B","start_index":0,"end_index":1}"""u8);
                writer.OnBlockAttribute(0, BlockAttribute.Citation, """{"type":"char_location","cited_text":"c"}"""u8);
                Stop(writer, StopReason.EndTurn);
            },
            losses);
        Assert.Equal(["https://a", "https://b"], check.Items[0].Parts[0]["annotations"]!.AsArray().Select(a => (string?)a!["url"]));
        Assert.Equal([OpenAIResponsesLosses.AnswerCitations], losses.Rules);
    }

    [Fact]
    public void An_error_for_a_stream_that_passes_through_counts_on()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        OpenAIResponsesErrors.WriteStreamEvent(new WireError { Class = ErrorClass.Server, Message = "gone" }, "r1", output, sequenceNumber: 7);
        var events = Encoding.UTF8.GetString(output.WrittenSpan).Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Select(e => JsonNode.Parse(e.Split('\n')[1][6..])!).ToList();
        Assert.Equal([("error", 7), ("response.failed", 8)], events.Select(e => ((string)e["type"]!, (int)e["sequence_number"]!)));
        Assert.All(events, AnswerCorpusTests.AssertValid);
    }

    [Fact]
    public void An_error_before_anything_else_begins_the_stream_as_every_stream_begins()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        OpenAIResponsesErrors.WriteStreamEvent(new WireError { Class = ErrorClass.Server, Message = "gone" }, "r1", output);
        var check = OpenAIResponsesLegality.Check(output.WrittenSpan);
        Assert.Empty(check.Violations);
        Assert.Equal(["response.created", "response.in_progress", "error", "response.failed"], check.Events.Select(e => (string)e["type"]!));
        Assert.All(check.Events, AnswerCorpusTests.AssertValid);
    }

    private static RequestEcho Echo(byte[] body)
    {
        var scan = new RequestScan();
        _ = OpenAIResponsesScan.TryScan(body, scan, out _);
        return new RequestEcho(body, scan);
    }

    private static void AnyCall(OpenAIResponsesStreamWriter writer, Random random)
    {
        var block = random.Next(-1, 6);
        switch (random.Next(13))
        {
            case 0: writer.OnStart(new StreamStart("id", "m", 1)); break;
            case 1 or 2 or 3: writer.OnBlockStart(block, Start(random)); break;
            case 4 or 5: writer.OnTextDelta(block, Streams.Token(random.Next(3) == 0 ? "" : "text é\n")); break;
            case 6: writer.OnReasoningDelta(block, Streams.Token("thought")); break;
            case 7 or 8: writer.OnArgumentsDelta(block, Streams.Token(new[] { "{", "\"a\":", "1", ",", "\"b\":\"", "}", "[", "\\", "\"" }[random.Next(9)])); break;
            case 9: writer.OnBlockAttribute(block, (BlockAttribute)random.Next(5), random.Next(2) == 0 ? "\"value\""u8 : "{\"type\":\"url_citation\",\n\"url\":\"https://a\",\"title\":\"\",\"start_index\":0,\"end_index\":1}"u8); break;
            case 10: writer.OnBlockEnd(block); break;
            case 11: writer.WritePing(); break;
            default:
                if (random.Next(10) == 0)
                    writer.OnStop((StopReason)random.Next(10), "x", default);
                else
                    writer.OnUsage(new Usage { InputUncached = 5 });
                break;
        }
    }

    private static BlockStart Start(Random random) => new()
    {
        Kind = (BlockKind)random.Next(6),
        Id = random.Next(3) == 0 ? default : new JsonText("rs_id " + random.Next(1000000)),
        Name = random.Next(3) == 0 ? default : new JsonText("tool"),
        Namespace = random.Next(3) == 0 ? new JsonText("space") : default,
        ToolKind = (ToolKind)random.Next(2),
        Raw = RawJson.Parse("{\"type\":\"web_search_call\",\n\"id\":\"ws_1\",\"status\":\"completed\"}"),
        Origin = random.Next(2) == 0 ? Protocol.AnthropicMessages : Protocol.OpenAIResponses,
        Type = "web_search_call",
    };

    private static void Call(OpenAIResponsesStreamWriter writer, int block, string id, string name) =>
        writer.OnBlockStart(block, new BlockStart { Kind = BlockKind.ToolCall, Id = id, Name = name });

    private static void Stop(OpenAIResponsesStreamWriter writer, StopReason reason)
    {
        writer.OnStop(reason, null, default);
        writer.OnEnd();
    }
}
