using System.Text;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using static Trivet.Tests.Wire.Gemini.GeminiAnswers;

namespace Trivet.Tests.Wire.Gemini;

/// <summary>The facts of Gemini's streams (WIRE_FACTS §3.3), one by one.</summary>
public sealed class GeminiStreamReaderTests
{
    [Fact]
    public void A_finish_reason_and_a_clean_end_make_an_answer_complete()
    {
        var folder = Fold(Stream(Chunk("{\"text\":\"Hel\"}"), Chunk("{\"text\":\"lo\"}", "STOP")));
        Assert.True(folder.IsComplete);
        Assert.Equal("Hello", Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks)).Text.ToString());
        Assert.Equal(StopReason.EndTurn, folder.Response.StopReason);
        Assert.Equal(("r1", "gemini-3-pro"), (folder.Response.Id, folder.Response.Model));
    }

    [Fact]
    public void A_stream_without_a_finish_reason_was_cut_off()
    {
        var folder = Fold(Stream(Chunk("{\"text\":\"Hel\"}")));
        Assert.Equal("upstream_stream_truncated", folder.Error!.Code);
        Assert.False(folder.IsComplete);
    }

    [Fact]
    public void A_finish_reason_on_every_chunk_is_no_end_before_the_end()
    {
        var folder = Fold(Stream(Chunk("{\"text\":\"a\"}", "STOP"), Chunk("{\"text\":\"b\"}", "STOP")));
        Assert.Equal("ab", Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks)).Text.ToString());
    }

    [Fact]
    public void Stop_behind_a_call_means_that_tools_are_to_be_run()
    {
        var folder = Fold(Stream(Chunk("{\"functionCall\":{\"name\":\"f\",\"args\":{\"a\":1}}}", "STOP")));
        var call = Assert.IsType<ToolCallBlock>(Assert.Single(folder.Response.Blocks));
        Assert.Equal("{\"a\":1}", Encoding.UTF8.GetString(call.Arguments.Span));
        Assert.Equal((StopReason.ToolCalls, "STOP"), (folder.Response.StopReason, folder.Response.NativeStopReason));
    }

    [Fact]
    public void Calls_without_ids_get_some_that_differ_and_are_the_same_when_read_again()
    {
        const string Call = "{\"functionCall\":{\"name\":\"f\",\"args\":{}}}";
        string[] Ids(byte[] stream) => [.. Fold(stream).Response.Blocks.OfType<ToolCallBlock>().Select(c => c.Id.ToString())];
        var streamed = Ids(Stream(Chunk(Call), Chunk(Call, "STOP")));
        Assert.Equal(2, streamed.Distinct().Count());
        Assert.Equal(streamed, Ids(Stream(Chunk($"{Call},{Call}", "STOP"))));
        Assert.Equal(streamed, Whole(Chunk($"{Call},{Call}", "STOP")).Blocks.OfType<ToolCallBlock>().Select(c => c.Id.ToString()));
        Assert.Empty(streamed.Intersect(Ids(Stream(Chunk($"{Call},{Call}", "STOP", id: "r2")))));
    }

    [Fact]
    public void A_call_keeps_the_id_that_it_has() =>
        Assert.Equal("abc", Fold(Stream(Chunk("{\"functionCall\":{\"id\":\"abc\",\"name\":\"f\"}}", "STOP"))).Response.Blocks.OfType<ToolCallBlock>().Single().Id.ToString());

    [Fact]
    public void A_signature_stays_with_its_call_and_with_its_text()
    {
        var folder = Fold(Stream(
            Chunk("{\"text\":\"think\",\"thought\":true,\"thoughtSignature\":\"AAAA\"}"),
            Chunk("{\"text\":\"one\",\"thoughtSignature\":\"BBBB\"}"),
            Chunk("{\"text\":\"two\"}"),
            Chunk("{\"functionCall\":{\"name\":\"f\",\"args\":{}},\"thoughtSignature\":\"CCCC\"},{\"functionCall\":{\"name\":\"g\",\"args\":{}}}", "STOP")));
        Assert.Equal(["AAAA", "BBBB", "", "CCCC", ""], folder.Response.Blocks.Select(b => b.ThoughtSignature.ToString()));
        Assert.IsType<ReasoningBlock>(folder.Response.Blocks[0]);
        Assert.Equal("two", Assert.IsType<TextBlock>(folder.Response.Blocks[2]).Text.ToString());
    }

    [Fact]
    public void A_signature_on_an_empty_last_part_belongs_to_the_text_before_it()
    {
        var folder = Fold(Stream(Chunk("{\"text\":\"Hi\"}"), Chunk("{\"text\":\"\",\"thoughtSignature\":\"AAAA\"}", "STOP")));
        Assert.Equal("AAAA", Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks)).ThoughtSignature.ToString());
    }

    [Fact]
    public void A_signature_on_an_empty_part_behind_a_call_is_kept_on_a_text_of_its_own()
    {
        var folder = Fold(Stream(Chunk("{\"functionCall\":{\"name\":\"f\",\"args\":{}}}"), Chunk("{\"text\":\"\",\"thoughtSignature\":\"AAAA\"}", "STOP")));
        var text = Assert.IsType<TextBlock>(folder.Response.Blocks[1]);
        Assert.Equal(("", "AAAA"), (text.Text.ToString(), text.ThoughtSignature.ToString()));
        Assert.Equal(StopReason.ToolCalls, folder.Response.StopReason);
    }

    [Fact]
    public void Usage_is_cumulative_and_counts_thoughts_beside_and_cache_inside()
    {
        var folder = Fold(Stream(
            """{"candidates":[{"content":{"parts":[{"text":"a"}],"role":"model"}}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":1,"totalTokenCount":10}}""",
            """{"candidates":[{"content":{"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":100,"cachedContentTokenCount":40,"toolUsePromptTokenCount":11,"candidatesTokenCount":7,"thoughtsTokenCount":30,"totalTokenCount":148}}"""));
        Assert.Equal(new Usage { InputUncached = 71, CacheRead = 40, OutputText = 7, OutputReasoning = 30 }, folder.Response.Usage);
    }

    [Fact]
    public void Usage_without_counts_is_none() =>
        Assert.Null(Fold(Stream("""{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"trafficType":"ON_DEMAND"}}""")).Response.Usage);

    [Fact]
    public void A_blocked_prompt_is_an_answer_without_content()
    {
        var folder = Fold(Stream("""{"promptFeedback":{"blockReason":"PROHIBITED_CONTENT"},"usageMetadata":{"promptTokenCount":5,"totalTokenCount":5},"modelVersion":"m","responseId":"r"}"""));
        Assert.True(folder.IsComplete);
        Assert.Empty(folder.Response.Blocks);
        Assert.Equal((StopReason.ContentFilter, "promptFeedback.PROHIBITED_CONTENT"), (folder.Response.StopReason, folder.Response.NativeStopReason));
    }

    [Theory]
    [InlineData("MAX_TOKENS", StopReason.MaxTokens)]
    [InlineData("SAFETY", StopReason.ContentFilter)]
    [InlineData("RECITATION", StopReason.ContentFilter)]
    [InlineData("BLOCKLIST", StopReason.ContentFilter)]
    [InlineData("PROHIBITED_CONTENT", StopReason.ContentFilter)]
    [InlineData("SPII", StopReason.ContentFilter)]
    [InlineData("MODEL_ARMOR", StopReason.ContentFilter)]
    [InlineData("SOMETHING_NEW", StopReason.EndTurn)]
    public void Reasons_are_read_by_the_table(string word, StopReason expected) =>
        Assert.Equal(expected, Fold(Stream(Chunk("{\"text\":\"a\"}", word))).Response.StopReason);

    [Fact]
    public void A_malformed_call_fails_the_answer_and_says_what_was_malformed()
    {
        var folder = Fold(Stream("""{"candidates":[{"content":{},"finishReason":"MALFORMED_FUNCTION_CALL","finishMessage":"Malformed function call: print(x)"}]}"""));
        Assert.Equal("upstream_malformed_function_call", folder.Error!.Code);
        Assert.Contains("print(x)", folder.Error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_call_to_a_tool_that_was_not_offered_is_the_clients_to_answer() =>
        Assert.Equal(StopReason.ToolCalls, Fold(Stream(Chunk("{\"functionCall\":{\"name\":\"f\",\"args\":{}}}", "UNEXPECTED_TOOL_CALL"))).Response.StopReason);

    [Fact]
    public void An_error_inside_the_stream_ends_it()
    {
        var folder = Fold(Stream(Chunk("{\"text\":\"a\"}"), """{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34s"}]}}"""));
        Assert.Equal((ErrorClass.Overloaded, TimeSpan.FromSeconds(34)), (folder.Error!.Class, folder.Error.RetryAfter));
    }

    [Fact]
    public void An_event_that_is_no_JSON_ends_the_stream_with_nothing_of_it_passed_on()
    {
        var folder = new ResponseFolder(Protocol.Gemini);
        var reader = Read(Stream(Chunk("{\"text\":\"a\"}"), "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b\"}]}"), folder);
        Assert.Equal(("upstream_invalid_event", 1), (folder.Error!.Code, reader.MalformedEvents));
        Assert.Equal("a", Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks)).Text.ToString());
    }

    [Fact]
    public void Only_the_first_candidate_is_streamed_wherever_its_index_stands()
    {
        var folder = new ResponseFolder(Protocol.Gemini);
        var reader = Read(
            Stream(
                """{"candidates":[{"content":{"parts":[{"text":"other"}]},"finishReason":"SAFETY","index":1}]}""",
                """{"candidates":[{"index":1,"content":{"parts":[{"text":"other"}]}},{"content":{"parts":[{"text":"mine"}]},"finishReason":"STOP","index":0}]}"""),
            folder);
        Assert.True(reader.HasMoreChoices);
        Assert.Equal("mine", Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks)).Text.ToString());
        Assert.Equal(StopReason.EndTurn, folder.Response.StopReason);
    }

    [Fact]
    public void Data_of_Geminis_own_kinds_stays_whole_and_in_its_place()
    {
        var folder = Fold(Stream(
            Chunk("{\"text\":\"see\"}"),
            Chunk("{\"executableCode\":{\"language\":\"PYTHON\",\"code\":\"1+1\"},\"thoughtSignature\":\"AAAA\"},{\"codeExecutionResult\":{\"outcome\":\"OUTCOME_OK\",\"output\":\"2\"}}"),
            Chunk("{\"inlineData\":{\"mimeType\":\"image/png\",\"data\":\"AAAA\"}}", "STOP")));
        Assert.Equal(["executableCode", "codeExecutionResult", "inlineData"], folder.Response.Blocks.OfType<OpaqueBlock>().Select(b => b.Type));
        Assert.Contains("\"thoughtSignature\":\"AAAA\"", folder.Response.Blocks.OfType<OpaqueBlock>().First().Raw.ToString(), StringComparison.Ordinal);
        Assert.Equal(StopReason.EndTurn, folder.Response.StopReason);
    }

    [Fact]
    public void Sources_become_a_citation_of_the_last_text_once()
    {
        const string Grounded = """{"candidates":[{"content":{"parts":[{"text":"x"}]},"groundingMetadata":{"webSearchQueries":["q"]},"index":0}]}""";
        var folder = Fold(Stream(Grounded, Grounded, """{"candidates":[{"content":{"parts":[{"text":"y"}]},"finishReason":"STOP","groundingMetadata":{},"citationMetadata":{"citationSources":[]},"index":0}]}"""));
        var text = Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks));
        JsonMeaning.AssertSame(
            JsonMeaning.Parse("""[{"groundingMetadata":{"webSearchQueries":["q"]}},{"citationMetadata":{"citationSources":[]}}]"""u8), JsonMeaning.Parse(text.Citations.Utf8.Span), "citations");
    }

    [Fact]
    public void Arguments_in_pieces_are_put_together()
    {
        static string Piece(string partial, bool more = true) => Chunk($"{{\"functionCall\":{{\"partialArgs\":[{partial}]{(more ? ",\"willContinue\":true" : "")}}}}}");
        var folder = Fold(Stream(
            Chunk("{\"functionCall\":{\"name\":\"write\",\"id\":\"c1\",\"willContinue\":true},\"thoughtSignature\":\"AAAA\"}"),
            Piece("{\"jsonPath\":\"$.path\",\"stringValue\":\"/tmp/\",\"willContinue\":true}"),
            Piece("{\"jsonPath\":\"$.path\",\"stringValue\":\"x \\\"1\\\"\\n\"},{\"jsonPath\":\"$.options.lines[1]\",\"numberValue\":2.5}"),
            Piece("{\"jsonPath\":\"$.options.lines[0]\",\"boolValue\":true},{\"jsonPath\":\"$['a b'].none\",\"nullValue\":\"NULL_VALUE\"}"),
            Chunk("{\"functionCall\":{}}"),
            Chunk("{\"functionCall\":{\"name\":\"read\",\"args\":{\"n\":1}}}", "STOP")));
        var calls = folder.Response.Blocks.OfType<ToolCallBlock>().ToList();
        Assert.Equal(["write", "read"], calls.Select(c => c.Name.ToString()));
        JsonMeaning.AssertSame(
            JsonMeaning.Parse("""{"path":"/tmp/x \"1\"\n","options":{"lines":[true,2.5]},"a b":{"none":null}}"""u8), JsonMeaning.Parse(calls[0].Arguments.Span), "arguments");
        Assert.Equal(("c1", "AAAA"), (calls[0].Id.ToString(), calls[0].ThoughtSignature.ToString()));
    }

    [Fact]
    public void A_string_argument_that_was_never_finished_is_left_out()
    {
        var folder = Fold(Stream(
            Chunk("{\"functionCall\":{\"name\":\"sh\",\"willContinue\":true}}"),
            Chunk("{\"functionCall\":{\"partialArgs\":[{\"jsonPath\":\"$.cwd\",\"stringValue\":\"/\"},{\"jsonPath\":\"$.command\",\"stringValue\":\"rm -rf /ho\",\"willContinue\":true}],\"willContinue\":true}}", "MAX_TOKENS")));
        Assert.Equal("{\"cwd\":\"/\"}", Encoding.UTF8.GetString(folder.Response.Blocks.OfType<ToolCallBlock>().Single().Arguments.Span));
    }

    [Fact]
    public void Nonsense_in_known_places_is_passed_over()
    {
        var folder = Fold(Stream("""{"candidates":[7,{"content":{"parts":[null,3,{"text":5},{"thought":"x"},{"functionCall":[]},{"text":"ok"}],"role":9},"finishReason":"STOP","index":"0"}],"usageMetadata":[],"modelVersion":{},"responseId":4,"promptFeedback":7,"createTime":"never"}"""));
        Assert.Equal("ok", Assert.IsType<TextBlock>(Assert.Single(folder.Response.Blocks)).Text.ToString());
    }
}
