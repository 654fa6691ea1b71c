using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Specs;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.OpenAIResponses;

/// <summary>Recorded answers of Responses vendors.</summary>
public sealed class AnswerCorpusTests
{
    public static TheoryData<string> StreamIds { get; } = Corpus.Ids("openai-responses", e => e is { Sse: not null, Status: 200 });

    public static TheoryData<string> AnswerIds { get; } = Corpus.Ids("openai-responses", e => e is { ResponseBody: not null, Status: 200 });

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_folds_to_the_whole_answer_that_it_ends_with(string id)
    {
        var sse = Corpus.Get(id).Sse!;
        var folder = ResponsesStreams.Fold(sse);
        Assert.Null(folder.Error);
        Assert.True(folder.IsComplete);
        var whole = ResponsesStreams.ReadWhole(ResponsesStreams.Last(sse));
        Assert.Equal(Uncoded(whole), Uncoded(folder.Response));
        Assert.Equal((whole.Id, whole.Model, whole.CreatedAt), (folder.Response.Id, folder.Response.Model, folder.Response.CreatedAt));
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_says_the_same_however_it_is_chopped(string id)
    {
        var lf = Corpus.Get(id).Sse!;
        var crlf = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(lf).Replace("\n", "\r\n", StringComparison.Ordinal));
        var whole = ResponsesStreams.Show(ResponsesStreams.Fold(lf).Response);
        foreach (var stream in new[] { lf, crlf })
        {
            Assert.Equal(whole, ResponsesStreams.Show(ResponsesStreams.Fold(stream, Enumerable.Range(1, stream.Length - 1)).Response));
            var random = new Random(20261122);
            for (var round = 0; round < 100; round++)
            {
                var cuts = Enumerable.Range(0, 1 + (stream.Length / 50)).Select(_ => random.Next(stream.Length)).Order();
                Assert.Equal(whole, ResponsesStreams.Show(ResponsesStreams.Fold(stream, cuts).Response));
            }
        }
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_says_the_same_whatever_a_vendor_leaves_out(string id)
    {
        var sse = Encoding.UTF8.GetString(Corpus.Get(id).Sse!);
        var whole = Uncoded(ResponsesStreams.Fold(Encoding.UTF8.GetBytes(sse)).Response);
        var events = sse.Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        string[][] leftOut =
        [
            [".delta"],
            [".delta", "_text.done", "part.done", "arguments.done", "input.done", "annotation.added", "refusal.done"],
            ["output_item.added", "part.added"],
            ["output_item.added", "output_item.done", "part.added", "part.done"],
            [".done"],
            ["response.created", "response.in_progress"],
            ["response.created", "response.in_progress", ".delta", ".done", ".added"],
        ];
        foreach (var names in leftOut)
        {
            var kept = events.Where(e => !names.Any(name => TypeOf(e).EndsWith(name, StringComparison.Ordinal)));
            var folder = ResponsesStreams.Fold(Encoding.UTF8.GetBytes(string.Concat(kept.Select(e => e + "\n\n"))));
            Assert.Null(folder.Error);
            Assert.Equal(whole, Uncoded(folder.Response));
        }

        // Without event lines, numbers, ids and places, with the marker of other protocols behind the end.
        var bare = events.Select(e => JsonNode.Parse(e[(e.IndexOf("data:", StringComparison.Ordinal) + 5)..])!.AsObject());
        var stream = string.Concat(bare.Select(e =>
        {
            e.Remove("sequence_number");
            e.Remove("output_index");
            return $"data: {e.ToJsonString()}\n\n";
        })) + "data: [DONE]\n\n";
        Assert.Equal(whole, Uncoded(ResponsesStreams.Fold(Encoding.UTF8.GetBytes(stream)).Response));
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_written_again_is_legal_and_says_the_same(string id)
    {
        var sse = Corpus.Get(id).Sse!;
        var losses = new LossList();
        var written = ResponsesStreams.Write(writer => ResponsesStreams.Read(sse, writer), losses);
        var legality = OpenAIResponsesLegality.Check(written);
        Assert.Empty(legality.Violations);
        Assert.True(losses.IsEmpty, losses.ToString());
        Assert.All(legality.Events, AssertValid);
        var (before, after) = (ResponsesStreams.Fold(sse).Response, ResponsesStreams.Fold(written).Response);
        Assert.Equal(Normal(before), Normal(after));
        Assert.Equal(before.Model, after.Model);
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_tap_learns_from_a_recorded_stream_what_the_reader_learns(string id)
    {
        foreach (var sse in new[] { Corpus.Get(id).Sse!, Encoding.UTF8.GetBytes(string.Concat(Encoding.UTF8.GetString(Corpus.Get(id).Sse!).Split('\n').Where(l => !l.StartsWith("event", StringComparison.Ordinal)).Select(l => l + "\n"))) })
        {
            var response = ResponsesStreams.Fold(sse).Response;
            var tapping = new Tapping();
            using var reader = new SseReader();
            Assert.True(reader.Feed(sse, tapping));
            reader.Complete(tapping);
            var tap = tapping.Tap;
            Assert.Null(tap.Error);
            Assert.Equal(response.Usage, tap.Usage);
            Assert.Equal((response.Id, response.Model, response.StopReason, true), (tap.Id, tap.Model, tap.StopReason, tap.IsComplete));
            Assert.Equal(response.Blocks.Exists(block => block is ToolCallBlock), tap.HasToolCall);
            Assert.True(tap.HasContent);
        }
    }

    [Theory]
    [MemberData(nameof(AnswerIds))]
    public void A_recorded_answer_read_and_written_is_equal_in_meaning(string id)
    {
        var body = Corpus.Get(id).ResponseBody!;
        var response = ResponsesStreams.ReadWhole(body);
        var losses = new LossList();
        var written = ResponsesStreams.WriteWhole(response, losses);
        Assert.True(losses.IsEmpty, losses.ToString());
        var again = ResponsesStreams.ReadWhole(written);
        Assert.Equal(Normal(response), Normal(again));
        var (expected, actual) = (JsonNode.Parse(body)!, JsonNode.Parse(written)!);
        foreach (var name in new[] { "id", "model", "object", "status", "error", "incomplete_details", "tool_choice", "tools", "temperature", "metadata" })
            Assert.Null(JsonMeaning.Difference(expected[name], actual[name], name));

        // The same answer played as a stream is legal, valid, and folds to itself.
        var played = ResponsesStreams.Write(writer => ResponsePlayer.Play(response, writer));
        var legality = OpenAIResponsesLegality.Check(played);
        Assert.Empty(legality.Violations);
        Assert.All(legality.Events, AssertValid);
        Assert.Equal(Normal(response), Normal(ResponsesStreams.Fold(played).Response));
        var tap = new AnswerTap();
        OpenAIResponsesTap.ObserveBody(body, tap);
        Assert.Equal((response.Usage, response.StopReason, response.Id, response.Model, true), (tap.Usage, tap.StopReason, tap.Id, tap.Model, tap.IsComplete));
    }

    // Items that only the vendor knows are its own affair, with whatever it puts in them.
    internal static void AssertValid(JsonNode e)
    {
        var schema = e["type"]!.GetValue<string>() switch
        {
            "error" => "ResponseErrorEvent",
            "response.output_text.delta" => "ResponseTextDeltaEvent",
            "response.output_text.done" => "ResponseTextDoneEvent",
            var type => "Response" + string.Concat(type["response.".Length..].Split('.', '_').Select(word => char.ToUpperInvariant(word[0]) + word[1..])) + "Event",
        };
        var faults = VendorSpec.OpenAI.Validate(schema, OfOurs(e));
        Assert.True(faults.Count == 0, $"{schema}: {string.Join("; ", faults)}\n{e.ToJsonString()}");
    }

    internal static JsonNode OfOurs(JsonNode e)
    {
        var copy = e.DeepClone();
        var answer = copy["response"] ?? copy;
        if (copy["item"] is { } item && !IsOurs(item))
            copy["item"] = JsonNode.Parse("""{"type":"message","id":"msg_1","status":"completed","role":"assistant","content":[]}""");
        if (answer["output"] is JsonArray output)
            answer["output"] = new JsonArray([.. output.Where(i => IsOurs(i!)).Select(i => i!.DeepClone())]);
        foreach (var part in copy.AsObject().Select(p => p.Value).Append(copy).SelectMany(Annotated))
            part["annotations"] = new JsonArray(); // xAI's have no title or place
        if (copy["annotation"] is not null)
            copy["annotation"] = null;
        return copy;
    }

    private static IEnumerable<JsonObject> Annotated(JsonNode? node) => node switch
    {
        JsonObject o => (o["annotations"] is JsonArray { Count: > 0 } ? [o] : Array.Empty<JsonObject>()).Concat(o.SelectMany(p => Annotated(p.Value))).ToList(),
        JsonArray a => [.. a.SelectMany(Annotated)],
        _ => [],
    };

    private static bool IsOurs(JsonNode item) => item["type"]!.GetValue<string>() is "message" or "reasoning" or "function_call" or "custom_tool_call"
        && item["call_id"]?.GetValue<string>().StartsWith("xs_", StringComparison.Ordinal) != true;

    private static string TypeOf(string e) => JsonNode.Parse(e[(e.IndexOf("data:", StringComparison.Ordinal) + 5)..])!["type"]!.GetValue<string>();

    // Thoughts of which nothing is known but their id say nothing; and Trivet's own mark stands where a vendor encrypts none.
    private static string Normal(CanonicalResponse response)
    {
        response.Blocks.RemoveAll(block => block is ReasoningBlock { Text.IsEmpty: true, Encrypted.IsEmpty: true });
        foreach (var thoughts in response.Blocks.OfType<ReasoningBlock>())
        {
            if (ForeignSignature.IsForeign(thoughts.Encrypted))
                thoughts.Encrypted = default;
        }

        foreach (var call in response.Blocks.OfType<ToolCallBlock>().Where(c => c.Arguments.IsEmpty && c.Kind == ToolKind.Function))
            call.Arguments = "{}"u8.ToArray();
        return ResponsesStreams.Show(response);
    }

    // OpenAI encrypts the same thoughts anew for each event. What only an item's end tells comes in the order of the ends (xAI searches side by side), and
    // later where a vendor leaves out the events that have it.
    private static string Uncoded(CanonicalResponse response)
    {
        _ = Normal(response);
        foreach (var thoughts in response.Blocks.OfType<ReasoningBlock>().Where(t => !t.Encrypted.IsEmpty))
            thoughts.Encrypted = "(encrypted)";
        var blocks = response.Blocks.OrderBy(block => block switch { OpaqueBlock or ReasoningBlock { IsRedacted: true } => 2, ToolCallBlock => 1, _ => 0 })
            .ThenBy(block => (block as OpaqueBlock)?.Raw.ToString(), StringComparer.Ordinal).ToList();
        response.Blocks.Clear();
        response.Blocks.AddRange(blocks);
        return ResponsesStreams.Show(response);
    }

    private sealed class Tapping : ISseHandler
    {
        public AnswerTap Tap { get; } = new();

        public void OnEvent(in SseEvent e) => OpenAIResponsesTap.Observe(e, Tap);
    }
}
