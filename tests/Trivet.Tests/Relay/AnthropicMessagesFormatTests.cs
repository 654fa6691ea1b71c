using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Core.Relay.Attempts;
using Trivet.Core.Relay.Formats;
using Trivet.Core.Snapshots;
using Trivet.Core.Upstreams;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Tests.Wire;
using Trivet.Wire.Canonical;
using Trivet.Wire.Json;

namespace Trivet.Tests.Relay;

/// <summary>What vendors' profiles make of a Messages request that passes through.</summary>
public sealed class AnthropicMessagesFormatTests
{
    [Theory]
    [InlineData("\"no such file\"", "\"The tool failed:\\nno such file\"")]
    [InlineData("[ {\"type\":\"text\",\"text\":\"no\"}]", "[{\"type\":\"text\",\"text\":\"The tool failed:\"},{\"type\":\"text\",\"text\":\"no\"}]")]
    [InlineData("[ ]", "[{\"type\":\"text\",\"text\":\"The tool failed:\"}]")]
    public void A_tool_that_failed_is_said_to_have_where_the_vendor_does_not_read_is_error(string content, string expected)
    {
        Assert.Equal(("tool_result", expected), Passed("deepseek", content, "true", out var lost));
        Assert.Equal(["messages[].content[].is_error"], lost);
        Assert.Equal(content, Passed("anthropic", content, "true", out lost).Content);
        Assert.Empty(lost);
        Assert.Equal(content, Passed("deepseek", content, "false", out lost).Content);
        Assert.Empty(lost);
    }

    [Theory]
    [InlineData("minimax", "0", "0.01", "~temperature")]
    [InlineData("minimax", "1.5", "1", "~temperature")]
    [InlineData("minimax", "0.7", "0.7", "")]
    [InlineData("anthropic", "0", "0", "")]
    public void A_temperature_outside_what_the_vendor_takes_is_brought_within_and_named(string vendor, string asked, string sent, string lost)
    {
        var body = Encoding.UTF8.GetBytes($$"""{"model":"m","max_tokens":9,"temperature": {{asked}} ,"messages":[{"role":"user","content":"q"}]}""");
        var format = WireFormats.For(Protocol.AnthropicMessages);
        var (scan, edits, output) = (new RequestScan(), new PassThroughEdits(), new ArrayBufferWriter<byte>());
        Assert.True(format.TryScan(body, scan, out _));
        var offering = new Offering(new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get(vendor), Endpoints = [] }, "m");
        format.CollectEdits(body, scan, offering, edits);
        edits.Apply(body, output);
        Assert.Equal(sent, JsonNode.Parse(output.WrittenSpan)!["temperature"]!.ToJsonString());
        Assert.Equal(lost, string.Join(", ", edits.Lost));

        // The same where a request of another protocol is translated.
        Assert.True(WireFormats.For(Protocol.OpenAIChat).TryReadRequest(Encoding.UTF8.GetBytes($$"""{"model":"m","temperature":{{asked}},"messages":[{"role":"user","content":"q"}]}"""), out var request, out _));
        output.ResetWrittenCount();
        format.WriteRequest(request!, offering, output, new LossList());
        Assert.Equal(double.Parse(sent, CultureInfo.InvariantCulture), (double?)JsonNode.Parse(output.WrittenSpan)!["temperature"]);
    }

    [Theory]
    [InlineData("ollama", Protocol.AnthropicMessages, """{"type":"none"}""", false)]
    [InlineData("ollama", Protocol.AnthropicMessages, """{"type":"tool","name":"none"}""", true)]
    [InlineData("anthropic", Protocol.AnthropicMessages, """{"type":"none"}""", true)]
    [InlineData("zhipu", Protocol.OpenAIChat, "\"none\"", false)]
    [InlineData("zhipu", Protocol.OpenAIChat, "\"auto\"", true)]
    public void A_vendor_that_does_not_obey_a_ban_on_tools_is_offered_none(string vendor, Protocol protocol, string choice, bool isOffered)
    {
        var tool = protocol == Protocol.OpenAIChat ? """{"type":"function","function":{"name":"none"}}""" : """{"name":"none","input_schema":{"type":"object"}}""";
        var body = Encoding.UTF8.GetBytes($$"""{"tools":[{{tool}}],"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"}],"tool_choice":{{choice}}}""");
        var format = WireFormats.For(protocol);
        var (scan, edits, output) = (new RequestScan(), new PassThroughEdits(), new ArrayBufferWriter<byte>());
        Assert.True(format.TryScan(body, scan, out _));
        var offering = new Offering(new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get(vendor), Endpoints = [] }, "m");
        format.CollectEdits(body, scan, offering, edits);
        edits.Apply(body, output);
        var passed = JsonNode.Parse(output.WrittenSpan)!;
        Assert.Equal((isOffered, isOffered), (passed["tools"] is not null, passed["tool_choice"] is not null));
        Assert.Equal(isOffered ? "" : "tools, tool_choice", string.Join(", ", edits.Lost));

        Assert.True(format.TryReadRequest(body, out var request, out _));
        output.ResetWrittenCount();
        var losses = new LossList();
        format.WriteRequest(request!, offering, output, losses);
        Assert.Equal(isOffered, JsonNode.Parse(output.WrittenSpan)!["tools"] is not null);
        if (!isOffered)
            Assert.Contains("~tool_choice=none", losses.ToString(), StringComparison.Ordinal);
    }

    private static (string Type, string Content) Passed(string vendor, string content, string isError, out IReadOnlyList<string> lost)
    {
        var body = Encoding.UTF8.GetBytes($$"""
            {"model":"m","max_tokens":9,"messages":[{"role":"user","content":"q"},{"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{} }]},
            {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","is_error":{{isError}},"content":{{content}} }]}]}
            """);
        var format = WireFormats.For(Protocol.AnthropicMessages);
        var scan = new RequestScan();
        Assert.True(format.TryScan(body, scan, out _));
        var edits = new PassThroughEdits();
        format.CollectEdits(body, scan, new Offering(new UpstreamConfig { Name = "lab", Profile = VendorProfiles.Get(vendor), Endpoints = [] }, "m"), edits);
        var output = new ArrayBufferWriter<byte>();
        edits.Apply(body, output);
        lost = edits.Lost;
        var result = JsonNode.Parse(output.WrittenSpan)!["messages"]![2]!["content"]![0]!;
        JsonMeaning.AssertSame(JsonNode.Parse(isError), result["is_error"], "is_error");
        var raw = Encoding.UTF8.GetString(output.WrittenSpan);
        var isSame = raw.Contains($"\"content\":{content} }}", StringComparison.Ordinal);
        return (result["type"]!.GetValue<string>(), isSame ? content : result["content"]!.ToJsonString());
    }
}
