using System.Text;
using System.Text.Json;
using Trivet.Tests.Failures;
using Trivet.Wire.AnthropicMessages.Streams;

namespace Trivet.Tests.Relay;

/// <summary>
/// Claude Code takes the size of its context from <c>message_start</c>. Where a vendor is known to count at the end only, Trivet's estimate stands there; everything
/// else passes through as it stood.
/// </summary>
public sealed class MissingInputTests
{
    private const string Start = "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"type\":\"message\",\"role\":\"assistant\",\"content\":[],\"model\":\"x\",\"usage\":{\"input_tokens\": 0,\"output_tokens\":0}}}\n\n";
    private const string Rest = "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\nevent: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"x\"}}\n\n"
        + "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\nevent: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\"},\"usage\":{\"input_tokens\":77,\"output_tokens\":1}}\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n";

    [Fact]
    public async Task A_vendor_that_counts_at_the_end_gets_an_estimate_at_the_start_and_is_booked_by_its_count()
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Vendor = "vllm";
        var stream = Start + Rest;
        Script(rig, stream);

        var answer = await rig.AskAsync("anthropic-messages", "anthropic-messages", stream: true, ["a:m"], prompt: string.Concat(Enumerable.Repeat("Tell me more. ", 100)));

        Assert.Equal(200, answer.Status);
        Assert.EndsWith(Rest, answer.Body, StringComparison.Ordinal);
        var head = answer.Body[..^Rest.Length];
        Assert.True(AnthropicMessagesMissingInput.TryFind(DataOf(Start), out var start, out var length));
        Assert.False(AnthropicMessagesMissingInput.TryFind(DataOf(head), out var at, out var digits));
        Assert.InRange(int.Parse(Encoding.UTF8.GetString(DataOf(head).AsSpan(at, digits))), 100, 2000);
        Assert.Equal((start, Start.Length - length), (at, head.Length - digits));
        Assert.Equal(77, rig.Spool.Attempts[0].InputUncachedTokens);
    }

    [Theory]
    [InlineData("anthropic", Start)]
    [InlineData("vllm", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\",\"usage\":{\"input_tokens\":5,\"output_tokens\":0}}}\n\n")]
    [InlineData("vllm", "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"m\"}}\n\n")]
    public async Task Any_other_start_passes_through_as_it_stood(string vendor, string start)
    {
        await using var rig = await RelayRig.StartAsync();
        rig.Vendor = vendor;
        Script(rig, start + Rest);

        var answer = await rig.AskAsync("anthropic-messages", "anthropic-messages", stream: true, ["a:m"]);

        Assert.Equal(start + Rest, answer.Body);
    }

    private static byte[] DataOf(string e) => Encoding.UTF8.GetBytes(e[(e.IndexOf("data: ", StringComparison.Ordinal) + 6)..].TrimEnd('\n'));

    private static void Script(RelayRig rig, string stream) =>
        rig.A.Script($$$"""{"match":{"model":"m"},"times":0,"raw":{"status":200,"headers":{"content-type":{{{JsonSerializer.Serialize("text/event-stream")}}} },"body_base64":"{{{Convert.ToBase64String(Encoding.UTF8.GetBytes(stream))}}}"}}""");
}
