using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Tests.Wire.AnthropicMessages;

public sealed class AnthropicMessagesRequestTests
{
    private readonly LossList _losses = new();

    [Theory]
    [InlineData("""{"model":"m"}""", "messages")]
    [InlineData("""{"messages":{}}""", "messages")]
    [InlineData("""{"messages":[1]}""", "messages[0]")]
    [InlineData("""{"messages":[{"role":"robot","content":"x"}]}""", "messages[0].role")]
    [InlineData("""{"messages":[{"role":"user"}]}""", "messages[0].content")]
    [InlineData("""{"messages":[{"role":"user","content":[{"text":"x"}]}]}""", "messages[0].content[0].type")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"text","text":null}]}]}""", "messages[0].content[0].text")]
    [InlineData("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"tool_use","name":"f","input":{}}]}]}""", "messages[1].content[0].id")]
    [InlineData("""{"messages":[{"role":"user","content":[{"type":"tool_result","tool_use_id":"a","content":[{"type":"text"}]}]}]}""", "messages[0].content[0].content[0].text")]
    [InlineData("""{"messages":[],"tools":[{"input_schema":{}}]}""", "tools[0].name")]
    [InlineData("""{"messages":[],"tool_choice":{"type":"perhaps"}}""", "tool_choice.type")]
    public void A_bad_request_is_refused_with_the_path_of_the_fault(string body, string path)
    {
        Assert.False(AnthropicMessagesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error));
        Assert.Null(request);
        Assert.Equal(path, error!.Param);
        Assert.StartsWith(path + ":", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"messages\":[]}x")]
    [InlineData("{\"messages\":[{\"role\":\"user\",\"content\":\"\u0001\"}]}")]
    public void What_is_no_json_object_is_refused_by_reader_and_scan(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        Assert.False(AnthropicMessagesRequestReader.TryRead(bytes, out _, out var error));
        Assert.Equal(ErrorClass.InvalidRequest, error!.Class);
        Assert.False(AnthropicMessagesScan.TryScan(bytes, new RequestScan(), out error));
        Assert.Equal(ErrorClass.InvalidRequest, error!.Class);
    }

    [Fact]
    public void Nesting_without_end_is_refused()
    {
        var body = Encoding.UTF8.GetBytes("{\"messages\":" + new string('[', 100_000));
        Assert.False(AnthropicMessagesRequestReader.TryRead(body, out _, out _));
        Assert.False(AnthropicMessagesScan.TryScan(body, new RequestScan(), out _));
    }

    [Fact]
    public void Unknown_fields_stay_beside_what_they_stood_on_and_come_back()
    {
        const string body = """
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":[{"type":"text","text":"a","new_field":1}]}],"container":"c","mcp_servers":[],
             "thread":{"type":"create"},"safeguards":[{"type":"x"}],"speed":"fast","context_management":{"edits":[]},
             "thinking":{"type":"adaptive","display":"omitted","novelty":2},"output_config":{"effort":"high","task_budget":{"total":5}},
             "metadata":{"user_id":"{\"device_id\":\"d\"}","other":1},
             "tools":[{"name":"f","input_schema":{"type":"object","$schema":"x"},"defer_loading":true,"eager_input_streaming":true},{"type":"web_search_20250305","name":"web_search","max_uses":8}]}
            """;
        var written = Write(body, new AnthropicMessagesDialect { Thinking = AnthropicThinkingStyle.Adaptive });
        var original = JsonNode.Parse(body)!;
        foreach (var name in new[] { "container", "mcp_servers", "thread", "safeguards", "speed", "context_management", "thinking", "output_config", "metadata", "tools", "messages" })
            Assert.Equal(original[name]!.ToJsonString(), written[name]!.ToJsonString());
        Assert.True(_losses.IsEmpty, _losses.ToString());
    }

    [Fact]
    public void System_blocks_keep_their_order_and_cache_breakpoints()
    {
        var written = Write("""{"model":"m","max_tokens":1,"system":[{"type":"text","text":"x-anthropic-billing-header: v"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":"a"}],"cache_control":{"type":"ephemeral"}}""");
        Assert.Equal("""[{"type":"text","text":"x-anthropic-billing-header: v"},{"type":"text","text":"b","cache_control":{"type":"ephemeral"}}]""", written["system"]!.ToJsonString());
        Assert.NotNull(written["cache_control"]);
    }

    [Fact]
    public void Thoughts_with_a_genuine_signature_go_back_byte_for_byte_also_when_empty()
    {
        var written = Write("""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"","signature":"EqQB\u002b="},{"type":"redacted_thinking","data":"zzz"},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}""");
        Assert.Contains("\"EqQB\\u002b=\"", _text, StringComparison.Ordinal);
        Assert.Equal(["thinking", "redacted_thinking", "text"], Types(written, 1));
    }

    [Fact]
    public void Thoughts_of_others_are_left_out_or_sent_unsigned_to_who_wants_them()
    {
        var body = $$"""{"messages":[{"role":"user","content":"a"},{"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"{{ForeignSignature.Make("glm")}}"},{"type":"text","text":"b"}]},{"role":"user","content":"c"}]}""";
        Assert.Equal(["text"], Types(Write(body), 1));
        Assert.Contains(AnthropicMessagesLosses.Reasoning, _losses.Rules);
        var unsigned = Write(body, new AnthropicMessagesDialect { AcceptsUnsignedThinking = true });
        Assert.Equal("", unsigned["messages"]![1]!["content"]![0]!["signature"]!.GetValue<string>());
    }

    [Fact]
    public void Foreign_thoughts_are_cut_out_of_a_body_and_legal_json_is_left()
    {
        var foreign = $$"""{"type":"thinking","thinking":"x, ]","signature":"{{ForeignSignature.Make("glm")}}"}""";
        const string kept = """{"type":"thinking","thinking":"mine","signature":"EqQ"}""";
        string[][] contents =
        [
            [foreign, "A"], ["A", foreign], [foreign, foreign, "A"], ["A", foreign, foreign], [foreign, "A", foreign, "B", foreign], [foreign], [foreign, foreign], [kept, foreign, "A"], ["A"],
        ];
        foreach (var content in contents)
        {
            var blocks = content.Select(c => c.Length == 1 ? $$"""{ "type" : "text", "text" : "{{c}}" }""" : c).ToList();
            var body = $$"""{"model":"m","messages":[{"role":"user","content":"u"} , {"role":"assistant","content":[ {{string.Join(" , ", blocks)}} ]} ,{"role":"user","content":"v"}],"max_tokens":5}""";
            var bytes = Encoding.UTF8.GetBytes(body);
            var scan = new RequestScan();
            Assert.True(AnthropicMessagesScan.TryScan(bytes, scan, out _));
            var cut = Cut(bytes, scan.ForeignReasoning);
            var messages = JsonNode.Parse(cut)!["messages"]!.AsArray();
            var left = blocks.Where(b => b != foreign).Select(b => JsonNode.Parse(b)!.ToJsonString()).ToList();
            Assert.Equal(left.Count == 0 ? 2 : 3, messages.Count); // a message of nothing else goes as a whole
            if (left.Count > 0)
                Assert.Equal(left, messages[1]!["content"]!.AsArray().Select(b => b!.ToJsonString()));
            Assert.Equal("v", messages[^1]!["content"]!.GetValue<string>());
        }
    }

    [Fact]
    public void The_prefix_hash_holds_over_the_turns_of_a_conversation()
    {
        var first = Hash("""{"system":[{"type":"text","text":"x-anthropic-billing-header: cch=1"},{"type":"text","text":"s","cache_control":{"type":"ephemeral"}}],"messages":[{"role":"user","content":[{"type":"text","text":"hello","cache_control":{"type":"ephemeral"}}]}]}""");
        var later = Hash("""{"system":[{"type":"text","text":"x-anthropic-billing-header: cch=2"},{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"hello"}]},{"role":"assistant","content":"hi"},{"role":"user","content":"more"}]}""");
        var other = Hash("""{"system":[{"type":"text","text":"s"}],"messages":[{"role":"user","content":[{"type":"text","text":"hello!"}]}]}""");
        Assert.Equal(first, later);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public void A_scan_names_what_the_request_needs()
    {
        var scan = new RequestScan();
        var body = """{"stream":true,"tools":[{"name":"f","input_schema":{}},{"type":"web_search_20250305","name":"w"}],"tool_choice":{"type":"any","disable_parallel_tool_use":true},"stop_sequences":["x"],"thinking":{"type":"enabled","budget_tokens":2000},"output_config":{"format":{"type":"json_schema","schema":{}}},"messages":[{"role":"user","content":[{"type":"image","source":{"type":"url","url":"https://x/y.png"}},{"type":"document","source":{"type":"base64","media_type":"application/pdf","data":"JVBERi0"}}]}]}"""u8.ToArray();
        Assert.True(AnthropicMessagesScan.TryScan(body, scan, out _));
        Assert.Equal(
            RequestFeatures.Tools | RequestFeatures.ServerTools | RequestFeatures.ForcedTool | RequestFeatures.SingleToolCall | RequestFeatures.StopSequences | RequestFeatures.Reasoning
            | RequestFeatures.JsonSchema | RequestFeatures.Images | RequestFeatures.MediaByUrl | RequestFeatures.Documents,
            scan.Features);
        Assert.True(scan.Stream);
        Assert.Equal(2, scan.ToolCount);
        Assert.InRange(scan.InputTokensEstimate, 4500, 4800);
    }

    private string _text = "";

    private static ulong Hash(string body)
    {
        var scan = new RequestScan();
        Assert.True(AnthropicMessagesScan.TryScan(Encoding.UTF8.GetBytes(body), scan, out _));
        return scan.PrefixHash;
    }

    private static byte[] Cut(byte[] body, List<(int Start, int Length)> ranges)
    {
        var left = new List<byte>();
        var at = 0;
        foreach (var (start, length) in ranges)
        {
            Assert.True(start >= at);
            left.AddRange(body[at..start]);
            at = start + length;
        }

        left.AddRange(body[at..]);
        return [.. left];
    }

    private static IEnumerable<string> Types(JsonNode request, int message) => request["messages"]![message]!["content"]!.AsArray().Select(b => b!["type"]!.GetValue<string>());

    private JsonNode Write(string body, AnthropicMessagesDialect? dialect = null)
    {
        Assert.True(AnthropicMessagesRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out var error), error?.Message);
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesRequestWriter.Write(request!, dialect ?? AnthropicMessagesDialect.Default, "m", output, _losses);
        _text = Encoding.UTF8.GetString(output.WrittenSpan);
        return JsonNode.Parse(_text)!;
    }
}
