using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.Canonical;
using Trivet.Wire.Canonical.Streams;
using Trivet.Wire.Gemini;
using Trivet.Wire.OpenAIChat;
using Trivet.Wire.OpenAIResponses;
using Trivet.Wire.Sse;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>What stands at the edges of an answer: what cut it off, what ended it, which tier served it, what the vendor's own tools did.</summary>
public sealed class AnswerDetailTests
{
    private const string CutOffChat = """{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"write","arguments":"{\"path\":\"a\",\"text\":\"half"}}]},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}""";

    [Fact]
    public void A_call_that_the_limit_cut_off_is_incomplete_for_a_responses_client_whole_and_streamed()
    {
        foreach (var item in ItemsOf(WireDoor.Chat.ReadResponse(Encoding.UTF8.GetBytes(CutOffChat))))
            Assert.Equal(("incomplete", """{"path":"a","text":"half"""), ((string?)item["status"], (string?)item["arguments"]));
    }

    [Theory]
    [InlineData("length", "{\\\"path\\\":\\\"a\\\"}", "completed")] // whole: the limit came behind it
    [InlineData("length", "", "incomplete")]
    [InlineData("tool_calls", "", "completed")]
    [InlineData("tool_calls", "{\\\"path\\\":", "completed")] // what the model wrote, badly
    public void Only_what_was_cut_off_is_incomplete(string reason, string arguments, string status)
    {
        var body = $$$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"write","arguments":"{{{arguments}}}"}}]},"finish_reason":"{{{reason}}}"}]}""";
        foreach (var item in ItemsOf(WireDoor.Chat.ReadResponse(Encoding.UTF8.GetBytes(body))))
            Assert.Equal(status, (string?)item["status"]);
    }

    [Fact]
    public void Of_several_calls_and_of_a_text_the_last_alone_is_incomplete()
    {
        var calls = WireDoor.Chat.ReadResponse("""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}},{"id":"call_2","type":"function","function":{"name":"f","arguments":"{\"a\":"}}]},"finish_reason":"length"}]}"""u8.ToArray());
        Assert.Equal(["completed", "completed", "incomplete", "completed", "completed", "incomplete"], ItemsOf(calls).Select(item => (string?)item["status"]));
        var text = WireDoor.Chat.ReadResponse("""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"length"}]}"""u8.ToArray());
        Assert.Equal(["incomplete", "incomplete"], ItemsOf(text).Select(item => (string?)item["status"]));
    }

    [Theory]
    [InlineData("max_tokens", "")]
    [InlineData("tool_use", "{}")]
    public void A_call_that_was_cut_off_before_its_arguments_has_none_for_a_chat_client(string reason, string arguments)
    {
        var response = WireDoor.Messages.ReadResponse(Encoding.UTF8.GetBytes($$$"""{"id":"m","type":"message","content":[{"type":"tool_use","id":"t1","name":"f","input":null},{"type":"tool_use","id":"t2","name":"f","input":null}],"stop_reason":"{{{reason}}}","usage":{"input_tokens":1,"output_tokens":1}}"""));
        var (whole, stream) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        WireDoor.Chat.WriteResponse(response, whole, new LossList());
        ResponsePlayer.Play(response, WireDoor.Chat.StreamWriter(stream, new LossList()));
        Assert.Equal(["{}", arguments], JsonNode.Parse(whole.WrittenSpan)!["choices"]![0]!["message"]!["tool_calls"]!.AsArray().Select(call => (string?)call!["function"]!["arguments"]));
        var spoken = new string[2];
        foreach (var line in Encoding.UTF8.GetString(stream.WrittenSpan).Split('\n').Where(line => line.StartsWith("data: {", StringComparison.Ordinal)))
        {
            if (JsonNode.Parse(line[6..])!["choices"]!.AsArray() is [{ } choice] && choice["delta"]!["tool_calls"] is JsonArray calls)
                spoken[(int)calls[0]!["index"]!] += (string?)calls[0]!["function"]!["arguments"];
        }

        Assert.Equal(["{}", arguments], spoken);
    }

    [Theory]
    [InlineData("stop_reason")] // vLLM
    [InlineData("matched_stop")] // SGLang
    public void The_stop_sequence_that_a_chat_vendor_names_is_told_to_a_messages_client_whole_and_streamed(string field)
    {
        var whole = WireDoor.Chat.ReadResponse(Encoding.UTF8.GetBytes($$$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop","{{{field}}}":"\nHuman:"}]}"""));
        var streamed = Fold(WireDoor.Chat, $$$"""{"id":"c","model":"m","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop","{{{field}}}":"\nHuman:"}]}""", "[DONE]");
        foreach (var response in (CanonicalResponse[])[whole, streamed])
        {
            Assert.Equal((StopReason.StopSequence, "\nHuman:"), (response.StopReason, response.StopSequence.ToString()));
            var losses = new LossList();
            foreach (var told in (CanonicalResponse[])[WireDoor.Messages.Through(response, losses), WireDoor.Messages.Streamed(response, losses)])
                Assert.Equal((StopReason.StopSequence, "\nHuman:"), (told.StopReason, told.StopSequence.ToString()));
            Assert.Empty(losses.ToString());
        }

        Assert.Equal("\nHuman:", WireDoor.Chat.Through(whole, new LossList()).StopSequence.ToString());
    }

    [Theory]
    [InlineData("\"stop_reason\":128009")] // a token
    [InlineData("\"stop_reason\":null")]
    [InlineData("\"stop_reason\":\"end_turn\"")] // a relay in front of Anthropic
    public void Another_word_of_that_name_is_no_stop_sequence(string field)
    {
        var response = WireDoor.Chat.ReadResponse(Encoding.UTF8.GetBytes($$$"""{"id":"c","model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":"stop",{{{field}}}}]}"""));
        Assert.Equal((StopReason.EndTurn, true), (response.StopReason, response.StopSequence.IsNull));
    }

    [Fact]
    public void The_tier_of_service_is_read_from_every_stream()
    {
        Assert.Equal("flex", Tier(WireDoor.Chat, """{"id":"c","service_tier":"flex","choices":[{"index":0,"delta":{"content":"a"},"finish_reason":"stop"}]}"""));
        Assert.Equal("priority", Tier(WireDoor.Responses, """{"type":"response.created","response":{"id":"r","service_tier":"auto"}}""", """{"type":"response.completed","response":{"id":"r","status":"completed","service_tier":"priority","output":[]}}"""));
        Assert.Equal("batch", Tier(WireDoor.Messages, """{"type":"message_start","message":{"id":"m","usage":{"input_tokens":1,"service_tier":"batch"}}}"""));
        Assert.Equal("flex", Tier(WireDoor.Gemini, """{"candidates":[{"content":{"parts":[{"text":"a"}]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":1,"serviceTier":"flex"}}"""));
    }

    [Fact]
    public void The_tier_of_a_whole_messages_answer_is_read()
    {
        var body = """{"id":"m","type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"service_tier":"priority","output_tokens":1}}"""u8.ToArray();
        Assert.Equal("priority", WireDoor.Messages.ReadResponse(body).ServiceTier.ToString());
    }

    [Fact]
    public void What_the_vendors_own_tools_did_is_kept_by_messages_and_named_by_the_others()
    {
        var body = """{"id":"m","type":"message","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":{"input_tokens":1,"output_tokens":1,"server_tool_use":{"web_search_requests":2,"web_fetch_requests":0}}}"""u8.ToArray();
        foreach (var door in WireDoor.All)
        {
            var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
            door.WriteResponse(WireDoor.Messages.ReadResponse(body), output, losses);
            var isOwn = door.Protocol == Protocol.AnthropicMessages;
            Assert.Equal(isOwn ? "" : "usage.server_tool_use", losses.ToString());
            if (isOwn)
                Assert.Equal(2, (int?)JsonNode.Parse(output.WrittenSpan)!["usage"]!["server_tool_use"]!["web_search_requests"]);
        }

        var reader = WireDoor.Messages.StreamReader(new ResponseFolder(Protocol.AnthropicMessages));
        SseFeeding.Feed(Encoding.UTF8.GetBytes("""data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":1,"server_tool_use":{"web_search_requests":2}}}""" + "\n\n"), "whole", reader);
        Assert.Equal(["usage.server_tool_use"], reader.Unsaid);
    }

    [Fact]
    public void A_whole_messages_answer_is_complete_whatever_ended_it()
    {
        var tap = new AnswerTap();
        AnthropicMessagesTap.ObserveBody("""{"id":"m","content":[{"type":"text","text":"a"}],"stop_reason":"a_reason_of_next_year","usage":{"input_tokens":1,"output_tokens":1}}"""u8, tap);
        Assert.Equal((true, StopReason.Unknown), (tap.IsComplete, tap.StopReason));
        tap.Reset();
        AnthropicMessagesTap.ObserveBody("""{"id":"m","content":[],"stop_reason":null}"""u8, tap);
        Assert.False(tap.IsComplete);
    }

    [Theory]
    [InlineData(Protocol.OpenAIChat, """{"id":"c","choices":[{"index":0,"message":{"role":"assistant","content":"a"},"finish_reason":null}]}""")]
    [InlineData(Protocol.AnthropicMessages, """{"id":"m","content":[{"type":"text","text":"a"}],"stop_reason":null}""")]
    [InlineData(Protocol.Gemini, """{"candidates":[{"content":{"parts":[{"text":"a"}]}}]}""")]
    public void A_whole_answer_that_does_not_say_why_it_ended_passes_through_as_it_is_translated(Protocol protocol, string body)
    {
        var (whole, cut) = (new AnswerTap(), new AnswerTap());
        Observe(Encoding.UTF8.GetBytes(body), whole);
        Assert.True(whole.IsComplete);
        Assert.Equal("a", ((TextBlock)WireDoor.Of(protocol).ReadResponse(Encoding.UTF8.GetBytes(body)).Blocks[0]).Text.ToString());
        Observe(Encoding.UTF8.GetBytes(body[..^1]), cut);
        Assert.False(cut.IsComplete);

        void Observe(byte[] bytes, AnswerTap tap)
        {
            if (protocol == Protocol.OpenAIChat)
                OpenAIChatTap.ObserveBody(bytes, tap);
            else if (protocol == Protocol.AnthropicMessages)
                AnthropicMessagesTap.ObserveBody(bytes, tap);
            else
                GeminiTap.ObserveBody(bytes, tap);
        }
    }

    [Fact]
    public void What_a_compaction_took_is_billed_beside_the_answer_and_not_told_as_its_own()
    {
        var usage = """{"input_tokens":181,"cache_read_input_tokens":0,"output_tokens":8,"iterations":[{"input_tokens":100,"output_tokens":83,"cache_read_input_tokens":55096,"cache_creation_input_tokens":0,"type":"compaction"},{"input_tokens":181,"output_tokens":8,"type":"message"}]}""";
        var (whole, streamed) = (new AnswerTap(), new AnswerTap());
        AnthropicMessagesTap.ObserveBody(Encoding.UTF8.GetBytes($$"""{"id":"m","content":[{"type":"text","text":"a"}],"stop_reason":"end_turn","usage":{{usage}}}"""), whole);
        AnthropicMessagesTap.Observe(new SseEvent { HasData = true, Name = "message_delta"u8, Data = Encoding.UTF8.GetBytes($$"""{"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{{usage}}}""") }, streamed);
        foreach (var tap in (AnswerTap[])[whole, streamed])
        {
            Assert.Equal(new Usage { InputUncached = 181, OutputText = 8 }, tap.Usage);
            Assert.Equal(new Usage { InputUncached = 281, CacheRead = 55096, OutputText = 91 }, tap.Billed);
            tap.Reset();
            Assert.Null(tap.Billed);
        }
    }

    [Theory]
    [InlineData(Protocol.AnthropicMessages, "anthropic-claude-v1")]
    [InlineData(Protocol.BedrockConverse, "anthropic-claude-v1")]
    [InlineData(Protocol.OpenAIResponses, "openai-responses-v1")]
    [InlineData(Protocol.OpenAIChat, "unknown")]
    public void Thoughts_that_only_their_issuer_can_read_are_labelled_with_their_issuer_for_a_chat_client(Protocol origin, string format)
    {
        var response = new CanonicalResponse { Origin = origin, Id = "a", Model = "m", StopReason = StopReason.EndTurn };
        response.Blocks.Add(new ReasoningBlock { IsRedacted = true, Encrypted = "abc" });
        var (whole, stream) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        WireDoor.Chat.WriteResponse(response, whole, new LossList());
        ResponsePlayer.Play(response, WireDoor.Chat.StreamWriter(stream, new LossList()));
        Assert.Contains($"\"format\":\"{format}\"", Encoding.UTF8.GetString(whole.WrittenSpan));
        Assert.Contains($"\"format\":\"{format}\"", Encoding.UTF8.GetString(stream.WrittenSpan));
    }

    [Fact]
    public void Phases_of_messages_are_kept_from_responses_to_responses_whole_and_streamed()
    {
        var body = """{"id":"resp_1","status":"completed","model":"m","output":[{"type":"message","phase":"commentary","content":[{"type":"output_text","text":"a"},{"type":"output_text","text":"b"}]},{"type":"message","phase":"final_answer","content":[{"type":"output_text","text":"c"}]}]}"""u8.ToArray();
        var losses = new LossList();
        var whole = ItemsOf(WireDoor.Responses.ReadResponse(body));
        Assert.Equal(["commentary", "final_answer", "commentary", "final_answer"], whole.Select(item => (string?)item["phase"]));
        Assert.Equal(["ab", "c", "ab", "c"], whole.Select(item => string.Concat(item["content"]!.AsArray().Select(part => (string?)part!["text"]))));
        var again = WireDoor.Responses.Streamed(WireDoor.Responses.ReadResponse(body), losses);
        Assert.Equal(["commentary", "", "final_answer"], again.Blocks.Select(block => block.Extra is [var phase] ? phase.Value.ToString().Trim('"') : ""));
        losses.AddUnsaid(["message.phase"], Protocol.OpenAIResponses);
        Assert.True(losses.IsEmpty);
        ResponsePlayer.NoteUnsaid(again, Protocol.OpenAIChat, losses);
        Assert.Equal("message.phase", losses.ToString());
    }

    // The items of the whole answer, and then those of the stream.
    private static List<JsonNode> ItemsOf(CanonicalResponse response)
    {
        var (whole, stream) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        WireDoor.Responses.WriteResponse(response, whole, new LossList());
        ResponsePlayer.Play(response, WireDoor.Responses.StreamWriter(stream, new LossList()));
        var legality = Legality.OpenAIResponsesLegality.Check(stream.WrittenSpan);
        Assert.Empty(legality.Violations);
        return [.. JsonNode.Parse(whole.WrittenSpan)!["output"]!.AsArray().Select(item => item!), .. legality.Answer!["output"]!.AsArray().Select(item => item!)];
    }

    private static CanonicalResponse Fold(WireDoor door, params string[] events)
    {
        var folder = new ResponseFolder(door.Protocol);
        var reader = door.StreamReader(folder);
        SseFeeding.Feed(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e}\n\n"))), "whole", reader);
        reader.Complete();
        return folder.Error is null ? folder.Response : throw new InvalidDataException(folder.Error.Message);
    }

    private static string Tier(WireDoor door, params string[] events)
    {
        var reader = door.StreamReader(new ResponseFolder(door.Protocol));
        SseFeeding.Feed(Encoding.UTF8.GetBytes(string.Concat(events.Select(e => $"data: {e}\n\n"))), "whole", reader);
        return Encoding.UTF8.GetString(reader.ServiceTier);
    }
}
