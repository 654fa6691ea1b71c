using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.Canonical;

/// <summary>A ban on parallel calls that Trivet keeps in an upstream's stead.</summary>
public sealed class SingleCallTests
{
    [Fact]
    public void Only_the_first_call_of_a_stream_goes_on_and_blocks_stay_dense()
    {
        var folder = new ResponseFolder(Protocol.Gemini);
        var sink = new SingleCallSink(folder);
        sink.OnStart(new StreamStart("i", "m", 1));
        Call(sink, 0, "one", "{\\\"a\\\":1}");
        Call(sink, 1, "two", "{\\\"b\\\":2}");
        sink.OnBlockStart(2, new BlockStart { Kind = BlockKind.Text });
        sink.OnTextDelta(2, "\"said\""u8);
        sink.OnBlockEnd(2);
        sink.OnUsage(new Usage { OutputText = 7 });
        sink.OnStop(StopReason.ToolCalls, null, default);
        sink.OnEnd();

        Assert.Equal(2, folder.Response.Blocks.Count);
        Assert.Equal("one", Assert.IsType<ToolCallBlock>(folder.Response.Blocks[0]).Name.ToString());
        Assert.Equal("said", Assert.IsType<TextBlock>(folder.Response.Blocks[1]).Text.ToString());
        Assert.Equal((StopReason.ToolCalls, 7L), (folder.Response.StopReason, folder.Response.Usage!.Value.OutputTotal));
    }

    [Fact]
    public void A_whole_answer_keeps_its_first_call_and_all_that_is_no_call()
    {
        var folder = new ResponseFolder(Protocol.Gemini);
        folder.OnStart(new StreamStart("i", "m", 1));
        Call(folder, 0, "one", "{}");
        folder.OnBlockStart(1, new BlockStart { Kind = BlockKind.Text });
        folder.OnTextDelta(1, "\"said\""u8);
        folder.OnBlockEnd(1);
        Call(folder, 2, "two", "{}");
        folder.OnStop(StopReason.ToolCalls, null, default);
        folder.OnEnd();

        SingleCallSink.Apply(folder.Response);

        Assert.Equal([typeof(ToolCallBlock), typeof(TextBlock)], folder.Response.Blocks.Select(b => b.GetType()));
        Assert.Equal("one", ((ToolCallBlock)folder.Response.Blocks[0]).Name.ToString());
    }

    private static void Call(IStreamSink sink, int block, string name, string arguments)
    {
        sink.OnBlockStart(block, new BlockStart { Kind = BlockKind.ToolCall, Id = (JsonText)("c" + block), Name = (JsonText)name });
        sink.OnArgumentsDelta(block, System.Text.Encoding.UTF8.GetBytes($"\"{arguments}\""));
        sink.OnBlockEnd(block);
    }
}
