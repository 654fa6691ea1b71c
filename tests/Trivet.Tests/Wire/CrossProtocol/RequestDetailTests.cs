using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Odd but legal requests: what a client says at the edges of its protocol reaches every other, or is named.</summary>
public sealed class RequestDetailTests
{
    [Fact]
    public void A_message_that_says_nothing_keeps_its_place_in_chat_and_is_named_elsewhere()
    {
        var body = """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":""}]}""";
        Assert.Equal("", (string?)Write(WireDoor.Chat, WireDoor.Chat, body, out var none)["messages"]![2]!["content"]);
        Assert.Empty(none);
        foreach (var door in WireDoor.All.Where(door => door.Protocol != Protocol.OpenAIChat))
        {
            Write(WireDoor.Chat, door, body, out var lost);
            Assert.Contains("messages[].content=empty", lost);
        }
    }

    [Fact]
    public void Who_asks_is_said_in_the_word_that_the_client_used_where_the_upstream_has_it()
    {
        var body = """{"model":"m","input":"a","safety_identifier":"u1"}""";
        var own = Write(WireDoor.Responses, WireDoor.Responses, body, out var none);
        Assert.Equal(("u1", null, ""), ((string?)own["safety_identifier"], own["user"], none));
        Assert.Equal("u1", (string?)Write(WireDoor.Responses, WireDoor.Chat, body, out var moved)["user"]);
        Assert.Equal("~safety_identifier", moved);
        Assert.Equal("u1", (string?)Write(WireDoor.Responses, WireDoor.Messages, body, out none)["metadata"]!["user_id"]);
        Assert.Empty(none);
        var chat = """{"model":"m","messages":[{"role":"user","content":"a"}],"user":"u2","safety_identifier":"u1"}""";
        var both = Write(WireDoor.Chat, WireDoor.Responses, chat, out none);
        Assert.Equal(("u1", "u2", ""), ((string?)both["safety_identifier"], (string?)both["user"], none));
        Write(WireDoor.Chat, WireDoor.Gemini, chat, out var lost);
        Assert.Equal("user, safety_identifier", lost);
    }

    internal static JsonNode Write(WireDoor from, WireDoor to, string body, out string lost)
    {
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        to.WriteRequest(from.ReadRequest(Encoding.UTF8.GetBytes(body)), output, losses);
        lost = losses.ToString();
        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
