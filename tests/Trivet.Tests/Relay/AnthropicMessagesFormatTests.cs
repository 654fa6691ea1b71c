using System.Buffers;
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
