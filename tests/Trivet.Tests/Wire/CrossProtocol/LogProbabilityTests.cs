using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Log probabilities between Chat and Responses, and between two ends of one of them that are read and written anew.</summary>
public sealed class LogProbabilityTests
{
    private const string A = """{"token":"He","logprob":-0.1,"bytes":[72,101],"top_logprobs":[{"token":"He","logprob":-0.1,"bytes":[72,101]}]}""";
    private const string B = """{"token":"llo","logprob":-0.25,"bytes":[108,108,111],"top_logprobs":[]}""";

    private static readonly string[] ChatEvents =
    [
        """{"id":"c","model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":""},"logprobs":{"content":[],"refusal":null},"finish_reason":null}]}""",
        $$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"He"},"logprobs":{"content":[{{A}}],"refusal":null},"finish_reason":null}]}""",
        $$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"llo"},"logprobs":{"content":[{{B}}],"refusal":null},"finish_reason":null}]}""",
        """{"id":"c","model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}]}""", "[DONE]",
    ];

    private static readonly string[] ResponsesEvents =
    [
        """{"type":"response.created","response":{"id":"resp_1","model":"m","status":"in_progress"}}""",
        """{"type":"response.output_item.added","output_index":0,"item":{"type":"message","id":"msg_1","content":[]}}""",
        $$"""{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"He","logprobs":[{{A}}]}""",
        $$"""{"type":"response.output_text.delta","item_id":"msg_1","output_index":0,"content_index":0,"delta":"llo","logprobs":[{{B}}]}""",
        $$"""{"type":"response.output_text.done","item_id":"msg_1","output_index":0,"content_index":0,"text":"Hello","logprobs":[{{A}},{{B}}]}""",
        $$$"""{"type":"response.output_item.done","output_index":0,"item":{"type":"message","id":"msg_1","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[{{{A}}},{{{B}}}]}]}}""",
        $$$"""{"type":"response.completed","response":{"id":"resp_1","model":"m","status":"completed","output":[{"type":"message","id":"msg_1","content":[{"type":"output_text","text":"Hello","logprobs":[{{{A}}},{{{B}}}]}]}]}}""",
    ];

    public static TheoryData<string> Origins => [nameof(Protocol.OpenAIChat), nameof(Protocol.OpenAIResponses)];

    [Theory]
    [MemberData(nameof(Origins))]
    public void Those_of_a_stream_go_with_the_pieces_that_they_belong_to(string origin)
    {
        var chat = Chunks(Translated(origin, WireDoor.Chat)).Where(choice => (string?)choice["delta"]!["content"] is { Length: > 0 }).ToList();
        Assert.Equal(["He", "llo"], chat.Select(choice => (string?)choice["delta"]!["content"]));
        Assert.Equal([A, B], chat.Select(choice => choice["logprobs"]!["content"]!.AsArray().Single()!.ToJsonString()));

        var responses = Events(Translated(origin, WireDoor.Responses));
        var deltas = responses.Where(e => (string?)e["type"] == "response.output_text.delta").ToList();
        Assert.Equal(["He", "llo"], deltas.Select(e => (string?)e["delta"]));
        Assert.Equal([$"[{A}]", $"[{B}]"], deltas.Select(e => e["logprobs"]!.ToJsonString()));
        Assert.Equal($"[{A},{B}]", responses.Single(e => (string?)e["type"] == "response.output_text.done")["logprobs"]!.ToJsonString());
        Assert.Equal($"[{A},{B}]", responses.Single(e => (string?)e["type"] == "response.completed")["response"]!["output"]![0]!["content"]![0]!["logprobs"]!.ToJsonString());
    }

    [Theory]
    [MemberData(nameof(Origins))]
    public void Those_of_a_whole_answer_and_of_a_stream_that_is_folded_stand_in_each_protocols_place(string origin)
    {
        foreach (var response in (CanonicalResponse[])[Whole(origin), Folded(origin)])
        {
            foreach (var isStream in (bool[])[false, true])
            {
                var losses = new LossList();
                Assert.Equal($"[{A},{B}]", OfChat(response, isStream, losses));
                Assert.Equal($"[{A},{B}]", OfResponses(response, isStream, losses));
                Assert.Empty(losses.ToString());
            }
        }
    }

    [Theory]
    [MemberData(nameof(Origins))]
    public void Where_there_is_no_place_for_them_they_are_named(string origin)
    {
        foreach (var door in (WireDoor[])[WireDoor.Messages, WireDoor.Gemini])
        {
            var losses = new LossList();
            door.WriteResponse(Whole(origin), new ArrayBufferWriter<byte>(), losses);
            Assert.Contains("logprobs", losses.ToString());
            var reader = WireDoor.Of(Enum.Parse<Protocol>(origin)).StreamReader(door.StreamWriter(new ArrayBufferWriter<byte>(), losses));
            SseFeeding.Feed(Stream(origin), "whole", reader);
            losses = new LossList();
            losses.AddUnsaid(reader.Unsaid, door.Protocol);
            Assert.Contains("logprobs", losses.ToString());
        }
    }

    [Fact]
    public void Those_that_a_vendor_tells_only_when_the_text_is_done_are_told_once()
    {
        var events = ResponsesEvents.Select(e => e.Contains(".delta", StringComparison.Ordinal) ? e.Replace($",\"logprobs\":[{A}]", "", StringComparison.Ordinal).Replace($",\"logprobs\":[{B}]", "", StringComparison.Ordinal) : e).ToArray();
        Assert.Equal($"[{A},{B}]", OfChat(Fold(WireDoor.Responses, Sse(events)), isStream: false, new LossList()));
    }

    [Fact]
    public void Those_of_a_refusal_stay_with_it_in_chat()
    {
        var response = Fold(WireDoor.Chat, Sse([$$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{"refusal":"He"},"logprobs":{"content":null,"refusal":[{{A}}]},"finish_reason":"stop"}]}""", "[DONE]"]));
        var output = new ArrayBufferWriter<byte>();
        WireDoor.Chat.WriteResponse(response, output, new LossList());
        Assert.Equal($$"""{"content":null,"refusal":[{{A}}]}""", JsonNode.Parse(output.WrittenSpan)!["choices"]![0]!["logprobs"]!.ToJsonString());
    }

    private static CanonicalResponse Whole(string origin) => origin == nameof(Protocol.OpenAIChat)
        ? WireDoor.Chat.ReadResponse(Encoding.UTF8.GetBytes($$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hello"},"logprobs":{"content":[{{A}},{{B}}],"refusal":null},"finish_reason":"stop"}]}"""))
        : WireDoor.Responses.ReadResponse(Encoding.UTF8.GetBytes($$"""{"id":"resp_1","object":"response","status":"completed","model":"m","output":[{"type":"message","id":"msg_1","role":"assistant","status":"completed","content":[{"type":"output_text","text":"Hello","annotations":[],"logprobs":[{{A}},{{B}}]}]}]}"""));

    private static CanonicalResponse Folded(string origin) => Fold(WireDoor.Of(Enum.Parse<Protocol>(origin)), Stream(origin));

    private static CanonicalResponse Fold(WireDoor door, byte[] stream)
    {
        var folder = new ResponseFolder(door.Protocol);
        var reader = door.StreamReader(folder);
        SseFeeding.Feed(stream, "whole", reader);
        reader.Complete();
        Assert.Null(folder.Error);
        return folder.Response;
    }

    private static byte[] Stream(string origin) => Sse(origin == nameof(Protocol.OpenAIChat) ? ChatEvents : ResponsesEvents);

    private static byte[] Sse(string[] events) => Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e}\n\n")));

    private static string Translated(string origin, WireDoor target)
    {
        var (output, losses) = (new ArrayBufferWriter<byte>(), new LossList());
        var reader = WireDoor.Of(Enum.Parse<Protocol>(origin)).StreamReader(target.StreamWriter(output, losses));
        SseFeeding.Feed(Stream(origin), "whole", reader);
        reader.Complete();
        losses.AddUnsaid(reader.Unsaid, target.Protocol);
        Assert.Empty(losses.ToString());
        if (target == WireDoor.Chat)
            OpenAIChatLegality.Check(output.WrittenSpan, true);
        else
            OpenAIResponsesLegality.Check(output.WrittenSpan);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string? OfChat(CanonicalResponse response, bool isStream, LossList losses)
    {
        if (isStream)
            return $"[{string.Join(",", Chunks(Played(response, WireDoor.Chat, losses)).SelectMany(choice => choice["logprobs"]?["content"]?.AsArray() ?? []).Select(e => e!.ToJsonString()))}]";
        var output = new ArrayBufferWriter<byte>();
        WireDoor.Chat.WriteResponse(response, output, losses);
        return JsonNode.Parse(output.WrittenSpan)!["choices"]![0]!["logprobs"]?["content"]?.ToJsonString();
    }

    private static string? OfResponses(CanonicalResponse response, bool isStream, LossList losses)
    {
        if (isStream)
            return Events(Played(response, WireDoor.Responses, losses)).Last()["response"]!["output"]![0]!["content"]![0]!["logprobs"]!.ToJsonString();
        var output = new ArrayBufferWriter<byte>();
        WireDoor.Responses.WriteResponse(response, output, losses);
        return JsonNode.Parse(output.WrittenSpan)!["output"]![0]!["content"]![0]!["logprobs"]!.ToJsonString();
    }

    private static string Played(CanonicalResponse response, WireDoor door, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        ResponsePlayer.Play(response, door.StreamWriter(output, losses));
        ResponsePlayer.NoteUnsaid(response, door.Protocol, losses);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static IEnumerable<JsonNode> Chunks(string stream) => Events(stream).SelectMany(e => e["choices"]!.AsArray()).OfType<JsonNode>();

    private static List<JsonNode> Events(string stream) =>
        [.. stream.Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)).Select(line => JsonNode.Parse(line[6..])!)];
}
