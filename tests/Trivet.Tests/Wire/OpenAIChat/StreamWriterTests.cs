using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;
using Trivet.Wire.OpenAIChat.Streams;

namespace Trivet.Tests.Wire.OpenAIChat;

public sealed class StreamWriterTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void No_sequence_of_calls_makes_an_illegal_stream(bool usageAsked)
    {
        for (var seed = 0; seed < 800; seed++)
        {
            var random = new Random(seed);
            var output = new ArrayBufferWriter<byte>();
            var writer = new OpenAIChatStreamWriter(output, StreamReaderTests.Options with { IncludeUsage = usageAsked }, new LossList());
            for (var i = random.Next(0, 40); i > 0; i--)
                Call(writer, random);
            if (random.Next(4) == 0)
                writer.OnError(new WireError { Class = ErrorClass.Server, Message = "m" });
            writer.OnEnd();
            OpenAIChatLegality.Check(output.WrittenSpan, usageAsked);
        }
    }

    [Fact]
    public void A_stop_with_calls_becomes_tool_calls_and_a_call_without_arguments_an_empty_object()
    {
        var text = Write(writer =>
        {
            writer.OnStart(new StreamStart("id", "m", 1));
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.ToolCall, Id = "a", Name = "one" });
            writer.OnBlockEnd(0);
            writer.OnStop(StopReason.EndTurn, null, default);
            writer.OnEnd();
        });
        Assert.Contains("\"arguments\":\"{}\"", text);
        Assert.Contains("\"finish_reason\":\"tool_calls\"", text);
    }

    [Fact]
    public void Signed_thoughts_come_back_from_a_client_that_collects_the_details()
    {
        var text = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning, Origin = Protocol.AnthropicMessages });
            writer.OnReasoningDelta(0, "\"a\\n\""u8);
            writer.OnReasoningDelta(0, "\"b\""u8);
            writer.OnBlockAttribute(0, BlockAttribute.Signature, "\"SIG\""u8);
            writer.OnBlockEnd(0);
            writer.OnEnd();
        });
        var deltas = text.Split("\n\n").Where(e => e.StartsWith("data: {", StringComparison.Ordinal)).Select(e => JsonNode.Parse(e[6..])!["choices"]![0]!["delta"]!).ToList();
        var details = new JsonArray([.. deltas.SelectMany(d => d["reasoning_details"] as JsonArray ?? []).Select(d => d!.DeepClone())]);
        Assert.Equal("a\nb", string.Concat(deltas.Select(d => (string?)d["reasoning_content"])));
        Assert.Equal("a\nb", string.Concat(details.Select(d => (string?)d!["text"])));

        var body = Encoding.UTF8.GetBytes($$"""{"model":"m","messages":[{"role":"user","content":"q"},{"role":"assistant","content":"x","reasoning_content":"a\nb","reasoning_details":{{details.ToJsonString()}}}]}""");
        Assert.True(OpenAIChatRequestReader.TryRead(body, out var request, out _));
        var thoughts = Assert.IsType<ReasoningBlock>(request!.Turns[1].Blocks[0]);
        Assert.Equal(("a\nb", "SIG"), (thoughts.Text.ToString(), thoughts.Signature.ToString()));
        Assert.Equal(2, request.Turns[1].Blocks.Count);
    }

    [Fact]
    public void An_indented_value_stands_on_one_line_of_the_stream()
    {
        var text = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
            writer.OnTextDelta(0, "\"a\""u8);
            writer.OnBlockAttribute(0, BlockAttribute.Citation, "{\r\n  \"type\": \"url_citation\",\n  \"url_citation\": {}\n}"u8);
            writer.OnEnd();
        });

        Assert.Contains("url_citation", text);
        Assert.All(text.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => Assert.StartsWith("data: ", line));
    }

    [Fact]
    public void Details_go_out_with_the_text_that_they_repeat()
    {
        var text = Write(writer =>
        {
            writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning, Carrier = ReasoningCarrier.ReasoningDetails });
            writer.OnReasoningDelta(0, "\"thought\""u8);
            writer.OnBlockAttribute(0, BlockAttribute.ReasoningDetail, """{"type":"reasoning.text","text":"thought"}"""u8);
            writer.OnBlockEnd(0);
            writer.OnEnd();
        });

        Assert.Contains("""{"reasoning_content":"thought","reasoning_details":[{"type":"reasoning.text","text":"thought"}]}""", text);
    }

    [Fact]
    public void Trivets_own_mark_is_not_sent_as_a_signature() => Assert.DoesNotContain("reasoning_details", Write(writer =>
    {
        writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Reasoning });
        writer.OnReasoningDelta(0, "\"a\""u8);
        writer.OnBlockAttribute(0, BlockAttribute.Signature, Encoding.UTF8.GetBytes($"\"{ForeignSignature.Make("deepseek")}\""));
        writer.OnEnd();
    }));

    [Fact]
    public void A_delta_allocates_nothing()
    {
        var output = new ArrayBufferWriter<byte>(1 << 20);
        var writer = new OpenAIChatStreamWriter(output, StreamReaderTests.Options, new LossList());
        writer.OnStart(new StreamStart("id", "m", 1));
        writer.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
        writer.OnTextDelta(0, "\"warm\""u8);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            writer.OnTextDelta(0, "\"word\""u8);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static string Write(Action<OpenAIChatStreamWriter> act)
    {
        var output = new ArrayBufferWriter<byte>();
        act(new OpenAIChatStreamWriter(output, StreamReaderTests.Options, new LossList()));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Call(OpenAIChatStreamWriter writer, Random random)
    {
        var block = random.Next(-1, 5);
        switch (random.Next(12))
        {
            case 0:
                writer.OnStart(new StreamStart(random.Next(2) == 0 ? "" : "id" + random.Next(3), "m", random.Next(3)));
                break;
            case 1 or 2 or 3:
                writer.OnBlockStart(block, new BlockStart { Kind = (BlockKind)random.Next(6), Id = random.Next(2) == 0 ? default : new JsonText("call_1"), Name = "n" });
                break;
            case 4:
                writer.OnTextDelta(block, "\"t\""u8);
                break;
            case 5:
                writer.OnReasoningDelta(block, "\"r\""u8);
                break;
            case 6:
                writer.OnArgumentsDelta(block, "\"{}\""u8);
                break;
            case 7:
                writer.OnBlockAttribute(block, (BlockAttribute)random.Next(5), random.Next(2) == 0 ? "\"v\""u8 : "{\"url_citation\":{}}"u8);
                break;
            case 8:
                writer.OnBlockEnd(block);
                break;
            case 9:
                writer.OnUsage(new Usage { InputUncached = 3, OutputText = 2 });
                break;
            case 10:
                writer.WritePing();
                break;
            default:
                if (random.Next(6) == 0)
                    writer.OnStop((StopReason)random.Next(10), "word", random.Next(2) == 0 ? default : new JsonText("s"));
                break;
        }
    }
}
