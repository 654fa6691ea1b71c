using System.Text;
using Trivet.Tests.Wire.AnthropicMessages;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.Gemini.Streams;
using Trivet.Wire.Json;
using static Trivet.Tests.Wire.Gemini.GeminiAnswers;

namespace Trivet.Tests.Wire.Gemini;

public sealed class GeminiStreamWriterTests
{
    [Fact]
    public void Texts_go_out_as_they_come_and_the_last_event_says_why_it_ended_and_what_it_cost()
    {
        var check = Check(writer =>
        {
            writer.OnStart(new StreamStart("msg_1", "claude", 0));
            Text(writer, 0, "Hel", "lo");
            writer.OnBlockEnd(0);
            writer.OnStop(StopReason.MaxTokens, "max_tokens", default);
            writer.OnUsage(new Usage { InputUncached = 70, CacheRead = 20, CacheWrite5m = 10, OutputText = 5, OutputReasoning = 3 });
            writer.OnEnd();
        });
        Assert.Equal(("Hello", "MAX_TOKENS"), (check.Text.ToString(), check.FinishReason));
        JsonMeaning.AssertSame(
            JsonMeaning.Parse("""{"promptTokenCount":100,"cachedContentTokenCount":20,"candidatesTokenCount":5,"thoughtsTokenCount":3,"totalTokenCount":108}"""u8), check.Usage, "usage");
    }

    [Fact]
    public void Usage_stands_on_every_event_once_it_is_known()
    {
        var stream = Encoding.UTF8.GetString(WriteStream(writer =>
        {
            writer.OnStart(new StreamStart("a", "m", 0));
            writer.OnUsage(new Usage { InputUncached = 9 });
            Text(writer, 0, "a", "b");
            writer.OnEnd();
        }));
        Assert.Equal(3, stream.Split("\"usageMetadata\":{\"promptTokenCount\":9,").Length - 1);
    }

    [Fact]
    public void A_call_goes_out_whole_in_one_part_with_its_id_and_signature()
    {
        var check = Check(writer =>
        {
            Call(writer, 0, "call_1", "f");
            writer.OnArgumentsDelta(0, Streams.Token("{\"a\":"));
            writer.OnArgumentsDelta(0, Streams.Token("[1,\"\\n\"]}"));
            writer.OnBlockAttribute(0, BlockAttribute.ThoughtSignature, "\"AAAA\""u8);
            writer.OnBlockEnd(0);
            Stop(writer, StopReason.ToolCalls);
        });
        var call = Assert.Single(check.Calls);
        Assert.Equal(("call_1", "f", "{\"a\":[1,\"\\n\"]}", "STOP"), (call.Id, call.Name, call.Args.ToJsonString(), check.FinishReason));
    }

    [Fact]
    public void Parallel_calls_that_interleave_keep_their_order_and_their_own_arguments()
    {
        var check = Check(writer =>
        {
            Call(writer, 0, "a", "first");
            Call(writer, 1, "b", "second");
            writer.OnArgumentsDelta(1, Streams.Token("{\"b\":2}"));
            writer.OnArgumentsDelta(0, Streams.Token("{\"a\":1}"));
            writer.OnBlockEnd(1);
            writer.OnBlockEnd(0);
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Equal(["first{\"a\":1}", "second{\"b\":2}"], check.Calls.Select(c => c.Name + c.Args.ToJsonString()));
    }

    [Fact]
    public void Text_behind_a_call_waits_for_it_and_text_before_it_does_not()
    {
        var check = Check(writer =>
        {
            Text(writer, 0, "one ");
            Call(writer, 1, "a", "f");
            Text(writer, 2, "three");
            writer.OnTextDelta(0, Streams.Token("two "));
            writer.OnArgumentsDelta(1, Streams.Token("{}"));
            Stop(writer, StopReason.ToolCalls);
        });
        Assert.Equal("one two three", check.Text.ToString());
        Assert.Equal(["text", "call", "text"], check.Order);
    }

    [Theory]
    [InlineData("", "{}", false)]
    [InlineData("null", "{}", false)]
    [InlineData("\"{\\\"a\\\":1}\"", "{\"a\":1}", false)]
    [InlineData("{\"a\":1,\n \"b\":2}", "{\"a\":1,\"b\":2}", false)]
    [InlineData("{\"path\":\"/tmp/x\",\"command\":\"rm -rf /ho", "{\"path\":\"/tmp/x\"}", true)]
    [InlineData("not json", "{}", true)]
    [InlineData("[1]", "{}", true)]
    public void Arguments_are_one_object_of_whole_members_streamed_and_whole(string arguments, string expected, bool isRepaired)
    {
        foreach (var size in new[] { 1, 3, 1000 })
        {
            var losses = new LossList();
            var check = Check(
                writer =>
                {
                    Call(writer, 0, "a", "f");
                    for (var i = 0; i < arguments.Length; i += size)
                        writer.OnArgumentsDelta(0, Streams.Token(arguments[i..Math.Min(arguments.Length, i + size)]));
                    Stop(writer, StopReason.ToolCalls);
                },
                losses);
            Assert.Equal(expected, check.Calls[0].Args.ToJsonString());
            Assert.Equal(isRepaired, losses.Rules.Contains(GeminiLosses.AnswerArguments));
        }

        var response = new CanonicalResponse { Origin = Protocol.OpenAIChat, StopReason = StopReason.ToolCalls };
        response.Blocks.Add(new ToolCallBlock { Id = "a", Name = "f", Arguments = Encoding.UTF8.GetBytes(arguments) });
        Assert.Equal(expected, GeminiLegality.CheckWhole(Write(response)).Calls[0].Args.ToJsonString());
    }

    [Fact]
    public void Thoughts_of_another_vendor_are_marked_in_a_form_that_is_base64()
    {
        var written = WriteStream(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning, Origin = Protocol.AnthropicMessages });
            writer.OnReasoningDelta(0, Streams.Token("hm"));
            writer.OnBlockAttribute(0, BlockAttribute.Signature, "\"sig\""u8);
            writer.OnBlockEnd(0);
            Text(writer, 1, "so");
            Stop(writer, StopReason.EndTurn);
        });
        var check = GeminiLegality.Check(written);
        Assert.Equal(("hm", "so"), (check.Thoughts.ToString(), check.Text.ToString()));
        var thought = Assert.IsType<ReasoningBlock>(Fold(written).Response.Blocks[0]);
        Assert.True(ForeignSignature.IsForeign(thought.ThoughtSignature));
        Assert.DoesNotContain("\"sig\"", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
    }

    [Fact]
    public void Geminis_own_thoughts_are_not_marked()
    {
        var written = WriteStream(writer => Read(Stream(Chunk("{\"text\":\"hm\",\"thought\":true}"), Chunk("{\"text\":\"a\"}", "STOP")), writer));
        Assert.DoesNotContain("thoughtSignature", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_of_nothing_still_has_a_finish_reason()
    {
        Assert.Equal("STOP", Check(writer => writer.OnEnd()).FinishReason);
        Assert.Equal("SAFETY", Check(writer => Stop(writer, StopReason.Refusal)).FinishReason);
    }

    [Fact]
    public void A_blocked_prompt_is_told_as_one()
    {
        var check = Check(writer => Read(Stream("""{"promptFeedback":{"blockReason":"BLOCKLIST"},"modelVersion":"m","responseId":"r"}"""), writer));
        Assert.Equal("BLOCKLIST", check.BlockReason);
    }

    [Fact]
    public void An_error_ends_the_stream_and_nothing_follows_it()
    {
        var check = Check(writer =>
        {
            Text(writer, 0, "a");
            writer.OnError(new WireError { Class = ErrorClass.Overloaded, Message = "too much", RetryAfter = TimeSpan.FromSeconds(1.5) });
            writer.OnEnd();
            writer.WritePing();
        });
        Assert.Equal((503, "UNAVAILABLE"), (check.Error!["code"]!.GetValue<int>(), check.Error["status"]!.GetValue<string>()));
        Assert.Equal("1.5s", check.Error["details"]![0]!["retryDelay"]!.GetValue<string>());
    }

    [Fact]
    public void A_keep_alive_is_an_event_that_says_nothing_since_a_comment_would_break_clients()
    {
        var check = Check(writer =>
        {
            writer.WritePing();
            Text(writer, 0, "a");
            writer.WritePing();
            Stop(writer, StopReason.EndTurn);
            writer.WritePing();
        });
        Assert.Equal("a", check.Text.ToString());
    }

    [Fact]
    public void Sources_and_signatures_and_data_of_Gemini_come_back_as_they_stood()
    {
        const string Last = """{"candidates":[{"content":{"parts":[{"text":"","thoughtSignature":"BBBB"}],"role":"model"},"finishReason":"RECITATION","index":0,"groundingMetadata":{"webSearchQueries":["q"]}}],"modelVersion":"gemini-3-pro","responseId":"r1"}""";
        var stream = Stream(
            Chunk("{\"executableCode\":{\"language\":\"PYTHON\",\"code\":\"1\"},\"thoughtSignature\":\"AAAA\"}"), Chunk("{\"text\":\"x\"}"), Last);
        var written = WriteStream(writer => Read(stream, writer));
        GeminiLegality.Check(written, validate: true);
        Assert.Equal(Show(Fold(stream).Response), Show(Fold(written).Response));
        Assert.Contains("\"groundingMetadata\":{\"webSearchQueries\":[\"q\"]}", Encoding.UTF8.GetString(written), StringComparison.Ordinal);
    }

    [Fact]
    public void Web_pages_that_other_protocols_cite_become_grounding_chunks_streamed_and_whole()
    {
        const string Chat = """{"type":"url_citation","url_citation":{"start_index":0,"end_index":1,"url":"https://a","title":"A"}}""";
        const string Messages = """{"type":"web_search_result_location","url":"https://b","title":"B","cited_text":"x","encrypted_index":"e"}""";
        var folder = new ResponseFolder(Protocol.OpenAIChat);
        var written = new List<byte[]> { WriteStream(Tell) };
        Tell(folder);
        written.Add(GeminiAnswers.Stream(JsonMeaning.Parse(Write(folder.Response)).ToJsonString()));
        foreach (var stream in written)
        {
            GeminiLegality.Check(stream, validate: true);
            var citation = JsonMeaning.Parse(Assert.IsType<TextBlock>(Fold(stream).Response.Blocks[0]).Citations.Utf8.Span);
            JsonMeaning.AssertSame(
                JsonMeaning.Parse("""[{"groundingMetadata":{"groundingChunks":[{"web":{"uri":"https://a","title":"A"}},{"web":{"uri":"https://b","title":"B"}}]}}]"""u8), citation, "citations");
        }

        static void Tell(IStreamSink sink)
        {
            sink.OnStart(new StreamStart("i", "m", 0));
            sink.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            sink.OnTextDelta(0, Streams.Token("a"));
            foreach (var citation in (string[])[Chat, Messages, Chat, """{"type":"char_location","document_title":"t"}"""])
                sink.OnBlockAttribute(0, BlockAttribute.Citation, Encoding.UTF8.GetBytes(citation));
            sink.OnBlockEnd(0);
            sink.OnStop(StopReason.EndTurn, null, default);
            sink.OnEnd();
        }
    }

    [Fact]
    public void What_cannot_be_said_is_reported()
    {
        var losses = new LossList();
        Check(
            writer =>
            {
                writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Refusal });
                writer.OnTextDelta(0, Streams.Token("no"));
                writer.OnBlockStart(1, new BlockStart { Kind = BlockKind.Opaque, Origin = Protocol.AnthropicMessages, Type = "server_tool_use", Raw = RawJson.Parse("{}") });
                writer.OnBlockStart(2, new BlockStart { Kind = BlockKind.RedactedReasoning });
                writer.OnBlockAttribute(2, BlockAttribute.Encrypted, "\"x\""u8);
                Text(writer, 3, "a");
                writer.OnBlockAttribute(3, BlockAttribute.Citation, "{\"type\":\"url_citation\"}"u8);
                writer.OnBlockStart(4, new BlockStart { Kind = BlockKind.ToolCall, Id = "c", Name = "patch", ToolKind = ToolKind.Custom });
                writer.OnArgumentsDelta(4, Streams.Token("free \"text\""));
                writer.OnStop(StopReason.PauseTurn, "pause_turn", new JsonText("END"));
                writer.OnEnd();
            },
            losses);
        Assert.Equal(
            [GeminiLosses.AnswerRefusal, GeminiLosses.AnswerBlock, GeminiLosses.AnswerEncrypted, GeminiLosses.AnswerCitations, GeminiLosses.AnswerCustomCall, GeminiLosses.AnswerStop, GeminiLosses.AnswerStopSequence],
            losses.Rules);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void No_sequence_of_calls_makes_an_illegal_stream(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 500; round++)
        {
            var calls = new List<string>();
            var written = WriteStream(writer =>
            {
                for (var step = random.Next(40); step > 0; step--)
                    calls.Add(Act(writer, random));
                writer.OnEnd();
                Act(writer, random);
            });
            try
            {
                GeminiLegality.Check(written);
            }
            catch (Exception exception) when (exception is Xunit.Sdk.XunitException or System.Text.Json.JsonException)
            {
                Assert.Fail($"{string.Join(", ", calls)}\n{Encoding.UTF8.GetString(written)}\n{exception.Message}");
            }
        }
    }

    private static string Act(GeminiStreamWriter writer, Random random)
    {
        var block = random.Next(-1, 6);
        byte[][] tokens = [Streams.Token("x"), Streams.Token(""), Streams.Token("{\"a\":1"), Streams.Token("}"), Streams.Token("\r\n \"é\\"), Streams.Token(",\"b\":{\"c\":[1,2]}}")];
        var token = tokens[random.Next(tokens.Length)];
        var act = random.Next(24);
        switch (act)
        {
            case < 6:
                writer.OnBlockStart(block, new BlockStart
                {
                    Kind = (BlockKind)random.Next(6),
                    Id = random.Next(2) == 0 ? default : new JsonText($"id{random.Next(1_000_000_000)}"),
                    Name = random.Next(3) == 0 ? default : new JsonText("n\"1"),
                    ToolKind = random.Next(3) == 0 ? ToolKind.Custom : ToolKind.Function,
                    Origin = (Protocol)random.Next(4),
                    Type = "t",
                    Raw = RawJson.Parse("{\"inlineData\":{\r\n\"data\":\"\"}}"),
                });
                break;
            case < 9:
                writer.OnTextDelta(block, token);
                break;
            case < 12:
                writer.OnReasoningDelta(block, token);
                break;
            case < 16:
                writer.OnArgumentsDelta(block, token);
                break;
            case 16:
                writer.OnBlockAttribute(block, (BlockAttribute)random.Next(5), random.Next(2) == 0 ? "\"AAAA\""u8 : "{\"groundingMetadata\":{\n\"a\":1}}"u8);
                break;
            case < 20:
                writer.OnBlockEnd(block);
                break;
            case 20:
                writer.OnUsage(new Usage { InputUncached = random.Next(100), OutputText = random.Next(100), CacheRead = random.Next(2) });
                break;
            case 21 when random.Next(4) == 0:
                writer.OnStop((StopReason)random.Next(10), random.Next(2) == 0 ? null : "SAFETY", default);
                break;
            case 22 when random.Next(6) == 0:
                writer.OnError(new WireError { Class = (ErrorClass)random.Next(12), Message = "m" });
                break;
            case 23:
                writer.WritePing();
                break;
            default:
                writer.OnStart(new StreamStart(random.Next(2) == 0 ? "" : "id", "", 0));
                break;
        }

        return $"{act}({block}, {Encoding.UTF8.GetString(token)})";
    }

    [Fact]
    public void A_delta_allocates_nothing()
    {
        var output = new PooledBuffer();
        var writer = new GeminiStreamWriter(output, Options, new LossList());
        var token = Streams.Token("some text of a usual length");
        Text(writer, 0, "first");
        writer.OnUsage(new Usage { InputUncached = 1 });
        var bytes = Allocation.Least(() =>
        {
            for (var i = 0; i < 1000; i++)
            {
                output.Clear();
                writer.OnTextDelta(0, token);
            }
        });
        Assert.InRange(bytes, 0, 1000);
    }

    private static void Text(GeminiStreamWriter writer, int block, params string[] deltas)
    {
        writer.OnBlockStart(block, new BlockStart { Kind = BlockKind.Text });
        foreach (var delta in deltas)
            writer.OnTextDelta(block, Streams.Token(delta));
    }

    private static void Call(GeminiStreamWriter writer, int block, string id, string name) =>
        writer.OnBlockStart(block, new BlockStart { Kind = BlockKind.ToolCall, Id = id, Name = name });

    private static void Stop(GeminiStreamWriter writer, StopReason reason)
    {
        writer.OnStop(reason, null, default);
        writer.OnEnd();
    }

    private static GeminiLegality Check(Action<GeminiStreamWriter> act, LossList? losses = null) => GeminiLegality.Check(WriteStream(act, losses));
}
