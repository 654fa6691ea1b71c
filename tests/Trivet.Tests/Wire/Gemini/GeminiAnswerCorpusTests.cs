using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using static Trivet.Tests.Wire.Gemini.GeminiAnswers;

namespace Trivet.Tests.Wire.Gemini;

/// <summary>Every recorded answer of Gemini and Vertex, read and written again.</summary>
public sealed class GeminiAnswerCorpusTests
{
    public static TheoryData<string> StreamIds { get; } = Corpus.Ids("gemini", e => e is { Sse: not null, Status: 200 });

    public static TheoryData<string> AnswerIds { get; } = Corpus.Ids("gemini", e => e is { ResponseBody: not null, Status: 200 });

    public static TheoryData<string> ErrorIds { get; } = Corpus.Ids("gemini", e => e is { ResponseBody: not null, Status: >= 400 });

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_stream_reads_the_same_however_it_is_cut(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var whole = Fold(stream);
        Assert.True(whole.IsComplete, whole.Error?.Message);
        foreach (var way in SseFeeding.Ways.Select(w => w.Data))
            Assert.Equal(Show(whole.Response), Show(Fold(stream, way).Response));
        var unix = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(stream).ReplaceLineEndings("\n"));
        Assert.Equal(Show(whole.Response), Show(Fold(unix, "bytes").Response));
        for (var seed = 100; seed < 300; seed++)
            Assert.Equal(Show(whole.Response), Show(Fold(seed % 2 == 0 ? stream : unix, $"split-{seed}").Response));
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_stream_says_what_the_recording_says(string id) => AssertSays(Chunks(Corpus.Get(id).Sse!), Fold(Corpus.Get(id).Sse!).Response);

    [Theory]
    [MemberData(nameof(AnswerIds))]
    public void An_answer_says_what_the_recording_says(string id)
    {
        var body = Corpus.Get(id).ResponseBody!;
        AssertSays([JsonMeaning.Parse(body).AsObject()], Whole(Encoding.UTF8.GetString(body)));
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_stream_is_the_array_of_its_chunks_read_whole(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var array = new JsonArray([.. Chunks(stream).Select(c => (JsonNode?)c)]).ToJsonString();
        Assert.Equal(Show(Fold(stream).Response), Show(Whole(array)));
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_stream_written_again_is_legal_and_says_the_same(string id)
    {
        var stream = Corpus.Get(id).Sse!;
        var written = WriteStream(writer => Read(stream, writer));
        GeminiLegality.Check(written, validate: true);
        Assert.Equal(Show(Fold(stream).Response), Show(Fold(written).Response));
    }

    [Theory]
    [MemberData(nameof(AnswerIds))]
    public void An_answer_written_again_is_legal_and_says_the_same(string id)
    {
        var body = Encoding.UTF8.GetString(Corpus.Get(id).ResponseBody!);
        var response = Whole(body);
        var written = Write(response);
        var isSpecified = id != "gemini-064"; // Vertex's own reasons to block are in no specification
        GeminiLegality.CheckWhole(written, isSpecified);
        Assert.Equal(Show(response), Show(Whole(Encoding.UTF8.GetString(written))));
        AssertFieldsKept(JsonMeaning.Parse(Encoding.UTF8.GetBytes(body)), JsonMeaning.Parse(written), id);
        var played = WriteStream(writer => ResponsePlayer.Play(response, writer));
        GeminiLegality.Check(played, isSpecified);
        Assert.Equal(Show(response), Show(Fold(played).Response));
    }

    [Theory]
    [MemberData(nameof(ErrorIds))]
    public void An_error_keeps_its_meaning(string id)
    {
        var exchange = Corpus.Get(id);
        var error = GeminiErrors.Read(exchange.Status, exchange.ResponseBody);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        GeminiErrors.Write(error, "", output);
        var (before, after) = (JsonMeaning.Parse(exchange.ResponseBody)["error"]!, JsonMeaning.Parse(output.WrittenSpan)["error"]!);
        foreach (var name in (string[])["code", "message", "status"])
            JsonMeaning.AssertSame(before[name], after[name], $"{id} {name}");
    }

    // By the recording's own words, without Trivet's reader.
    private static void AssertSays(IReadOnlyList<JsonObject> chunks, CanonicalResponse response)
    {
        var parts = chunks.SelectMany(c => c["candidates"]?[0]?["content"]?["parts"] as JsonArray ?? []).Select(p => p!.AsObject()).ToList();
        Assert.Equal(Texts(parts, isThought: false), string.Concat(response.Blocks.OfType<TextBlock>().Select(b => b.Text.ToString())));
        Assert.Equal(Texts(parts, isThought: true), string.Concat(response.Blocks.OfType<ReasoningBlock>().Select(b => b.Text.ToString())));
        Assert.Equal(
            parts.Where(p => p.ContainsKey("functionCall")).Select(p => p["functionCall"]!["name"]!.GetValue<string>() + p["functionCall"]!["args"]!.ToJsonString()),
            response.Blocks.OfType<ToolCallBlock>().Select(c => c.Name + JsonMeaning.Parse(c.Arguments.Span).ToJsonString()));
        Assert.Equal(
            parts.Where(p => p.ContainsKey("thoughtSignature")).Select(p => p["thoughtSignature"]!.GetValue<string>()),
            response.Blocks.Select(b => b is OpaqueBlock opaque ? JsonMeaning.Parse(opaque.Raw.Utf8.Span)["thoughtSignature"]?.GetValue<string>() ?? "" : b.ThoughtSignature.ToString()).Where(s => s.Length > 0));
        var usage = chunks.Select(c => c["usageMetadata"]).LastOrDefault(u => u?["totalTokenCount"] is not null);
        Assert.Equal(usage?["totalTokenCount"]?.GetValue<long>(), response.Usage?.InputTotal + response.Usage?.OutputTotal);
        Assert.Equal(usage is null ? null : usage["thoughtsTokenCount"]?.GetValue<long>() ?? 0, response.Usage?.OutputReasoning);
        Assert.Equal(usage is null ? null : usage["cachedContentTokenCount"]?.GetValue<long>() ?? 0, response.Usage?.CacheRead);
        Assert.Equal(parts.Exists(p => p.ContainsKey("functionCall")), response.StopReason == StopReason.ToolCalls);
    }

    private static string Texts(List<JsonObject> parts, bool isThought) =>
        string.Concat(parts.Where(p => (p["thought"]?.GetValue<bool>() == true) == isThought).Select(p => p["text"]?.GetValue<string>()));

    // Calls get ids, usage its sums; the breakdown by modality and the time of creation are not kept.
    private static void AssertFieldsKept(JsonNode before, JsonNode after, string id)
    {
        foreach (var name in (string[])["promptFeedback", "modelVersion", "responseId"])
            JsonMeaning.AssertSame(before[name] ?? after[name], after[name], $"{id} {name}");
        if (before["candidates"]?[0] is not JsonObject candidate)
            return;
        foreach (var (name, value) in candidate.Where(f => f.Key is not "content"))
            JsonMeaning.AssertSame(value, after["candidates"]![0]![name], $"{id} {name}");
    }

    private static List<JsonObject> Chunks(byte[] stream) =>
        [.. Encoding.UTF8.GetString(stream).ReplaceLineEndings("\n").Split("\n\n", StringSplitOptions.RemoveEmptyEntries).Where(e => e.StartsWith("data: ", StringComparison.Ordinal)).Select(e => JsonNode.Parse(e[6..])!.AsObject())];
}
