using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Tests.Wire.Legality;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIChat.Streams;

namespace Trivet.Tests.Wire.OpenAIChat;

public sealed class StreamReaderTests
{
    internal static readonly ResponseWriterOptions Options = new() { FallbackId = "fallback", FallbackModel = "model", CreatedAt = 1_700_000_000, IncludeUsage = true };

    public static TheoryData<string> Recorded => Corpus.Ids("openai-chat", e => e.Sse is not null);

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_stream_says_what_the_recording_says_however_it_is_cut(string id)
    {
        var exchange = Corpus.Get(id);
        var expected = Independent(exchange.Sse!);
        foreach (var way in SseFeeding.Ways)
        {
            var folder = Fold(exchange.Sse!, way.Data, new OpenAIChatDialect());
            Assert.Equal(exchange.Has("midstream_error"), folder.Error is not null);
            Assert.Equal(!exchange.Has("midstream_error"), folder.IsComplete);
            JsonMeaning.AssertSame(expected, Summary(folder.Response), $"{exchange} fed {way.Data}");
        }
    }

    [Theory]
    [MemberData(nameof(Recorded))]
    public void A_recorded_stream_written_again_is_legal_and_says_the_same(string id)
    {
        var exchange = Corpus.Get(id);
        var output = new ArrayBufferWriter<byte>();
        var reader = new OpenAIChatStreamReader(new OpenAIChatStreamWriter(output, Options, new LossList()), OpenAIChatDialect.Default);
        SseFeeding.Feed(exchange.Sse!, "whole", reader);
        reader.Complete();
        OpenAIChatLegality.Check(output.WrittenSpan, usageAsked: true);
        if (!exchange.Has("midstream_error"))
            JsonMeaning.AssertSame(Summary(Fold(exchange.Sse!, "whole", new OpenAIChatDialect()).Response), Summary(Fold(output.WrittenSpan.ToArray(), "whole", new OpenAIChatDialect()).Response), exchange.ToString());
    }

    [Fact]
    public void A_whole_message_in_an_event_is_the_answer_and_after_deltas_a_repetition()
    {
        const string whole = """{"id":"x","object":"chat.completion","choices":[{"finish_reason":"tool_calls","index":0,"message":{"role":"assistant","content":"Hello","tool_calls":[{"id":"a","function":{"name":"one","arguments":"{}"}}]}}]}""";
        var response = Read(whole).Response;
        Assert.Equal("Hello", Assert.IsType<TextBlock>(response.Blocks[0]).Text.ToString());
        Assert.Equal(["a one {}"], Calls(response));
        var repeated = Read($$$"""
            {"choices":[{"index":0,"delta":{"content":"Hello"}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}]}}]}
            {{{whole}}}
            """).Response;
        Assert.Equal(2, repeated.Blocks.Count);
        Assert.Equal("Hello", Assert.IsType<TextBlock>(repeated.Blocks[0]).Text.ToString());
    }

    [Fact]
    public void Interleaved_parallel_calls_stay_apart()
    {
        var response = Read("""
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":""}}]}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":1,"id":"b","function":{"name":"two","arguments":"{\"x\""}}]}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"arguments":"{\"y\":1}"}},{"index":1,"function":{"arguments":":2}"}}]}}]}
            {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}
            """).Response;
        Assert.Equal(["a one {\"y\":1}", "b two {\"x\":2}"], Calls(response));
        Assert.Equal(StopReason.ToolCalls, response.StopReason);
    }

    [Theory]
    [InlineData("without an index", """{"id":"a","function":{"name":"one","arguments":"{}"}}""", """{"id":"b","function":{"name":"two","arguments":"{}"}}""", "a one {}", "b two {}")]
    [InlineData("all under index 0", """{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}""", """{"index":0,"id":"b","function":{"name":"two","arguments":"{}"}}""", "a one {}", "b two {}")]
    [InlineData("id repeated", """{"index":0,"id":"a","function":{"name":"one","arguments":"{"}}""", """{"index":0,"id":"a","function":{"name":"one","arguments":"}"}}""", "a one {}", null)]
    [InlineData("name in pieces", """{"index":0,"id":"a","function":{"name":"get_"}}""", """{"index":0,"function":{"name":"weather","arguments":"{}"}}""", "a get_weather {}", null)]
    [InlineData("arguments before the name", """{"index":0,"id":"a","function":{"arguments":"{\"q\":"}}""", """{"index":0,"function":{"name":"one","arguments":"1}"}}""", "a one {\"q\":1}", null)]
    [InlineData("arguments as an object", """{"index":0,"id":"a","function":{"name":"one","arguments":{"q":"x"}}}""", """{"index":1,"id":"b","function":{"name":"two","arguments":{}}}""", "a one {\"q\":\"x\"}", "b two {}")]
    [InlineData("id repeated with the name, arguments in pieces", """{"index":0,"id":"a","function":{"name":"one","arguments":"{}"}}""", """{"index":0,"id":"a","function":{"name":"one","arguments":""}}""", "a one {}", null)]
    public void Calls_are_read_as_vendors_send_them(string how, string first, string second, string call, string? other)
    {
        var response = Read($$$"""
            {"choices":[{"index":0,"delta":{"tool_calls":[{{{first}}}]}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{{{second}}}]}}]}
            {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
            """).Response;
        Assert.True(Calls(response).SequenceEqual(other is null ? [call] : [call, other]), $"{how}: {string.Join(", ", Calls(response))}");
    }

    [Theory]
    [InlineData("""{"index":0,"function":{"name":"one","arguments":"{\"q\":1}"}}""", """{"index":0,"function":{"name":"two","arguments":"{}"}}""", "one {\"q\":1}", "two {}")]
    [InlineData("""{"index":0,"function":{"name":"one","arguments":"{\"q\":1}"}}""", """{"index":0,"function":{"name":"one","arguments":"{\"q\":2}"}}""", "one {\"q\":1}", "one {\"q\":2}")]
    [InlineData("""{"index":0,"function":{"name":"one","arguments":{"q":1}}}""", """{"index":0,"function":{"name":"one","arguments":{}}}""", "one {\"q\":1}", "one {}")]
    [InlineData("""{"index":0,"function":{"name":"one","arguments":"{\"q\":"}}""", """{"index":0,"function":{"name":"one","arguments":"1}"}}""", "one {\"q\":1}", null)]
    [InlineData("""{"index":0,"function":{"name":"one","arguments":"{}"}}""", """{"index":0,"function":{"name":"one","arguments":""}}""", "one {}", null)]
    public void Calls_without_ids_under_one_index_are_told_apart_by_what_is_whole(string first, string second, string call, string? other)
    {
        var response = Read($$$"""
            {"choices":[{"index":0,"delta":{"tool_calls":[{{{first}}}]}}]}
            {"choices":[{"index":0,"delta":{"tool_calls":[{{{second}}}]}}]}
            {"choices":[{"index":0,"delta":{},"finish_reason":"tool_calls"}]}
            """).Response;
        Assert.Equal(other is null ? [call] : [call, other], Calls(response).Select(told => told[(told.IndexOf(' ', StringComparison.Ordinal) + 1)..]));
        var ids = response.Blocks.OfType<ToolCallBlock>().Select(told => told.Id.ToString()).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
    }

    [Fact]
    public void Calls_without_ids_get_ids_of_their_own()
    {
        var response = Read("""
            {"id":"x","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"one","arguments":"{}"}},{"index":1,"function":{"name":"two","arguments":"{}"}}]},"finish_reason":"tool_calls"}]}
            """).Response;
        var ids = response.Blocks.OfType<ToolCallBlock>().Select(c => c.Id.ToString()).ToList();
        Assert.Equal(2, ids.Distinct().Count());
        Assert.All(ids, id => Assert.StartsWith("call_", id));
    }

    [Theory]
    [InlineData("<think>\\nhm\\n</think>\\n\\nyes")]
    [InlineData("\\u003cthink\\u003ehm\\u003c/think\\u003eyes")]
    public void Inline_thoughts_are_told_from_the_text_wherever_the_tags_are_cut(string text)
    {
        var pieces = System.Text.RegularExpressions.Regex.Matches(text, @"\\u[0-9a-f]{4}|\\n|.").Select(m => m.Value).ToList();
        for (var size = 1; size <= pieces.Count; size++)
        {
            var lines = pieces.Chunk(size).Select(chunk => $$$"""{"choices":[{"index":0,"delta":{"content":"{{{string.Concat(chunk)}}}"}}]}""").Append("""{"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}""");
            var response = Read(string.Join('\n', lines), new OpenAIChatDialect { ThinkTags = ThinkTags.Paired }).Response;
            Assert.Equal("hm", Assert.IsType<ReasoningBlock>(response.Blocks[0]).Text.ToString());
            Assert.Equal("yes", Assert.IsType<TextBlock>(response.Blocks[1]).Text.ToString());
            Assert.Equal(2, response.Blocks.Count);
        }
    }

    [Fact]
    public void A_tag_later_in_the_text_is_text() =>
        Assert.Equal("Use <think> so", Texts(Read("""{"choices":[{"index":0,"delta":{"content":"Use <think> so"},"finish_reason":"stop"}]}""", new OpenAIChatDialect { ThinkTags = ThinkTags.Paired }).Response));

    [Fact]
    public void A_finish_reason_and_a_clean_end_are_complete_without_the_marker() =>
        Assert.True(Read("""{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}""").IsComplete);

    [Fact]
    public void An_end_without_a_finish_reason_is_a_cut_stream() =>
        Assert.Equal("upstream_stream_truncated", Read("""{"choices":[{"index":0,"delta":{"content":"a"}}]}""").Error?.Code);

    [Fact]
    public void An_event_that_is_no_json_ends_the_stream_with_an_error() =>
        Assert.Equal("upstream_invalid_event", Read("""{"choices":[{"index":0,"delta":{"content":"a"}}]""" + "\n[DONE]").Error?.Code);

    [Theory]
    [InlineData("insufficient_system_resource", ErrorClass.Overloaded)]
    [InlineData("network_error", ErrorClass.Server)]
    public void A_vendor_that_breaks_off_is_an_error_and_no_success(string word, ErrorClass expected) =>
        Assert.Equal(expected, Read($$"""{"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"{{word}}"}]}""").Error?.Class);

    [Fact]
    public void Further_choices_are_left_out_and_noted()
    {
        var folder = new ResponseFolder(Protocol.OpenAIChat);
        var reader = new OpenAIChatStreamReader(folder, OpenAIChatDialect.Default);
        SseFeeding.Feed(Sse("""
            {"choices":[{"delta":{"content":"b"},"index":1}]}
            {"choices":[{"delta":{"content":"a"},"index":0,"finish_reason":"stop"}]}
            """), "whole", reader);
        reader.Complete();
        Assert.True(reader.HasMoreChoices);
        Assert.Equal("a", Texts(folder.Response));
    }

    [Fact]
    public void A_signature_in_reasoning_details_closes_its_thoughts()
    {
        var response = Read("""
            {"choices":[{"index":0,"delta":{"reasoning":"one","reasoning_details":[{"type":"reasoning.text","text":"one","index":0}]}}]}
            {"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","signature":"SIG","index":0}]}}]}
            {"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.text","text":"two","index":1}]}}]}
            {"choices":[{"index":0,"delta":{"reasoning_details":[{"type":"reasoning.encrypted","data":"ENC","index":2}]}}]}
            {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}
            """).Response;
        var thoughts = response.Blocks.OfType<ReasoningBlock>().ToList();
        Assert.Equal(["one", "two", ""], thoughts.Select(t => t.Text.ToString()));
        Assert.Equal("SIG", thoughts[0].Signature.ToString());
        Assert.Equal("ENC", thoughts[2].Encrypted.ToString());
        Assert.True(thoughts[2].IsRedacted);
    }

    [Fact]
    public void Geminis_signature_on_a_call_is_kept() =>
        Assert.Equal("S", Assert.Single(Read("""
            {"choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"id":"a","function":{"name":"one","arguments":"{}"},"extra_content":{"google":{"thought_signature":"S"}}}]},"finish_reason":"tool_calls"}]}
            """).Response.Blocks).ThoughtSignature.ToString());

    internal static ResponseFolder Fold(byte[] sse, string way, OpenAIChatDialect dialect)
    {
        var folder = new ResponseFolder(Protocol.OpenAIChat);
        var reader = new OpenAIChatStreamReader(folder, dialect);
        SseFeeding.Feed(sse, way, reader);
        reader.Complete();
        return folder;
    }

    internal static byte[] Sse(string lines) => Encoding.UTF8.GetBytes(string.Concat(lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => $"data: {line.Trim()}\n\n")));

    internal static ResponseFolder Read(string lines, OpenAIChatDialect? dialect = null) => Fold(Sse(lines), "whole", dialect ?? OpenAIChatDialect.Default);

    internal static string Texts(CanonicalResponse response) => string.Concat(response.Blocks.OfType<TextBlock>().Select(t => t.Text.ToString()));

    private static List<string> Calls(CanonicalResponse response) => [.. response.Blocks.OfType<ToolCallBlock>().Select(c => $"{c.Id} {c.Name} {Encoding.UTF8.GetString(c.Arguments.Span)}")];

    internal static JsonObject Summary(CanonicalResponse response) => new()
    {
        ["text"] = Texts(response),
        ["refusal"] = string.Concat(response.Blocks.OfType<RefusalBlock>().Select(t => t.Text.ToString())),
        ["thoughts"] = string.Concat(response.Blocks.OfType<ReasoningBlock>().Where(r => !r.IsRedacted).Select(t => t.Text.ToString())),
        ["calls"] = new JsonArray([.. Calls(response).Select(c => (JsonNode)c)]),
        ["stop"] = response.StopReason.ToString(),
        ["prompt"] = response.Usage?.InputTotal ?? -1,
    };

    // What the recording says, read in the plainest way there is, independently of the reader.
    private static JsonObject Independent(byte[] sse)
    {
        var (text, refusal, thoughts, calls, finish, prompt) = (new StringBuilder(), new StringBuilder(), new StringBuilder(), new SortedDictionary<int, (string Id, string Name, StringBuilder Arguments)>(), (string?)null, -1L);
        foreach (var line in Encoding.UTF8.GetString(sse).ReplaceLineEndings("\n").Split('\n').Where(l => l.StartsWith("data:") && !l.Contains("[DONE]")))
        {
            var root = JsonNode.Parse(line[5..])!;
            if (root["usage"] is JsonObject usage)
            {
                prompt = usage["prompt_tokens"]!.GetValue<long>();
                var cached = usage["prompt_tokens_details"]?["cached_tokens"]?.GetValue<long>() ?? 0;
                prompt = cached > prompt ? prompt + cached : prompt;
            }

            if ((root["choices"] as JsonArray)?.FirstOrDefault() is not { } choice)
                continue;
            finish = choice["finish_reason"]?.GetValue<string>() ?? finish;
            var delta = choice["delta"]!;
            if (delta["content"] is JsonArray parts)
            {
                foreach (var part in parts)
                {
                    if (part!["type"]!.GetValue<string>() == "thinking")
                        thoughts.Append(string.Concat(part["thinking"]!.AsArray().Select(t => t!["text"]!.GetValue<string>())));
                    else
                        text.Append(part["text"]!.GetValue<string>());
                }
            }
            else
            {
                text.Append(delta["content"]?.GetValue<string>());
            }

            refusal.Append(delta["refusal"]?.GetValue<string>());
            var plain = delta["reasoning_content"]?.GetValue<string>() ?? delta["reasoning"]?.GetValue<string>();
            thoughts.Append(string.IsNullOrEmpty(plain) ? string.Concat((delta["reasoning_details"] as JsonArray ?? []).Select(d => d!["text"]?.GetValue<string>() ?? d["summary"]?.GetValue<string>())) : plain);
            foreach (var call in delta["tool_calls"] as JsonArray ?? [])
            {
                var index = call!["index"]!.GetValue<int>();
                if (!calls.TryGetValue(index, out var known))
                    known = calls[index] = (call["id"]!.GetValue<string>(), call["function"]!["name"]!.GetValue<string>(), new StringBuilder());
                known.Arguments.Append(call["function"]?["arguments"]?.GetValue<string>());
            }
        }

        var isError = Encoding.UTF8.GetString(sse).Contains("\"error\":{");
        return new JsonObject
        {
            ["text"] = text.ToString(),
            ["refusal"] = refusal.ToString(),
            ["thoughts"] = thoughts.ToString(),
            ["calls"] = new JsonArray([.. calls.Values.Select(c => (JsonNode)$"{c.Id} {c.Name} {c.Arguments}")]),
            ["stop"] = isError ? "Unknown" : calls.Count > 0 ? "ToolCalls" : finish == "length" ? "MaxTokens" : "EndTurn",
            ["prompt"] = prompt,
        };
    }
}
