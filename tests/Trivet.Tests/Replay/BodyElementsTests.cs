using System.Text;
using System.Text.Json.Nodes;
using Trivet.Core.Replay;
using Trivet.Core.Upstreams.Vendors;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Replay;

public sealed class BodyElementsTests
{
    [Fact]
    public void Whatever_is_cut_legal_json_is_left_and_no_message_is_empty()
    {
        // Every subset of three blocks in each of two messages.
        for (var mask = 0; mask < 64; mask++)
        {
            var body = Encoding.UTF8.GetBytes("""{"model":"m", "messages" : [ {"role":"user","content":"u"} , {"role":"assistant","content":[ {"type":"thinking","signature":"A1"} , {"type":"text","text":"b, ]"},{"type":"redacted_thinking","data":"A2"}]} ,{"content": [{"n":1},{"n":2}, {"n":3} ],"role":"assistant"}, {"role":"user","content":"v"} ]}""");
            var messages = BodyElements.Read(Protocol.AnthropicMessages, body);
            var blocks = messages.SelectMany(static message => message.Inner ?? []).ToList();
            Assert.Equal(["A1", "A2"], blocks.Where(static block => block is { IsThought: true, Opaque: not null }).Select(static block => block.Opaque!.Value.ToString()));
            for (var i = 0; i < blocks.Count; i++)
                blocks[i].IsCut = (mask & (1 << i)) != 0;
            var ranges = new List<(int Start, int Length)>();
            Assert.False(BodyElements.AddRanges(messages, ranges));
            var left = body.ToList();
            foreach (var (start, length) in ranges.OrderByDescending(static range => range.Start))
                left.RemoveRange(start, length);
            var parsed = JsonNode.Parse(left.ToArray())!["messages"]!.AsArray();
            Assert.Equal(4 - ((mask & 7) == 7 ? 1 : 0) - (mask >> 3 == 7 ? 1 : 0), parsed.Count);
            Assert.Equal(6 - int.PopCount(mask), parsed.Sum(static message => message!["content"] is JsonArray content ? content.Count : 0));
        }
    }

    [Theory]
    [InlineData("messages.1.content.0: Invalid `signature` in `thinking` block", null)]
    [InlineData("The encrypted content gAAA...DQ== could not be verified.", "invalid_encrypted_content")]
    [InlineData("The encrypted content for item rs_0a18 could not be verified. Reason: Encrypted content could not be decrypted or parsed.", null)]
    [InlineData("Function call is missing a thought_signature in functionCall parts. This is required", null)]
    [InlineData("Unable to submit request because Thought signature is not valid.. Learn more", null)]
    [InlineData("messages.5.content.0.type: Expected `thinking` or `redacted_thinking`, but found `tool_use`. When", null)]
    public void A_refusal_of_thoughts_is_known_by_its_words(string message, string? code) =>
        Assert.True(ReasoningRefusals.Matches(new WireError { Class = ErrorClass.InvalidRequest, Message = message, Code = code }));

    [Theory]
    [InlineData("max_tokens: must be greater than thinking.budget_tokens", ErrorClass.InvalidRequest)]
    [InlineData("Invalid `signature` in `thinking` block", ErrorClass.RateLimited)]
    [InlineData("could not be verified: encrypted content", ErrorClass.InvalidRequest)]
    public void Other_refusals_are_not(string message, ErrorClass errorClass) => Assert.False(ReasoningRefusals.Matches(new WireError { Class = errorClass, Message = message }));

    [Fact]
    public void Opaque_values_are_found_in_events_of_every_protocol_and_decoded()
    {
        const string json = """{"a":[{"signature":"A\/1"},{"type":"redacted_thinking","data":"B"},{"encrypted_content":"C"},{"thoughtSignature":"D"},{"thought_signature":""},{"signature":null},{"text":"signature"}]}""";
        foreach (var protocol in Enum.GetValues<Protocol>())
            Assert.True(OpaqueBlobs.MayHoldAny(protocol, Encoding.UTF8.GetBytes(json)));
        var found = new List<string>();
        OpaqueBlobs.ForEach(Encoding.UTF8.GetBytes(json), value => found.Add(Encoding.UTF8.GetString(value)));
        Assert.Equal(["A/1", "B", "C", "D"], found);
        Assert.False(OpaqueBlobs.MayHoldAny(Protocol.AnthropicMessages, """{"type":"content_block_delta","delta":{"type":"text_delta","text":"hi"}}"""u8));
    }
}
