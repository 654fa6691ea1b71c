using System.Buffers;
using System.Text;
using Trivet.Tests.Specs;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Gemini;
using Trivet.Wire.Json;
using Trivet.Wire.Sse;
using static Trivet.Tests.Wire.Gemini.GeminiAnswers;

namespace Trivet.Tests.Wire.Gemini;

public sealed class GeminiResponseTests
{
    [Fact]
    public void A_whole_answer_and_its_stream_tell_the_same()
    {
        const string Parts = "{\"text\":\"hm\",\"thought\":true},{\"text\":\"a\"},{\"text\":\"b\",\"thoughtSignature\":\"AAAA\"},{\"functionCall\":{\"name\":\"f\",\"args\":{\"x\":1}}},{\"text\":\"\",\"thoughtSignature\":\"BBBB\"}";
        Assert.Equal(Show(Fold(Stream(Chunk(Parts, "STOP"))).Response), Show(Whole(Chunk(Parts, "STOP"))));
    }

    [Fact]
    public void An_array_of_chunks_is_read_as_the_stream_that_it_stands_for()
    {
        var (one, two) = (Chunk("{\"text\":\"a\"}"), Chunk("{\"text\":\"b\"}", "STOP"));
        Assert.Equal(Show(Fold(Stream(one, two)).Response), Show(Whole($"[{one}\r\n,\r\n{two}]")));
        Assert.Equal(ErrorClass.RateLimited, Failure("""[{"error":{"code":429,"message":"slow down","status":"RESOURCE_EXHAUSTED"}}]""").Class);
    }

    [Fact]
    public void Fields_that_only_Gemini_has_come_back_to_its_clients()
    {
        const string Body = """
            {"candidates":[{"content":{"parts":[{"text":"a","thoughtSignature":"AAAA"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}],"role":"model"},"finishReason":"STOP","index":0,
            "finishMessage":"done","avgLogprobs":-0.5,"logprobsResult":{"topCandidates":[]},"safetyRatings":[{"category":"HARM_CATEGORY_HARASSMENT","probability":"LOW"}],
            "groundingMetadata":{"webSearchQueries":["q"]},"citationMetadata":{"citationSources":[]},"urlContextMetadata":{"urlMetadata":[]}}],
            "usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3,"serviceTier":"standard"},"modelVersion":"m","responseId":"r","modelStatus":{"modelStage":"STABLE"}}
            """;
        var written = Write(Whole(Body));
        Assert.Empty(VendorSpec.Gemini.Validate("GenerateContentResponse", JsonMeaning.Parse(written)));
        JsonMeaning.AssertSame(JsonMeaning.Parse(Encoding.UTF8.GetBytes(Body)), JsonMeaning.Parse(written), "answer");
    }

    [Fact]
    public void Several_candidates_become_several_choices_and_come_back()
    {
        const string Body = """
            {"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"},"finishReason":"STOP","index":0},{"content":{"parts":[{"functionCall":{"id":"x","name":"f","args":{}}}],"role":"model"},"finishReason":"STOP","index":1}],
            "usageMetadata":{"promptTokenCount":1,"candidatesTokenCount":2,"totalTokenCount":3},"modelVersion":"m","responseId":"r"}
            """;
        var response = Whole(Body);
        Assert.Equal(StopReason.ToolCalls, Assert.Single(response.MoreChoices!).StopReason);
        JsonMeaning.AssertSame(JsonMeaning.Parse(Encoding.UTF8.GetBytes(Body)), JsonMeaning.Parse(Write(response)), "answer");
    }

    [Fact]
    public void Calls_of_several_candidates_without_ids_get_different_ones()
    {
        const string Call = """{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]},"finishReason":"STOP"}""";
        var response = Whole($$"""{"candidates":[{{Call}},{{Call}}],"responseId":"r"}""");
        Assert.NotEqual(response.Blocks.OfType<ToolCallBlock>().Single().Id, response.MoreChoices![0].Blocks.OfType<ToolCallBlock>().Single().Id);
    }

    [Fact]
    public void A_blocked_prompt_is_a_filtered_answer_and_comes_back_as_it_stood()
    {
        const string Body = """{"promptFeedback":{"blockReason":"SAFETY","safetyRatings":[]},"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":0,"totalTokenCount":5},"modelVersion":"m","responseId":"r"}""";
        var response = Whole(Body);
        Assert.Equal(StopReason.ContentFilter, response.StopReason);
        JsonMeaning.AssertSame(JsonMeaning.Parse(Encoding.UTF8.GetBytes(Body)), JsonMeaning.Parse(Write(response)), "answer");
    }

    [Theory]
    [InlineData("not json", "upstream_invalid_body")]
    [InlineData("", "upstream_invalid_body")]
    [InlineData("[", "upstream_invalid_body")]
    [InlineData("{}", "upstream_invalid_body")]
    [InlineData("""{"candidates":[],"usageMetadata":{"promptTokenCount":3}}""", "upstream_invalid_body")]
    [InlineData("""{"candidates":[{"content":{"parts":[{"functionCall":{"args":{"a":1}}}]},"finishReason":"STOP"}]}""", "upstream_invalid_body")]
    [InlineData("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}""", "upstream_malformed_function_call")]
    public void What_is_no_answer_is_an_error(string body, string code) => Assert.Equal(code, Failure(body).Code);

    [Fact]
    public void Deep_nesting_is_refused_not_followed() =>
        Assert.Equal("upstream_invalid_body", Failure("{\"a\":" + new string('[', 100) + new string(']', 100) + "}").Code);

    [Fact]
    public void Media_and_refusals_of_other_protocols_have_their_places()
    {
        var response = new CanonicalResponse { Origin = Protocol.OpenAIChat, StopReason = StopReason.Refusal };
        response.Blocks.Add(new RefusalBlock("no"));
        response.Blocks.Add(new MediaBlock(MediaKind.Image) { MediaType = "image/png", Data = "AAAA" });
        response.Blocks.Add(new ReasoningBlock { Text = "hm" });
        var losses = new LossList();
        var check = GeminiLegality.CheckWhole(Write(response, losses), validate: true);
        Assert.Equal(["text", "inlineData", "thought"], check.Order);
        Assert.Equal("SAFETY", check.FinishReason);
        Assert.Equal([GeminiLosses.AnswerRefusal, GeminiLosses.AnswerStop], losses.Rules);
    }

    [Fact]
    public void An_answer_of_nothing_is_legal() =>
        Assert.Equal("STOP", GeminiLegality.CheckWhole(Write(new CanonicalResponse { Origin = Protocol.AnthropicMessages }), validate: true).FinishReason);

    [Theory]
    [InlineData(ErrorClass.Authentication, 401, "UNAUTHENTICATED")]
    [InlineData(ErrorClass.RateLimited, 429, "RESOURCE_EXHAUSTED")]
    [InlineData(ErrorClass.NotFound, 404, "NOT_FOUND")]
    [InlineData(ErrorClass.Overloaded, 503, "UNAVAILABLE")]
    [InlineData(ErrorClass.ContextLength, 400, "INVALID_ARGUMENT")]
    public void Errors_have_Googles_envelope_and_come_back_as_they_were(ErrorClass kind, int code, string status)
    {
        var output = new ArrayBufferWriter<byte>();
        var error = new WireError { Class = kind, Message = "prompt is too long", Code = "some_code", Param = "contents", RetryAfter = TimeSpan.FromSeconds(34) };
        GeminiErrors.Write(error, "req_1", output);
        var written = JsonMeaning.Parse(output.WrittenSpan)["error"]!;
        Assert.Equal((code, status, "prompt is too long"), (written["code"]!.GetValue<int>(), written["status"]!.GetValue<string>(), written["message"]!.GetValue<string>()));
        Assert.Equal("req_1", written["details"]!.AsArray().Single(d => d!["@type"]!.GetValue<string>().EndsWith("RequestInfo", StringComparison.Ordinal))!["requestId"]!.GetValue<string>());
        var back = GeminiErrors.Read(code, output.WrittenSpan);
        Assert.Equal((kind, "some_code", TimeSpan.FromSeconds(34)), (back.Class, back.Code, back.RetryAfter));
    }

    [Fact]
    public void The_list_of_models_is_Googles()
    {
        var output = new ArrayBufferWriter<byte>();
        GeminiModels.Write([new ModelListing("gemini-3-pro", "Gemini 3 Pro", "google", 0)], output, "next");
        var written = JsonMeaning.Parse(output.WrittenSpan);
        Assert.Empty(VendorSpec.Gemini.Validate("ListModelsResponse", written));
        Assert.Equal("models/gemini-3-pro", written["models"]![0]!["name"]!.GetValue<string>());
    }

    [Fact]
    public void The_tap_learns_of_a_passing_stream_what_a_reader_would()
    {
        foreach (var exchange in Corpus.All("gemini").Where(e => e is { Sse: not null, Status: 200 }))
        {
            var tap = new AnswerTap();
            SseFeeding.Feed(exchange.Sse!, "split-1", new TapFeed(tap));
            AssertLearned(Fold(exchange.Sse!).Response, tap, exchange);
        }
    }

    [Fact]
    public void The_tap_learns_of_a_whole_answer_what_a_reader_would()
    {
        foreach (var exchange in Corpus.All("gemini").Where(e => e is { ResponseBody: not null, Status: 200 }))
        {
            var tap = new AnswerTap();
            GeminiTap.ObserveBody(exchange.ResponseBody, tap);
            AssertLearned(Whole(Encoding.UTF8.GetString(exchange.ResponseBody!)), tap, exchange);
        }
    }

    [Fact]
    public void The_tap_sees_an_error_and_forgives_a_word_that_clients_know()
    {
        var tap = new AnswerTap();
        SseFeeding.Feed(Stream(Chunk("{\"text\":\"a\"}"), """{"error":{"code":500,"message":"x","status":"INTERNAL"}}"""), "whole", new TapFeed(tap));
        Assert.Equal((ErrorClass.Server, false), (tap.Error!.Class, tap.IsComplete));
        tap = new AnswerTap();
        SseFeeding.Feed(Stream("""{"candidates":[{"finishReason":"MALFORMED_FUNCTION_CALL"}]}"""), "whole", new TapFeed(tap));
        Assert.Equal((StopReason.Error, true, true), (tap.StopReason, tap.IsComplete, tap.Error is null));
    }

    private static void AssertLearned(CanonicalResponse response, AnswerTap tap, Exchange exchange)
    {
        Assert.True(tap.IsComplete, exchange.Id);
        Assert.Equal((response.Usage, response.StopReason, response.Model, response.Id), (tap.Usage, tap.StopReason, tap.Model, tap.Id));
        Assert.Equal(response.Blocks.Exists(b => b is ToolCallBlock), tap.HasToolCall);
        Assert.Equal(response.Blocks.Count > 0, tap.HasContent);
    }

    private sealed class TapFeed(AnswerTap tap) : ISseHandler
    {
        public void OnEvent(in SseEvent e) => GeminiTap.Observe(e, tap);
    }
}
