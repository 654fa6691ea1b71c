using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.Canonical;

/// <summary>Stop sequences that Trivet keeps in an upstream's stead.</summary>
public sealed class StopSequenceTests
{
    [Theory]
    [InlineData("one END two", "END", "one ", true)]
    [InlineData("one EN two", "END", "one EN two", false)]
    [InlineData("ENENDx", "END", "EN", true)]
    [InlineData("\n\nHuman: hi", "\n\nHuman:", "", true)]
    [InlineData("naïve \"quoted\" \\ END", "END", "naïve \"quoted\" \\ ", true)]
    [InlineData("😀END", "END", "😀", true)]
    [InlineData("ends with EN", "END", "ends with EN", false)]
    public void Text_ends_before_the_sequence_however_it_is_cut(string text, string stop, string expected, bool isMet)
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var (response, sink) = Play(text, [stop], seed);
            Assert.Equal(expected, Said(response));
            Assert.Equal(isMet, sink.IsStopped);
            Assert.Equal(isMet ? StopReason.StopSequence : StopReason.EndTurn, response.StopReason);
            Assert.Equal(isMet ? stop : "", response.StopSequence.ToString());
        }
    }

    [Fact]
    public void The_first_of_several_in_the_text_counts()
    {
        var (response, _) = Play("a B c A", ["A", "B"], 1);

        Assert.Equal("a ", Said(response));
        Assert.Equal("B", response.StopSequence.ToString());
    }

    [Fact]
    public void What_comes_after_it_is_left_out_and_usage_still_counts()
    {
        var folder = new ResponseFolder(Protocol.OpenAIResponses);
        var sink = new StopSequenceSink(folder, [(JsonText)"STOP"]);
        sink.OnStart(new StreamStart("i", "m", 1));
        sink.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
        sink.OnTextDelta(0, "\"x STOP y\""u8);
        sink.OnTextDelta(0, "\" z\""u8);
        sink.OnBlockEnd(0);
        sink.OnBlockStart(1, new BlockStart { Kind = BlockKind.ToolCall, Id = "c", Name = "t" });
        sink.OnArgumentsDelta(1, "\"{}\""u8);
        sink.OnBlockEnd(1);
        sink.OnUsage(new Usage { OutputText = 9 });
        sink.OnStop(StopReason.ToolCalls, "tool_calls", default);
        sink.OnEnd();

        Assert.Equal("x ", Said(folder.Response));
        Assert.Single(folder.Response.Blocks);
        Assert.Equal(9, folder.Response.Usage!.Value.OutputText);
        Assert.True(folder.IsComplete);
    }

    [Fact]
    public void A_surrogate_pair_that_a_vendor_cut_in_two_stays_whole()
    {
        var folder = new ResponseFolder(Protocol.OpenAIResponses);
        var sink = new StopSequenceSink(folder, [(JsonText)"STOP"]);
        sink.OnStart(new StreamStart("i", "m", 1));
        sink.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
        sink.OnTextDelta(0, """
            "a\ud83d"
            """u8);
        sink.OnTextDelta(0, """
            "\ude00b"
            """u8);
        sink.OnBlockEnd(0);

        Assert.Equal("a😀b", ((TextBlock)folder.Response.Blocks[0]).Text.ToString());
    }

    private static string Said(CanonicalResponse response) => string.Concat(response.Blocks.OfType<TextBlock>().Select(b => b.Text.ToString()));

    private static (CanonicalResponse Response, StopSequenceSink Sink) Play(string text, string[] stops, int seed)
    {
        var random = new Random(seed);
        var folder = new ResponseFolder(Protocol.OpenAIResponses);
        var sink = new StopSequenceSink(folder, stops.Select(s => (JsonText)s));
        sink.OnStart(new StreamStart("i", "m", 1));
        sink.OnBlockStart(0, new BlockStart { Kind = BlockKind.Text });
        var runes = text.EnumerateRunes().ToList();
        for (var at = 0; at < runes.Count;)
        {
            var length = Math.Min(random.Next(1, 4), runes.Count - at);
            sink.OnTextDelta(0, new JsonText(string.Concat(runes.Skip(at).Take(length))).ToToken().Span);
            at += length;
        }

        sink.OnBlockEnd(0);
        sink.OnStop(StopReason.EndTurn, null, default);
        sink.OnEnd();
        return (folder.Response, sink);
    }
}
