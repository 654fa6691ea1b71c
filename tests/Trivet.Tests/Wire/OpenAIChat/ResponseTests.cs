using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.Canonical;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Answers;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.OpenAIChat;

public sealed class ResponseTests
{
    public static TheoryData<string> Bodies => Corpus.Ids("openai-chat", e => e.ResponseBody is not null && e.Status == 200);

    public static TheoryData<string> Streams => Corpus.Ids("openai-chat", e => e.Sse is not null);

    public static TheoryData<string> Errors => Corpus.Ids("openai-chat", e => e.Status >= 400);

    [Theory]
    [MemberData(nameof(Bodies))]
    public void A_recorded_answer_keeps_its_meaning(string id)
    {
        var exchange = Corpus.Get(id);
        var expected = JsonMeaning.Parse(exchange.ResponseBody).AsObject();
        var hasCalls = Normalise(expected);
        Assert.True(OpenAIChatResponseReader.TryRead(exchange.ResponseBody, OpenAIChatDialect.Default, out var response, out var error), error?.Message);
        var losses = new LossList();
        var actual = JsonMeaning.Parse(Write(response!, losses)).AsObject();
        Assert.Equal(expected["usage"] is null, actual["usage"] is null);
        expected.Remove("usage");
        actual.Remove("usage");
        JsonMeaning.AssertSame(expected, actual, exchange.ToString());
        Assert.Equal(hasCalls, response!.StopReason == StopReason.ToolCalls);
        Assert.True(losses.IsEmpty, losses.ToString());
    }

    [Fact]
    public void A_refusal_in_two_parts_is_written_whole()
    {
        var response = new CanonicalResponse { Origin = Protocol.OpenAIResponses, StopReason = StopReason.EndTurn };
        response.Blocks.AddRange([new RefusalBlock("I can"), new RefusalBlock("not.")]);
        Assert.Equal("I cannot.", (string?)JsonMeaning.Parse(Write(response, new LossList()))["choices"]![0]!["message"]!["refusal"]);
    }

    [Fact]
    public void The_answer_is_the_choice_of_index_0_wherever_it_stands()
    {
        var body = """{"choices":[{"index":1,"message":{"content":"other"},"finish_reason":"stop"},{"message":{"content":"answer"},"index":0,"finish_reason":"length"}]}"""u8.ToArray();
        Assert.True(OpenAIChatResponseReader.TryRead(body, OpenAIChatDialect.Default, out var response, out _));
        Assert.Equal(("answer", StopReason.MaxTokens, "length"), (Assert.IsType<TextBlock>(Assert.Single(response!.Blocks)).Text.ToString(), response.StopReason, response.NativeStopReason));
        Assert.Equal("other", Assert.IsType<TextBlock>(Assert.Single(Assert.Single(response.MoreChoices!).Blocks)).Text.ToString());
    }

    [Fact]
    public void Tokens_that_are_counted_in_strings_are_counted()
    {
        var body = """{"choices":[{"message":{"content":"a"},"finish_reason":"stop"}],"usage":{"prompt_tokens":"12","completion_tokens":"5","prompt_tokens_details":{"cached_tokens":"2"},"cost":"0.1"}}"""u8.ToArray();
        Assert.True(OpenAIChatResponseReader.TryRead(body, OpenAIChatDialect.Default, out var response, out _));
        Assert.Equal(new Usage { InputUncached = 10, CacheRead = 2, OutputText = 5 }, response!.Usage);
    }

    [Theory]
    [MemberData(nameof(Bodies))]
    public void The_tap_learns_from_a_body_what_the_reader_does(string id)
    {
        var exchange = Corpus.Get(id);
        Assert.True(OpenAIChatResponseReader.TryRead(exchange.ResponseBody, OpenAIChatDialect.Default, out var response, out _));
        var tap = new AnswerTap();
        OpenAIChatTap.ObserveBody(exchange.ResponseBody, tap);
        Assert.Equal((response!.Id, response.Model, response.Usage), (tap.Id, tap.Model, tap.Usage));
        Assert.Equal(response.Blocks.Exists(b => b is ToolCallBlock), tap.HasToolCall);
        Assert.True(tap.IsComplete);
        Assert.Null(tap.Error);
    }

    [Theory]
    [MemberData(nameof(Streams))]
    public void The_tap_learns_from_a_stream_what_the_reader_does(string id)
    {
        var exchange = Corpus.Get(id);
        var folder = StreamReaderTests.Fold(exchange.Sse!, "whole", OpenAIChatDialect.Default);
        var observer = new Observer();
        SseFeeding.Feed(exchange.Sse!, "split-1", observer);
        var tap = observer.Tap;
        Assert.Equal((folder.Response.Model, folder.Response.Usage), (tap.Model, tap.Usage));
        Assert.Equal(folder.Response.Blocks.Exists(b => b is ToolCallBlock), tap.HasToolCall);
        Assert.Equal(folder.Response.Blocks.Count > 0, tap.HasContent);
        Assert.Equal(folder.Error is null, tap.Error is null);
        Assert.Equal(folder.IsComplete, tap.IsComplete && tap.Error is null);
        Assert.True(observer.UsageOnly <= 1);
    }

    [Fact]
    public void Only_a_chunk_without_choices_is_a_usage_only_event()
    {
        var observer = new Observer();
        SseFeeding.Feed(StreamReaderTests.Sse("""
            {"model":"m","choices":[{"index":0,"delta":{"content":"\"usage\":{"}}],"usage":null}
            {"model":"m","choices":[{"index":0,"delta":{"content":"a"}}],"usage":{"prompt_tokens":1,"completion_tokens":1}}
            {"model":"m","choices":[],"usage":{"prompt_tokens":1,"completion_tokens":2}}
            """), "whole", observer);
        Assert.Equal(1, observer.UsageOnly);
        Assert.Equal(2, observer.Tap.Usage!.Value.OutputTotal);
    }

    [Theory]
    [MemberData(nameof(Errors))]
    public void A_recorded_error_is_classified_by_more_than_its_words(string id)
    {
        var exchange = Corpus.Get(id);
        var error = OpenAIChatErrors.Read(exchange.Status, exchange.ResponseBody);
        Assert.Equal(exchange.Status, error.Status);
        Assert.Equal(exchange.Id switch
        {
            "openai-chat-032" or "openai-chat-130" => ErrorClass.ContextLength,
            _ => exchange.Status switch { 401 => ErrorClass.Authentication, 404 => ErrorClass.NotFound, 429 => ErrorClass.RateLimited, _ => ErrorClass.InvalidRequest },
        }, error.Class);
        Assert.Contains(error.Message[..10], Encoding.UTF8.GetString(exchange.ResponseBody!));
    }

    [Theory]
    [InlineData("""{"base_resp":{"status_code":1008,"status_msg":"insufficient balance"}}""", ErrorClass.Billing)]
    [InlineData("""{"choices":[],"error":{"message":"Provider returned error","code":429}}""", ErrorClass.RateLimited)]
    [InlineData("""{"object":"error","message":"boom","code":500}""", ErrorClass.Server)]
    [InlineData("""{"choices":[]}""", ErrorClass.Server)]
    [InlineData("<html>", ErrorClass.Server)]
    [InlineData("""{"choices":[{"message":{"role":"assistant","content":""},"finish_reason":"network_error"}]}""", ErrorClass.Server)]
    public void An_error_inside_a_200_is_an_error(string body, ErrorClass expected)
    {
        Assert.False(OpenAIChatResponseReader.TryRead(Encoding.UTF8.GetBytes(body), OpenAIChatDialect.Default, out _, out var error));
        Assert.Equal(expected, error!.Class);
        Assert.NotNull(error.Code);
    }

    [Theory]
    [InlineData("""{"prompt_tokens":100,"completion_tokens":50,"total_tokens":150,"prompt_tokens_details":{"cached_tokens":40},"completion_tokens_details":{"reasoning_tokens":20}}""", 60, 40, 0, 30, 20)]
    [InlineData("""{"prompt_tokens":401,"completion_tokens":44,"total_tokens":630,"completion_tokens_details":{"reasoning_tokens":185}}""", 401, 0, 0, 44, 185)]
    [InlineData("""{"prompt_tokens":66,"completion_tokens":6,"total_tokens":100}""", 66, 0, 0, 6, 28)]
    [InlineData("""{"prompt_tokens":40,"completion_tokens":14,"total_tokens":54,"completion_tokens_details":{"reasoning_tokens":112}}""", 40, 0, 0, 14, 112)]
    [InlineData("""{"prompt_tokens":43,"completion_tokens":10,"total_tokens":53,"completion_tokens_details":{"reasoning_tokens":11}}""", 43, 0, 0, 0, 10)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11,"prompt_cache_hit_tokens":4,"prompt_cache_miss_tokens":6}""", 6, 4, 0, 1, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11,"cached_tokens":4}""", 6, 4, 0, 1, 0)]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":1,"total_tokens":11,"prompt_tokens_details":{"cached_tokens":2,"cache_write_tokens":3}}""", 5, 2, 3, 1, 0)]
    [InlineData("""{"prompt_tokens":347,"completion_tokens":18,"total_tokens":365,"prompt_tokens_details":{"cached_tokens":403}}""", 347, 403, 0, 18, 0)]
    public void Usage_is_told_by_arithmetic(string usage, long input, long cacheRead, long cacheWrite, long text, long reasoning)
    {
        var tap = new AnswerTap();
        OpenAIChatTap.ObserveBody(Encoding.UTF8.GetBytes($$"""{"choices":[],"usage":{{usage}}}"""), tap);
        Assert.Equal(new Usage { InputUncached = input, CacheRead = cacheRead, CacheWrite5m = cacheWrite, OutputText = text, OutputReasoning = reasoning }, tap.Usage);
    }

    [Fact]
    public void Inline_thoughts_of_a_whole_answer_are_parted_from_its_text()
    {
        var body = """{"choices":[{"message":{"content":"<think>\nhm\n</think>\n\nyes"},"finish_reason":"stop"}]}"""u8.ToArray();
        Assert.True(OpenAIChatResponseReader.TryRead(body, new OpenAIChatDialect { ThinkTags = ThinkTags.Paired }, out var response, out _));
        Assert.Equal(["hm", "yes"], response!.Blocks.Select(b => b is ReasoningBlock r ? r.Text.ToString() : ((TextBlock)b).Text.ToString()));
    }

    private static byte[] Write(CanonicalResponse response, LossList losses)
    {
        var output = new ArrayBufferWriter<byte>();
        OpenAIChatResponseWriter.Write(response, StreamReaderTests.Options, output, losses);
        return output.WrittenSpan.ToArray();
    }

    // The normalisations that reader and writer document. Returns whether there are calls.
    private static bool Normalise(JsonObject answer)
    {
        var any = false;
        answer["object"] = "chat.completion";
        if (answer["model"]!.GetValue<string>().Length == 0)
            answer["model"] = StreamReaderTests.Options.FallbackModel;
        foreach (var choice in answer["choices"]!.AsArray())
        {
            var message = choice!["message"]!.AsObject();
            if (message["refusal"]?.GetValue<string>() is "")
                message.Remove("refusal");
            if (message["function_call"]?["name"]?.GetValue<string>() is "")
                message.Remove("function_call");
            if (message["function_call"] is { } function)
            {
                message["tool_calls"] = new JsonArray(new JsonObject { ["id"] = "", ["type"] = "function", ["function"] = function.DeepClone() });
                message.Remove("function_call");
            }

            var hasCalls = message["tool_calls"] is JsonArray { Count: > 0 };
            any |= hasCalls;
            foreach (var call in message["tool_calls"] as JsonArray ?? [])
            {
                call!.AsObject().Remove("index");
                call["type"] = "function";
                if (call["id"]!.GetValue<string>().Length == 0)
                    call["id"] = OpenAIChatIds.MakeCallId(answer["id"]!.GetValue<string>(), answer["created"]!.GetValue<long>(), 0);
            }

            if (message["content"] is JsonValue content && content.GetValue<string>().Length == 0 && (hasCalls || message["reasoning"] is not null || message["reasoning_content"] is not null))
                message.Remove("content");
            foreach (var name in (string[])["tool_calls", "annotations", "reasoning_details"])
            {
                if (message[name] is JsonArray { Count: 0 })
                    message.Remove(name);
            }

            if (message["reasoning"] is { } reasoning)
            {
                message["reasoning_content"] ??= reasoning.DeepClone();
                message.Remove("reasoning");
            }

            if (message["thought_signature"] is not null)
            {
                message.Remove("thought_signature"); // said twice: extra_content stays
                message["extra_content"]!["google"]!.AsObject().Remove("thought");
            }

            choice["finish_reason"] = hasCalls ? "tool_calls" : choice["finish_reason"]!.GetValue<string>() == "eos" ? "stop" : choice["finish_reason"]!.DeepClone();
            message["role"] = "assistant";
        }

        return any;
    }

    private sealed class Observer : ISseHandler
    {
        public AnswerTap Tap { get; } = new();

        public int UsageOnly { get; private set; }

        public void OnEvent(in SseEvent e)
        {
            OpenAIChatTap.Observe(in e, Tap);
            UsageOnly += Tap.IsUsageOnlyEvent ? 1 : 0;
        }
    }
}
