using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Answers;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.AnthropicMessages;

public sealed class AnthropicMessagesCorpusTests
{
    public static TheoryData<string> StreamIds { get; } = Corpus.Ids("anthropic-messages", e => e.Sse is not null);

    public static TheoryData<string> AnswerIds { get; } = Corpus.Ids("anthropic-messages", e => e is { ResponseBody: not null, Status: 200 });

    public static TheoryData<string> RequestIds { get; } = Corpus.Ids("anthropic-messages", e => e.RequestBody is not null);

    [Theory]
    [InlineData("""{"code":500,"msg":"404 NOT_FOUND","success":false}""", ErrorClass.Server, "404 NOT_FOUND")]
    [InlineData("""{"base_resp":{"status_code":1004,"status_msg":"login fail"}}""", ErrorClass.Authentication, "login fail")]
    public void A_failure_that_a_vendor_tells_in_its_own_shape_inside_a_200_is_told_in_its_words(string body, ErrorClass expected, string message)
    {
        Assert.False(AnthropicMessagesResponseReader.TryRead(System.Text.Encoding.UTF8.GetBytes(body), AnthropicMessagesDialect.Default, out _, out var error));
        Assert.Equal((expected, message), (error!.Class, error.Message));
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_folds_to_what_an_independent_fold_says(string id)
    {
        var sse = Corpus.Get(id).Sse!;
        var legality = AnthropicMessagesLegality.Check(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(sse).TrimEnd('\n') + "\n\n"), isRecorded: true);
        Assert.Empty(legality.Violations);
        var folder = Streams.Fold(sse);
        Assert.True(folder.IsComplete);
        Assert.Equal(legality.StopReason, folder.Response.NativeStopReason);
        Assert.Equal(legality.Blocks.Count, folder.Response.Blocks.Count);
        foreach (var (expected, block) in legality.Blocks.Zip(folder.Response.Blocks))
            AssertSame(expected, block);
        Assert.Equal(legality.FinalUsage.GetProperty("output_tokens").GetInt64(), folder.Response.Usage!.Value.OutputTotal);
        var input = legality.FinalUsage.TryGetProperty("input_tokens", out var tokens) ? tokens.GetInt64() : legality.StartMessage.GetProperty("usage").GetProperty("input_tokens").GetInt64();
        Assert.Equal(input, folder.Response.Usage!.Value.InputUncached);
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_says_the_same_however_it_is_chopped(string id)
    {
        var lf = Corpus.Get(id).Sse!;
        var crlf = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(lf).Replace("\n", "\r\n", StringComparison.Ordinal));
        var whole = Streams.Show(Streams.Fold(lf).Response);
        foreach (var stream in new[] { lf, crlf })
        {
            Assert.Equal(whole, Streams.Show(Streams.Fold(stream, Enumerable.Range(1, stream.Length - 1)).Response));
            var random = new Random(20261122);
            for (var round = 0; round < 20; round++)
            {
                var cuts = Enumerable.Range(0, 1 + (stream.Length / 50)).Select(_ => random.Next(stream.Length)).Order();
                Assert.Equal(whole, Streams.Show(Streams.Fold(stream, cuts).Response));
            }
        }
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_recorded_stream_written_again_is_legal_and_says_the_same(string id)
    {
        var sse = Corpus.Get(id).Sse!;
        var losses = new LossList();
        var written = Streams.Write(writer => Streams.Read(sse, writer), losses);
        var legality = AnthropicMessagesLegality.Check(written);
        Assert.Empty(legality.Violations);
        Assert.True(losses.IsEmpty, losses.ToString());
        var (before, after) = (Streams.Fold(sse).Response, Streams.Fold(written).Response);
        before.Blocks.RemoveAll(block => block is TextBlock { Text.IsEmpty: true });
        Assert.Equal(Streams.Show(before), Streams.Show(after));
        Assert.Equal(before.Id, after.Id);
        Assert.Equal(before.Model, after.Model);
    }

    [Theory]
    [MemberData(nameof(StreamIds))]
    public void A_tap_learns_from_a_recorded_stream_what_the_reader_learns(string id)
    {
        var sse = Corpus.Get(id).Sse!;
        var response = Streams.Fold(sse).Response;
        var tapping = new Tapping();
        using var reader = new SseReader();
        Assert.True(reader.Feed(sse, tapping));
        reader.Complete(tapping);
        var tap = tapping.Tap;
        Assert.Equal(response.Usage, tap.Usage);
        Assert.Equal((response.Id, response.Model, response.StopReason, true), (tap.Id, tap.Model, tap.StopReason, tap.IsComplete));
        Assert.Equal(response.Blocks.Exists(block => block is ToolCallBlock), tap.HasToolCall);
        Assert.Equal(response.Blocks.Exists(block => block is not TextBlock { Text.IsEmpty: true }), tap.HasContent);
    }

    [Theory]
    [MemberData(nameof(AnswerIds))]
    public void A_recorded_answer_read_and_written_is_equal_in_meaning(string id)
    {
        var body = Corpus.Get(id).ResponseBody!;
        Assert.True(AnthropicMessagesResponseReader.TryRead(body, AnthropicMessagesDialect.Default, out var response, out var error), error?.Message);
        var losses = new LossList();
        var output = new ArrayBufferWriter<byte>();
        AnthropicMessagesResponseWriter.Write(response!, Streams.Options, output, losses);
        Assert.True(losses.IsEmpty, losses.ToString());
        var (expected, actual) = (JsonNode.Parse(body)!, JsonNode.Parse(output.WrittenSpan)!);
        foreach (var name in new[] { "id", "model", "role", "type", "stop_reason", "stop_sequence", "stop_details", "container" })
            Assert.Equal(expected[name]?.ToJsonString(), actual[name]?.ToJsonString());
        foreach (var counter in new[] { "input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens" })
            Assert.Equal(expected["usage"]![counter]?.GetValue<long>() ?? 0, actual["usage"]![counter]!.GetValue<long>());
        Assert.Equal(Normal(expected["content"]!.AsArray()), Normal(actual["content"]!.AsArray()));

        // The same answer played as a stream is legal and folds to itself.
        var played = Streams.Write(writer => ResponsePlayer.Play(response!, writer));
        Assert.Empty(AnthropicMessagesLegality.Check(played).Violations);
        response!.Blocks.RemoveAll(block => block is TextBlock { Text.IsEmpty: true });
        Assert.Equal(Streams.Show(response), Streams.Show(Streams.Fold(played).Response));
        var tap = new AnswerTap();
        AnthropicMessagesTap.ObserveBody(body, tap);
        Assert.Equal((response.Usage, response.StopReason, response.Id), (tap.Usage, tap.StopReason, tap.Id));
    }

    [Theory]
    [MemberData(nameof(RequestIds))]
    public void A_recorded_request_read_and_written_is_equal_in_meaning(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        Assert.True(AnthropicMessagesRequestReader.TryRead(body, out var request, out var error), error?.Message);
        var losses = new LossList();
        var output = new ArrayBufferWriter<byte>();
        var dialect = new AnthropicMessagesDialect
        {
            AcceptsSystemMessages = true,
            AcceptsTemperatureWithTopP = true,
            StructuredOutput = JsonNode.Parse(body)!["output_format"] is null ? AnthropicStructuredOutput.OutputConfig : AnthropicStructuredOutput.OutputFormat,
            Thinking = JsonNode.Parse(body)!["thinking"]?["type"]?.GetValue<string>() == "adaptive" ? AnthropicThinkingStyle.Adaptive : AnthropicThinkingStyle.Budget,
        };
        AnthropicMessagesRequestWriter.Write(request!, dialect, request!.Model, output, losses);
        Assert.True(losses.IsEmpty, losses.ToString());
        Assert.Equal(NormalRequest(JsonNode.Parse(body)!.AsObject()), NormalRequest(JsonNode.Parse(output.WrittenSpan)!.AsObject()));
    }

    [Theory]
    [MemberData(nameof(RequestIds))]
    public void A_scan_finds_in_a_recorded_request_what_the_reader_finds(string id)
    {
        var body = Corpus.Get(id).RequestBody!;
        var scan = new RequestScan();
        Assert.True(AnthropicMessagesScan.TryScan(body, scan, out var error), error?.Message);
        Assert.True(AnthropicMessagesRequestReader.TryRead(body, out var request, out _));
        Assert.Equal((request!.Model, request.Stream, request.MaxOutputTokens, request.Tools.Count), (scan.Model, scan.Stream, scan.MaxOutputTokens, scan.ToolCount));
        Assert.Equal(JsonNode.Parse(body)!["messages"]!.AsArray().Count, scan.TurnCount);
        Assert.Equal(JsonNode.Parse(body)!.AsObject().Select(p => p.Key), scan.Fields.Select(f => Encoding.UTF8.GetString(body.AsSpan(f.NameStart + 1, f.NameLength - 2))));
        Assert.All(scan.Fields, f => Assert.NotNull(() => JsonNode.Parse(body.AsSpan(f.ValueStart, f.ValueLength))));
        Assert.True(scan.InputTokensEstimate > 0);
        Assert.NotEqual(0UL, scan.PrefixHash);
        Assert.Empty(scan.ForeignReasoning);
    }

    private static void AssertSame(AnthropicMessagesLegality.Block expected, Block block)
    {
        switch (block)
        {
            case TextBlock text:
                Assert.Equal("text", expected.Type);
                Assert.Equal(expected.Text.ToString(), text.Text.ToString());
                Assert.Equal(expected.Citations.Count, text.Citations.IsNull ? 0 : JsonNode.Parse(text.Citations.Utf8.Span)!.AsArray().Count);
                break;
            case ReasoningBlock reasoning:
                Assert.Equal("thinking", expected.Type);
                Assert.Equal(expected.Text.ToString(), reasoning.Text.ToString());
                Assert.Equal(expected.Signature, reasoning.Signature.ToString());
                break;
            case ToolCallBlock call:
                Assert.Equal("tool_use", expected.Type);
                Assert.Equal(expected.Text.ToString(), Encoding.UTF8.GetString(call.Arguments.Span));
                Assert.Equal(expected.Start.GetProperty("id").GetString(), call.Id.ToString());
                break;
            case OpaqueBlock opaque:
                Assert.Equal(expected.Type, opaque.Type);
                if (expected.HasInput)
                    Assert.Equal(JsonNode.Parse(expected.Text.Length == 0 ? "{}" : expected.Text.ToString())!.ToJsonString(), JsonNode.Parse(opaque.Raw.Utf8.Span)!["input"]!.ToJsonString());
                break;
            default:
                Assert.Fail("unexpected " + block.GetType().Name);
                break;
        }
    }

    private static string Normal(JsonArray content)
    {
        foreach (var block in content.ToList())
        {
            var o = block!.AsObject();
            if (o["citations"] is null or JsonArray { Count: 0 })
                o.Remove("citations");
            if (o["caller"] is { } caller && caller["type"]!.GetValue<string>() == "direct")
                o.Remove("caller");
        }

        return Sorted(content)!.ToJsonString();
    }

    // Documented normalisations: consecutive turns of one side are one message; an empty set of flags is left out.
    private static string NormalRequest(JsonObject request)
    {
        foreach (var name in new[] { "stream" })
        {
            if (request[name] is JsonValue value && !value.GetValue<bool>())
                request.Remove(name);
        }

        request["model"] ??= "";
        if (request["temperature"] is JsonValue temperature)
            request["temperature"] = temperature.GetValue<double>();
        if (request["tool_choice"]?["disable_parallel_tool_use"] is JsonValue flag && !flag.GetValue<bool>())
            request["tool_choice"]!.AsObject().Remove("disable_parallel_tool_use");
        if (request["system"] is JsonArray system)
            request["system"] = new JsonArray([.. system.Where(b => b!["text"]?.GetValue<string>() != "").Select(b => b!.DeepClone())]);
        if (request["system"] is JsonArray { Count: 0 })
            request.Remove("system");
        return Sorted(request)!.ToJsonString();
    }

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject o => new JsonObject(o.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray a => new JsonArray([.. a.Select(Sorted)]),
        null => null,
        _ => node.DeepClone(),
    };

    private sealed class Tapping : ISseHandler
    {
        public AnswerTap Tap { get; } = new();

        public void OnEvent(in SseEvent e) => AnthropicMessagesTap.Observe(e, Tap);
    }
}
