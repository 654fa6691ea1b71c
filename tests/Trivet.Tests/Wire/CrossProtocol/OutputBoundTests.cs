using System.Buffers;
using System.Text;
using Trivet.Wire.BedrockConverse;
using Trivet.Wire.BedrockConverse.Requests;
using Trivet.Wire.Canonical;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>A bound of no tokens at all bounds nothing in most protocols: what becomes of it is said.</summary>
public sealed class OutputBoundTests
{
    [Theory]
    [InlineData(Protocol.AnthropicMessages)]
    [InlineData(Protocol.OpenAIResponses)]
    [InlineData(Protocol.Gemini)]
    public void A_bound_of_none_that_the_target_does_not_take_is_said_to_be_changed(Protocol target)
    {
        var losses = new LossList();
        WireDoor.Of(target).WriteRequest(Ask(), new ArrayBufferWriter<byte>(), losses);
        Assert.Contains("max_tokens", losses.ToString());
    }

    [Fact]
    public void Bedrock_says_so_too()
    {
        var losses = new LossList();
        BedrockConverseRequestWriter.Write(Ask(), BedrockConverseDialect.Default, "m", new ArrayBufferWriter<byte>(), losses);
        Assert.Contains("max_tokens", losses.ToString());
    }

    [Fact]
    public void A_messages_client_that_asks_an_upstream_of_its_protocol_for_none_gets_none()
    {
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        var request = WireDoor.Messages.ReadRequest("""{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]}"""u8.ToArray());
        WireDoor.Messages.WriteRequest(request, output, losses);
        Assert.Contains("\"max_tokens\":0", Encoding.UTF8.GetString(output.WrittenSpan));
        Assert.True(losses.IsEmpty, losses.ToString());
    }

    private static CanonicalRequest Ask() => WireDoor.Chat.ReadRequest("""{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]}"""u8.ToArray());
}
