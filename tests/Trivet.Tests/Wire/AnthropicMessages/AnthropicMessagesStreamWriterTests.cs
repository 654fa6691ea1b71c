using System.Text.Json;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Streams;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.AnthropicMessages;

public sealed class AnthropicMessagesStreamWriterTests
{
    [Fact]
    public void Parallel_calls_that_interleave_come_one_after_the_other_with_their_own_arguments()
    {
        var check = Write(writer =>
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
        Assert.Equal(["{\"a\":1}", "{\"b\":2}"], check.Blocks.Select(b => b.Text.ToString()));
        Assert.Equal(["call_a", "call_b"], check.Blocks.Select(b => b.Start.GetProperty("id").GetString()));
        Assert.Equal("tool_use", check.StopReason);
    }

    [Fact]
    public void A_call_whose_arguments_are_whole_lets_the_next_block_in_at_once()
    {
        var lengthBefore = 0;
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new AnthropicMessagesStreamWriter(output, Streams.Options, new LossList());
        Call(writer, 0, "a", "f");
        writer.OnArgumentsDelta(0, Streams.Token("{\"x\":1}"));
        lengthBefore = output.WrittenCount;
        Call(writer, 1, "b", "g");
        var after = System.Text.Encoding.UTF8.GetString(output.WrittenSpan[lengthBefore..]);
        Assert.Contains("content_block_stop", after, StringComparison.Ordinal);
        Assert.Contains("\"id\":\"b\"", after, StringComparison.Ordinal);
    }

    [Fact]
    public void Text_streams_on_while_a_call_is_open_beside_it_only_after_the_call()
    {
        var check = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, Streams.Token("one "));
            Call(writer, 1, "a", "f");
            writer.OnTextDelta(0, Streams.Token("two"));
            writer.OnArgumentsDelta(1, Streams.Token("{}"));
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Equal(["text", "tool_use", "text"], check.Blocks.Select(b => b.Type));
        Assert.Equal("one two", check.Blocks[0].Text.ToString() + check.Blocks[2].Text);
    }

    [Theory]
    [InlineData("", "{}", false)]
    [InlineData("  ", "{}", false)]
    [InlineData("null", "{}", false)]
    [InlineData("{}", "{}", false)]
    [InlineData("{\"a\":[1,{\"b\":\"},{\\\"\"}],\"c\":\"é\\u0041\\\\\"}", "{\"a\":[1,{\"b\":\"},{\\\"\"}],\"c\":\"é\\u0041\\\\\"}", false)]
    [InlineData("\"{\\\"a\\\":1}\"", "{\"a\":1}", false)]
    [InlineData("{\"path\":\"/tmp/x\",\"command\":\"rm -rf /ho", "{\"path\":\"/tmp/x\"}", true)]
    [InlineData("{\"command\":\"rm -rf /ho", "{}", true)]
    [InlineData("{\"a\":1}}", "{\"a\":1}", true)]
    [InlineData("{}{\"a\":1}", "{}", true)]
    [InlineData("{\"a\":1,}", "{\"a\":1}", true)]
    [InlineData("{\"a\":tru,\"b\":2}", "{}", true)]
    [InlineData("[1,2]", "{}", true)]
    [InlineData("\"text\"", "{}", true)]
    [InlineData("not json", "{}", true)]
    public void Arguments_add_up_to_one_object_of_whole_members(string arguments, string expected, bool isRepaired)
    {
        foreach (var size in new[] { 1, 3, 1000 })
        {
            var losses = new LossList();
            var check = Write(
                writer =>
                {
                    Call(writer, 0, "a", "f");
                    for (var i = 0; i < arguments.Length; i += size)
                        writer.OnArgumentsDelta(0, Streams.Token(arguments[i..Math.Min(arguments.Length, i + size)]));
                    writer.OnBlockEnd(0);
                    Stop(writer, StopReason.ToolCalls);
                },
                losses);
            Assert.Equal(expected.Trim(), check.Blocks[0].Text.ToString());
            Assert.Equal(isRepaired, losses.Rules.Contains(AnthropicMessagesLosses.AnswerArguments));
        }
    }

    [Fact]
    public void Members_of_long_arguments_go_out_as_soon_as_they_are_whole()
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new AnthropicMessagesStreamWriter(output, Streams.Options, new LossList());
        Call(writer, 0, "a", "f");
        writer.OnArgumentsDelta(0, Streams.Token("{\"path\":\"x\",\"content\":\"long"));
        Assert.Contains("\"partial_json\":\"{\\\"path\\\":\\\"x\\\"\"", System.Text.Encoding.UTF8.GetString(output.WrittenSpan), StringComparison.Ordinal);
    }

    [Fact]
    public void Thoughts_without_a_signature_get_one_that_names_their_origin()
    {
        var check = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning });
            writer.OnReasoningDelta(0, Streams.Token("hm"));
            writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(1, Streams.Token("Yes."));
            Stop(writer, StopReason.EndTurn);
        });
        Assert.Equal(["thinking", "text"], check.Blocks.Select(b => b.Type));
        Assert.Equal(ForeignSignature.Make("deepseek"), check.Blocks[0].Signature);
    }

    [Fact]
    public void Thoughts_that_are_only_a_signature_are_kept()
    {
        var check = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning });
            writer.OnBlockAttribute(0, BlockAttribute.Signature, "\"sig==\""u8);
            writer.OnBlockEnd(0);
            Stop(writer, StopReason.EndTurn);
        });
        Assert.Equal("sig==", Assert.Single(check.Blocks).Signature);
    }

    [Fact]
    public void Empty_blocks_and_empty_answers_leave_no_block()
    {
        var check = Write(writer =>
        {
            writer.OnStart(new StreamStart("id", "m", 0));
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, "\"\""u8);
            writer.OnBlockEnd(0);
            writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.Reasoning });
            writer.OnBlockEnd(1);
            Stop(writer, StopReason.Refusal);
        });
        Assert.Empty(check.Blocks);
        Assert.Equal("refusal", check.StopReason);
    }

    [Fact]
    public void The_start_states_an_estimate_of_the_input_and_the_end_corrects_it()
    {
        var check = Write(writer =>
        {
            writer.OnStart(new StreamStart("chatcmpl-x", "glm-5.3", 0));
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, Streams.Token("Hi"));
            writer.OnStop(StopReason.EndTurn, "stop", default);
            writer.OnUsage(Usage.FromInclusive(100, 60, 10, 20, 5));
            writer.OnEnd();
        });
        Assert.Equal(123, check.StartMessage.GetProperty("usage").GetProperty("input_tokens").GetInt64());
        Assert.Equal("glm-5.3", check.StartMessage.GetProperty("model").GetString());
        Assert.StartsWith("msg_", check.StartMessage.GetProperty("id").GetString(), StringComparison.Ordinal);
        var usage = check.FinalUsage;
        Assert.Equal((30L, 60L, 10L, 20L), (Count("input_tokens"), Count("cache_read_input_tokens"), Count("cache_creation_input_tokens"), Count("output_tokens")));
        Assert.Equal(5, usage.GetProperty("output_tokens_details").GetProperty("thinking_tokens").GetInt64());

        long Count(string name) => usage.GetProperty(name).GetInt64();
    }

    [Theory]
    [InlineData(StopReason.EndTurn, "tool_use")]
    [InlineData(StopReason.Unknown, "tool_use")]
    [InlineData(StopReason.MaxTokens, "max_tokens")]
    public void A_call_decides_the_stop_reason_unless_the_answer_was_cut_off(StopReason reason, string expected)
    {
        var check = Write(writer =>
        {
            Call(writer, 0, "a", "f");
            Stop(writer, reason);
        });
        Assert.Equal(expected, check.StopReason);
    }

    [Fact]
    public void Tool_calls_announced_but_never_made_end_the_turn() => Assert.Equal("end_turn", Write(writer => Stop(writer, StopReason.ToolCalls)).StopReason);

    [Fact]
    public void An_end_without_a_stop_is_still_legal() => Assert.Equal("end_turn", Write(writer => writer.OnEnd()).StopReason);

    [Fact]
    public void A_vendor_that_broke_off_is_an_error_and_no_answer()
    {
        var check = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, Streams.Token("half"));
            writer.OnStop(StopReason.Error, "insufficient_system_resource", default);
            writer.OnEnd();
        });
        Assert.Equal("api_error", check.Error!.Value.GetProperty("type").GetString());
    }

    [Fact]
    public void Nothing_comes_after_an_error()
    {
        var check = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, Streams.Token("half"));
            writer.OnError(new WireError { Class = ErrorClass.Overloaded, Message = "busy" });
            writer.OnTextDelta(0, Streams.Token("more"));
            writer.WritePing();
            writer.OnError(new WireError { Class = ErrorClass.Server, Message = "again" });
            Stop(writer, StopReason.EndTurn);
        });
        Assert.Equal("overloaded_error", check.Error!.Value.GetProperty("type").GetString());
    }

    [Fact]
    public void The_first_ping_follows_the_first_block_start()
    {
        var text = System.Text.Encoding.UTF8.GetString(Streams.Write(writer => Call(writer, 0, "a", "f")));
        Assert.True(text.IndexOf("event: ping", StringComparison.Ordinal) > text.IndexOf("content_block_start", StringComparison.Ordinal));
        Assert.True(text.IndexOf("event: ping", StringComparison.Ordinal) < text.IndexOf("content_block_delta", StringComparison.Ordinal));
    }

    [Fact]
    public void Illegal_ids_become_legal_ones_and_free_form_calls_functions()
    {
        var check = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.ToolCall, Id = "functions.add:0", Name = "add", ToolKind = ToolKind.Custom });
            writer.OnArgumentsDelta(0, Streams.Token("line 1\n\"quoted\""));
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Matches("^[a-zA-Z0-9_-]+$", check.Blocks[0].Start.GetProperty("id").GetString());
        using var input = JsonDocument.Parse(check.Blocks[0].Text.ToString());
        Assert.Equal("line 1\n\"quoted\"", input.RootElement.GetProperty("input").GetString());
    }

    [Fact]
    public void Whatever_the_calls_the_stream_is_legal()
    {
        for (var seed = 0; seed < 3000; seed++)
        {
            var random = new Random(seed);
            var stream = Streams.Write(writer =>
            {
                for (var n = random.Next(1, 60); n > 0; n--)
                    AnyCall(writer, random);
                if (random.Next(8) == 0)
                    writer.OnError(new WireError { Class = ErrorClass.Server, Message = "x" });
                writer.OnEnd();
            });
            Assert.Equal([], AnthropicMessagesLegality.Check(stream).Violations.Select(v => $"seed {seed}: {v}"));
        }
    }

    private static void AnyCall(AnthropicMessagesStreamWriter writer, Random random)
    {
        var block = random.Next(-1, 6);
        switch (random.Next(13))
        {
            case 0: writer.OnStart(new StreamStart("id", "m", 1)); break;
            case 1 or 2 or 3: writer.OnBlockStart(block, Start(random)); break;
            case 4 or 5: writer.OnTextDelta(block, Streams.Token(random.Next(3) == 0 ? "" : "text é\n")); break;
            case 6: writer.OnReasoningDelta(block, Streams.Token("thought")); break;
            case 7 or 8: writer.OnArgumentsDelta(block, Streams.Token(new[] { "{", "\"a\":", "1", ",", "\"b\":\"", "}", "[", "\\", "\"" }[random.Next(9)])); break;
            case 9: writer.OnBlockAttribute(block, (BlockAttribute)random.Next(5), random.Next(2) == 0 ? "\"value\""u8 : "{\"a\":\n1}"u8); break;
            case 10: writer.OnBlockEnd(block); break;
            case 11: writer.WritePing(); break;
            default:
                if (random.Next(10) == 0)
                    writer.OnStop((StopReason)random.Next(9), "x", default);
                else
                    writer.OnUsage(new Usage { InputUncached = 5 });
                break;
        }
    }

    private static BlockStart Start(Random random) => new()
    {
        Kind = (BlockKind)random.Next(6),
        Id = random.Next(3) == 0 ? default : new JsonText("id " + random.Next(9)),
        Name = random.Next(3) == 0 ? default : new JsonText("tool"),
        ToolKind = (ToolKind)random.Next(2),
        Raw = RawJson.Parse("{\"type\":\"server_tool_use\",\n\"id\":\"x\",\"name\":\"n\",\"input\":{\"q\":1}}"),
        Origin = random.Next(2) == 0 ? Protocol.AnthropicMessages : Protocol.OpenAIResponses,
        Type = "server_tool_use",
    };

    private static AnthropicMessagesLegality Write(Action<AnthropicMessagesStreamWriter> act, LossList? losses = null)
    {
        var check = AnthropicMessagesLegality.Check(Streams.Write(act, losses));
        Assert.Empty(check.Violations);
        return check;
    }

    private static void Call(AnthropicMessagesStreamWriter writer, int block, string id, string name) =>
        writer.OnBlockStart(block, new BlockStart { Kind = BlockKind.ToolCall, Id = id, Name = name });

    private static void Stop(AnthropicMessagesStreamWriter writer, StopReason reason)
    {
        writer.OnStop(reason, null, default);
        writer.OnEnd();
    }
}
