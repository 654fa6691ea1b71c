using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire.Canonical;

/// <summary>Tools offered under another name or form, and their calls turned back.</summary>
public sealed class ToolAliasTests
{
    private const string Request = """
        {"model":"m","messages":[{"role":"user","content":"Go"},
          {"role":"assistant","tool_calls":[{"id":"c1","type":"function","function":{"name":"fs.read","arguments":"{}"}}]},
          {"role":"tool","tool_call_id":"c1","content":"done"}],
         "tools":[{"type":"function","function":{"name":"fs.read","parameters":{"type":"object"}}},{"type":"function","function":{"name":"fs_read","parameters":{"type":"object"}}},
          {"type":"custom","custom":{"name":"patch","description":"Apply a patch"}}],
         "tool_choice":{"type":"function","function":{"name":"fs.read"}}}
        """;

    [Fact]
    public void Names_that_differ_only_in_illegal_characters_stay_two()
    {
        var sent = Written(out _);
        var names = sent["tools"]!.AsArray().Select(t => (string)t!["name"]!).ToList();

        Assert.Equal(3, names.Distinct().Count());
        Assert.All(names, name => Assert.Matches("^[a-zA-Z0-9_-]{1,128}$", name));
    }

    [Fact]
    public void Tools_calls_and_the_choice_agree_on_the_name()
    {
        var sent = Written(out _);
        var name = (string)sent["tools"]![0]!["name"]!;

        Assert.Equal(name, (string?)sent["tool_choice"]!["name"]);
        Assert.Equal(name, (string?)sent["messages"]!.AsArray().SelectMany(m => m!["content"] as JsonArray ?? []).Single(b => (string?)b!["type"] == "tool_use")!["name"]);
    }

    [Fact]
    public void A_call_under_an_alias_comes_back_as_the_clients_own()
    {
        var name = (string)Written(out var request)["tools"]![0]!["name"]!;
        var answer = Folded(request, name, """{"path":"a"}""");

        var call = Assert.IsType<ToolCallBlock>(Assert.Single(answer.Blocks));
        Assert.Equal("fs.read", call.Name.ToString());
        Assert.Equal(ToolKind.Function, call.Kind);
        Assert.Equal("""{"path":"a"}""", Encoding.UTF8.GetString(call.Arguments.Span));
    }

    [Fact]
    public void A_free_form_tool_gets_its_text_out_of_the_argument()
    {
        Written(out var request);
        var answer = Folded(request, "patch", """{"input":"*** Begin\n\"Patch\""}""");

        var call = Assert.IsType<ToolCallBlock>(Assert.Single(answer.Blocks));
        Assert.Equal(ToolKind.Custom, call.Kind);
        Assert.Equal("*** Begin\n\"Patch\"", Encoding.UTF8.GetString(call.Arguments.Span));
    }

    [Fact]
    public void Streamed_and_whole_answers_are_turned_back_alike()
    {
        Written(out var request);
        var whole = new CanonicalResponse { Origin = Protocol.AnthropicMessages };
        whole.Blocks.Add(new ToolCallBlock { Id = "c", Name = "patch", Arguments = """{"input":"text"}"""u8.ToArray() });
        ToolAliasSink.Apply(whole, request.Aliases);
        var streamed = Assert.IsType<ToolCallBlock>(Folded(request, "patch", """{"input":"text"}""").Blocks[0]);
        var call = Assert.IsType<ToolCallBlock>(whole.Blocks[0]);

        Assert.Equal(streamed.Kind, call.Kind);
        Assert.True(streamed.Arguments.Span.SequenceEqual(call.Arguments.Span));
    }

    [Fact]
    public void Arguments_that_are_no_object_are_handed_on_as_they_stand()
    {
        Written(out var request);
        var call = Assert.IsType<ToolCallBlock>(Folded(request, "patch", "just text").Blocks[0]);

        Assert.Equal("just text", Encoding.UTF8.GetString(call.Arguments.Span));
    }

    private static JsonObject Written(out CanonicalRequest request)
    {
        Assert.True(OpenAIChatRequestReader.TryRead(Encoding.UTF8.GetBytes(Request), out var read, out _));
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesRequestWriter.Write(read!, AnthropicMessagesDialect.Default, "m", output, new LossList());
        request = read!;
        return JsonNode.Parse(output.WrittenSpan)!.AsObject();
    }

    private static CanonicalResponse Folded(CanonicalRequest request, string name, string arguments)
    {
        var folder = new ResponseFolder(Protocol.AnthropicMessages);
        var sink = new ToolAliasSink(folder, request.Aliases);
        sink.OnStart(new StreamStart("id", "m", 1));
        sink.OnBlockStart(0, new BlockStart { Kind = BlockKind.ToolCall, Id = "c", Name = name });
        var middle = arguments.Length / 2;
        sink.OnArgumentsDelta(0, new JsonText(arguments[..middle]).ToToken().Span);
        sink.OnArgumentsDelta(0, new JsonText(arguments[middle..]).ToToken().Span);
        sink.OnBlockEnd(0);
        sink.OnStop(StopReason.ToolCalls, null, default);
        sink.OnEnd();
        return folder.Response;
    }
}
