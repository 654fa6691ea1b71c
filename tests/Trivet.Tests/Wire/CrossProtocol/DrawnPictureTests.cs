using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>What a model draws goes from each protocol that has a place for it to each other, whole and streamed, and back in the history.</summary>
public sealed class DrawnPictureTests
{
    private const string Data = "iVBORw0KGgo=";

    private static readonly Dictionary<Protocol, string> Wholes = new()
    {
        [Protocol.OpenAIChat] = $$$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Here.","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Data}}}"},"index":0}]},"finish_reason":"stop"}]}""",
        [Protocol.OpenAIResponses] = $$"""{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","content":[{"type":"output_text","text":"Here."}]},{"type":"image_generation_call","id":"ig_1","status":"completed","result":"{{Data}}"}]}""",
        [Protocol.Gemini] = $$$"""{"responseId":"r","candidates":[{"content":{"role":"model","parts":[{"text":"Here."},{"inlineData":{"mimeType":"image/png","data":"{{{Data}}}"}}]},"finishReason":"STOP"}]}""",
    };

    public static TheoryData<string, string> Pairs => new((from origin in Wholes.Keys from target in Wholes.Keys select (origin.ToString(), target.ToString())).ToArray());

    [Theory]
    [MemberData(nameof(Pairs))]
    public void A_picture_stands_where_the_other_protocol_has_its_own(string origin, string target)
    {
        var (from, to) = (WireDoor.Of(Enum.Parse<Protocol>(origin)), WireDoor.Of(Enum.Parse<Protocol>(target)));
        var losses = new LossList();
        var whole = to.Through(Read(from), losses);
        Assert.Equal($"image/png {Data}", Picture(whole));
        Assert.Equal("Here.", Assert.IsType<TextBlock>(whole.Blocks[0]).Text.ToString());

        var output = new ArrayBufferWriter<byte>();
        ResponsePlayer.Play(Read(from), to.StreamWriter(output, losses));
        var folder = new ResponseFolder(to.Protocol);
        var reader = to.StreamReader(folder);
        SseFeeding.Feed(output.WrittenSpan.ToArray(), "whole", reader);
        reader.Complete();
        Assert.Equal($"image/png {Data}", Picture(folder.Response));
        Assert.Empty(losses.ToString());
    }

    [Fact]
    public void A_signature_of_a_picture_is_kept_for_who_gave_it_and_stands_in_no_other_place()
    {
        var answer = WireDoor.Gemini.ReadResponse(Encoding.UTF8.GetBytes($$"""{"candidates":[{"content":{"parts":[{"text":"x"},{"inlineData":{"mimeType":"image/png","data":"{{Data}}"},"thoughtSignature":"c2ln"}]},"finishReason":"STOP"}]}"""));
        Assert.Equal("c2ln", answer.Blocks[1].ThoughtSignature.ToString());
        foreach (var door in (WireDoor[])[WireDoor.Chat, WireDoor.Responses])
        {
            var (whole, streamed) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
            door.WriteResponse(answer, whole, new LossList());
            ResponsePlayer.Play(answer, door.StreamWriter(streamed, new LossList()));
            Assert.DoesNotContain("c2ln", Encoding.UTF8.GetString(whole.WrittenSpan) + Encoding.UTF8.GetString(streamed.WrittenSpan), StringComparison.Ordinal);
        }

        var request = WireDoor.Chat.ReadRequest(Encoding.UTF8.GetBytes($$$"""{"model":"m","messages":[{"role":"user","content":"Draw."},{"role":"assistant","content":"x","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Data}}}"}}]}]}"""));
        request.Turns[1].Blocks[^1].ThoughtSignature = "c2ln"; // as the replay store puts it there
        var output = new ArrayBufferWriter<byte>();
        WireDoor.Gemini.WriteRequest(request, output, new LossList());
        Assert.Equal("c2ln", (string?)JsonNode.Parse(output.WrittenSpan)!["contents"]![1]!["parts"]![1]!["thoughtSignature"]);
    }

    [Fact]
    public void Messages_has_no_place_and_the_loss_is_named()
    {
        foreach (var origin in Wholes.Keys)
        {
            var losses = new LossList();
            WireDoor.Messages.WriteResponse(Read(WireDoor.Of(origin)), new ArrayBufferWriter<byte>(), losses);
            Assert.Equal("choices[].message.content[].type", losses.ToString());
        }
    }

    [Fact]
    public void Sketches_among_thoughts_sounds_and_what_names_no_type_are_no_pictures()
    {
        foreach (var part in (string[])["""{"thought":true,"inlineData":{"mimeType":"image/png","data":"AAAA"}}""", """{"inlineData":{"mimeType":"audio/L16","data":"AAAA"}}""", """{"inlineData":{"mimeType":"image/\"x","data":"AAAA"}}"""])
        {
            var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
            var answer = WireDoor.Gemini.ReadResponse(Encoding.UTF8.GetBytes($$"""{"candidates":[{"content":{"parts":[{{part}},{"text":"x"}]},"finishReason":"STOP"}]}"""));
            WireDoor.Chat.WriteResponse(answer, output, losses);
            Assert.Equal("content.inlineData", losses.ToString());
            Assert.DoesNotContain("images", Encoding.UTF8.GetString(output.WrittenSpan));
        }
    }

    [Fact]
    public void An_address_is_a_picture_for_Gemini_and_named_by_Responses_which_takes_none()
    {
        var answer = WireDoor.Chat.ReadResponse("""{"id":"c","choices":[{"message":{"content":"x","images":[{"type":"image_url","image_url":{"url":"https://a.example/p.png"}}]},"finish_reason":"stop"}]}"""u8.ToArray());
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        WireDoor.Gemini.WriteResponse(answer, output, losses);
        Assert.Equal("https://a.example/p.png", (string?)JsonNode.Parse(output.WrittenSpan)!["candidates"]![0]!["content"]!["parts"]![1]!["fileData"]!["fileUri"]);
        Assert.Empty(losses.ToString());
        WireDoor.Responses.WriteResponse(answer, new ArrayBufferWriter<byte>(), losses);
        Assert.Equal("content.image_url", losses.ToString());
    }

    [Theory]
    [InlineData(nameof(Protocol.OpenAIChat), $$$"""{"model":"m","messages":[{"role":"user","content":"Draw."},{"role":"assistant","content":"Here.","images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,{{{Data}}}"}}]},{"role":"user","content":"Bluer."}]}""")]
    [InlineData(nameof(Protocol.OpenAIResponses), $$"""{"model":"m","input":[{"role":"user","content":"Draw."},{"role":"assistant","content":"Here."},{"type":"image_generation_call","id":"ig_1","status":"completed","result":"{{Data}}"},{"role":"user","content":"Bluer."}]}""")]
    public void A_picture_in_the_history_goes_to_Gemini_as_the_models_own(string origin, string body)
    {
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        WireDoor.Gemini.WriteRequest(WireDoor.Of(Enum.Parse<Protocol>(origin)).ReadRequest(Encoding.UTF8.GetBytes(body)), output, losses);
        var turn = JsonNode.Parse(output.WrittenSpan)!["contents"]![1]!;
        Assert.Equal("model", (string?)turn["role"]);
        Assert.Equal(Data, (string?)turn["parts"]![1]!["inlineData"]!["data"]);
        Assert.Empty(losses.ToString());
    }

    [Theory]
    [InlineData("""["image","text"]""", """["TEXT","IMAGE"]""", "")]
    [InlineData("""["image"]""", """["IMAGE"]""", "")]
    [InlineData("""["text"]""", null, "")]
    [InlineData("""["text","audio"]""", null, "modalities")]
    public void A_Chat_client_asks_Gemini_for_pictures_by_its_own_word(string modalities, string? said, string lost)
    {
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        WireDoor.Gemini.WriteRequest(WireDoor.Chat.ReadRequest(Encoding.UTF8.GetBytes($$"""{"model":"m","modalities":{{modalities}},"messages":[{"role":"user","content":"Draw."}]}""")), output, losses);
        Assert.Equal(said, JsonNode.Parse(output.WrittenSpan)!["generationConfig"]?["responseModalities"]?.ToJsonString());
        Assert.Equal(lost, losses.ToString());
    }

    [Fact]
    public void A_picture_in_the_history_is_kept_between_Chat_and_Chat()
    {
        var request = """{"model":"m","messages":[{"role":"user","content":"Draw."},{"role":"assistant","content":null,"images":[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"},"index":0}]},{"role":"user","content":"Bluer."}]}"""u8;
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        WireDoor.Chat.WriteRequest(WireDoor.Chat.ReadRequest(request.ToArray()), output, losses);
        var messages = JsonNode.Parse(output.WrittenSpan)!["messages"]!.AsArray();
        Assert.Equal(3, messages.Count);
        Assert.Equal("""[{"type":"image_url","image_url":{"url":"data:image/png;base64,AAAA"},"index":0}]""", messages[1]!["images"]!.ToJsonString());
        Assert.Empty(losses.ToString());
    }

    [Fact]
    public void An_answer_of_a_picture_alone_that_passes_through_is_not_empty()
    {
        var tap = new AnswerTap();
        OpenAIChatTap.ObserveBody("""{"id":"c","model":"m","choices":[{"message":{"content":"","images":[{"type":"image_url","image_url":{"url":"https://a.example"}}]},"finish_reason":"stop"}]}"""u8, tap);
        Assert.True(tap.HasContent);
    }

    private static CanonicalResponse Read(WireDoor door) => door.ReadResponse(Encoding.UTF8.GetBytes(Wholes[door.Protocol]));

    private static string? Picture(CanonicalResponse response) => response.Blocks.OfType<OpaqueBlock>().Select(block => DrawnPicture.Of(block.Origin, block.Type, block.Raw)).Single() is { } picture
        ? $"{picture.MediaType} {picture.Data}" : null;
}
