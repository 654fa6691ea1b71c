using System.Buffers;
using System.Text;
using System.Text.Json.Nodes;
using Trivet.Wire.AnthropicMessages;
using Trivet.Wire.AnthropicMessages.Requests;
using Trivet.Wire.Canonical;
using Trivet.Wire.OpenAIChat.Requests;

namespace Trivet.Tests.Wire.CrossProtocol;

/// <summary>Odd but legal requests: what a client says at the edges of its protocol reaches every other, or is named.</summary>
public sealed class RequestDetailTests
{
    [Fact]
    public void A_message_that_says_nothing_keeps_its_place_in_chat_and_is_named_elsewhere()
    {
        var body = """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":""}]}""";
        Assert.Equal("", (string?)Write(WireDoor.Chat, WireDoor.Chat, body, out var none)["messages"]![2]!["content"]);
        Assert.Empty(none);
        foreach (var door in WireDoor.All.Where(door => door.Protocol != Protocol.OpenAIChat))
        {
            Write(WireDoor.Chat, door, body, out var lost);
            Assert.Contains("messages[].content=empty", lost);
        }
    }

    [Theory]
    [InlineData(Protocol.OpenAIChat, """{"model":"m","messages":[{"role":"user","content":"a"}],"x_list":[],"x_null":null,"stop":[],"tools":[],"metadata":{},"logit_bias":{},"stop":null,"n":1,"presence_penalty":0,"frequency_penalty":0,"logprobs":false,"top_logprobs":null,"store":false,"service_tier":"auto","seed":null,"modalities":["text"],"functions":[],"response_format":{"type":"text"}}""")]
    [InlineData(Protocol.OpenAIResponses, """{"model":"m","input":"a","x_list":[],"x_null":null,"tools":[],"metadata":{},"include":[],"truncation":"disabled","text":{"format":{"type":"text"}},"top_logprobs":0,"background":false,"service_tier":"auto","reasoning":{},"prompt":null,"max_tool_calls":null,"store":false,"stream_options":null}""")]
    [InlineData(Protocol.AnthropicMessages, """{"model":"m","max_tokens":900,"messages":[{"role":"user","content":"a"}],"x_list":[],"x_null":null,"mcp_servers":[],"tools":[],"stop_sequences":[],"metadata":{},"system":[],"thinking":{"type":"disabled"},"container":null,"service_tier":"auto","betas":[]}""")]
    [InlineData(Protocol.Gemini, """{"contents":[{"role":"user","parts":[{"text":"a"}]}],"xList":[],"tools":[],"safetySettings":[],"labels":{},"generationConfig":{"stopSequences":[],"candidateCount":1,"responseModalities":["TEXT"],"presencePenalty":0,"frequencyPenalty":0,"responseLogprobs":false,"responseMimeType":"text/plain"},"toolConfig":{}}""")]
    public void What_is_there_and_asks_for_nothing_is_not_named_as_lost(Protocol client, string body)
    {
        foreach (var door in WireDoor.All.Where(door => door.Protocol != client))
        {
            Write(WireDoor.All.Single(own => own.Protocol == client), door, body, out var lost);
            Assert.Equal(("", door.Protocol), (lost, door.Protocol));
        }
    }

    [Fact]
    public void Who_asks_is_said_in_the_word_that_the_client_used_where_the_upstream_has_it()
    {
        var body = """{"model":"m","input":"a","safety_identifier":"u1"}""";
        var own = Write(WireDoor.Responses, WireDoor.Responses, body, out var none);
        Assert.Equal(("u1", null, ""), ((string?)own["safety_identifier"], own["user"], none));
        Assert.Equal("u1", (string?)Write(WireDoor.Responses, WireDoor.Chat, body, out var moved)["user"]);
        Assert.Equal("~safety_identifier", moved);
        Assert.Equal("u1", (string?)Write(WireDoor.Responses, WireDoor.Messages, body, out none)["metadata"]!["user_id"]);
        Assert.Empty(none);
        var chat = """{"model":"m","messages":[{"role":"user","content":"a"}],"user":"u2","safety_identifier":"u1"}""";
        var both = Write(WireDoor.Chat, WireDoor.Responses, chat, out none);
        Assert.Equal(("u1", "u2", ""), ((string?)both["safety_identifier"], (string?)both["user"], none));
        Write(WireDoor.Chat, WireDoor.Gemini, chat, out var lost);
        Assert.Equal("user, safety_identifier", lost);
    }

    [Theory]
    [InlineData("""{"role":"user","content":"a"},{"role":"assistant","content":"b"},{"role":"user","content":"c"}""", "", "c")]
    [InlineData("""{"role":"user","content":"a"}""", ""","tools":[{"type":"function","function":{"name":"f"}}]""", "a")]
    [InlineData("""{"role":"user","content":"a"},{"role":"assistant","tool_calls":[{"id":"call_1","type":"function","function":{"name":"f","arguments":"{}"}}]},{"role":"tool","tool_call_id":"call_1","content":"d"}""", ""","tools":[{"type":"function","function":{"name":"f"}}]""", "d")]
    [InlineData("""{"role":"user","content":"a"}""", "", null)] // asked once: written for nothing
    [InlineData("""{"role":"user","content":[{"type":"text","text":"a","cache_control":{"type":"ephemeral","ttl":"1h"}}]},{"role":"assistant","content":"b"},{"role":"user","content":"c"}""", "", "a")] // who marks something, marks what they want
    public void Where_it_is_wanted_the_end_of_a_conversation_that_goes_on_is_marked_to_be_cached(string messages, string rest, string? marked)
    {
        var body = $$"""{"model":"m","messages":[{{messages}}]{{rest}}}""";

        var written = WriteMessages(body, AnthropicMessagesDialect.Default with { CachesPrompts = true });

        var marks = written["messages"]!.AsArray().Where(message => message!["content"] is JsonArray).SelectMany(message => message!["content"]!.AsArray()).Where(block => block!["cache_control"] is not null).ToList();
        Assert.Equal(marked is null ? 0 : 1, marks.Count);
        Assert.Equal(marked, marks.Select(block => (string?)(block!["text"] ?? block["content"])).FirstOrDefault());
        Assert.DoesNotContain("cache_control", messages.Contains("cache_control", StringComparison.Ordinal) ? "" : WriteMessages(body, AnthropicMessagesDialect.Default).ToJsonString(), StringComparison.Ordinal);

        static JsonNode WriteMessages(string body, AnthropicMessagesDialect dialect)
        {
            Assert.True(OpenAIChatRequestReader.TryRead(Encoding.UTF8.GetBytes(body), out var request, out _));
            var output = new ArrayBufferWriter<byte>();
            AnthropicMessagesRequestWriter.Write(request!, dialect, "m", output, new LossList());
            return JsonNode.Parse(output.WrittenSpan)!;
        }
    }

    [Fact]
    public void A_free_form_tool_keeps_its_grammar_between_chat_and_responses()
    {
        var responses = """{"model":"m","input":"a","tools":[{"type":"custom","name":"patch","format":{"type":"grammar","syntax":"lark","definition":"start: X"}}],"tool_choice":{"type":"custom","name":"patch"}}""";
        var chat = Write(WireDoor.Responses, WireDoor.Chat, responses, out var none);
        Assert.Empty(none);
        Assert.Equal("""{"type":"grammar","grammar":{"syntax":"lark","definition":"start: X"}}""", chat["tools"]![0]!["custom"]!["format"]!.ToJsonString());
        Assert.Equal("""{"type":"custom","custom":{"name":"patch"}}""", chat["tool_choice"]!.ToJsonString());
        var back = Write(WireDoor.Chat, WireDoor.Responses, chat.ToJsonString(), out none);
        Assert.Equal("""{"type":"grammar","syntax":"lark","definition":"start: X"}""", back["tools"]![0]!["format"]!.ToJsonString());
    }

    [Fact]
    public void Allowed_tools_are_said_where_they_can_be_and_all_tools_stay_offered()
    {
        var body = """{"model":"m","input":"a","tools":[{"type":"function","name":"f","parameters":{"type":"object"}},{"type":"custom","name":"patch"},{"type":"function","name":"g","parameters":{"type":"object"}}],"tool_choice":{"type":"allowed_tools","mode":"required","tools":[{"type":"function","name":"f"},{"type":"custom","name":"patch"}]}}""";
        var chat = Write(WireDoor.Responses, WireDoor.Chat, body, out var none);
        Assert.Empty(none);
        Assert.Equal(3, chat["tools"]!.AsArray().Count);
        Assert.Equal("""{"type":"allowed_tools","allowed_tools":{"mode":"required","tools":[{"type":"function","function":{"name":"f"}},{"type":"custom","custom":{"name":"patch"}}]}}""", chat["tool_choice"]!.ToJsonString());
    }

    [Fact]
    public void What_says_no_more_than_the_default_is_no_loss()
    {
        var chat = """{"model":"m","messages":[{"role":"user","content":"a"}],"logit_bias":{},"store":false,"n":1,"frequency_penalty":0,"presence_penalty":0,"logprobs":false,"top_p":1,"stream_options":null}""";
        foreach (var door in WireDoor.All)
        {
            Write(WireDoor.Chat, door, chat, out var lost);
            Assert.Equal("", lost);
        }

        var messages = """{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"a"}],"container":null,"context_management":null}""";
        foreach (var door in WireDoor.All)
        {
            Write(WireDoor.Messages, door, messages, out var lost);
            Assert.Equal("", lost);
        }
    }

    [Fact]
    public void What_a_model_of_gemini_drew_is_a_note_in_a_chat_history()
    {
        var body = """{"contents":[{"role":"user","parts":[{"text":"a"}]},{"role":"model","parts":[{"text":"here"},{"inlineData":{"mimeType":"image/png","data":"AAAA"}}]},{"role":"user","parts":[{"text":"b"}]}]}""";
        var chat = Write(WireDoor.Gemini, WireDoor.Chat, body, out var lost);
        Assert.Equal(["here", "[image left out]"], chat["messages"]![1]!["content"]!.AsArray().Select(part => (string?)part!["text"]));
        Assert.Equal("assistant media", lost);
    }

    [Fact]
    public void No_tokens_at_all_are_no_bound_for_a_chat_vendor()
    {
        var chat = Write(WireDoor.Gemini, WireDoor.Chat, """{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"maxOutputTokens":0}}""", out var lost);
        Assert.Equal((null, ""), (chat["max_completion_tokens"], lost));
        chat = Write(WireDoor.Messages, WireDoor.Chat, """{"model":"m","max_tokens":0,"messages":[{"role":"user","content":"a"}]}""", out lost);
        Assert.Equal((null, "~max_tokens"), (chat["max_completion_tokens"], lost));
    }

    [Theory]
    [InlineData("""{"contents":[{"parts":[{"text":"a"}]},{"role":"model","parts":[{"executableCode":{"language":"PYTHON","code":"print(1)"}},{"codeExecutionResult":{"outcome":"OUTCOME_OK","output":"1"}}]},{"parts":[{"text":"b"}]}]}""", Protocol.Gemini, "print(1)")]
    [InlineData("""{"model":"m","input":[{"role":"user","content":"a"},{"type":"local_shell_call","call_id":"l","action":{"type":"exec","command":["ls"]}},{"type":"local_shell_call_output","call_id":"l","output":"files"},{"role":"user","content":"b"}]}""", Protocol.OpenAIResponses, "ls")]
    public void What_another_vendors_own_tools_did_is_told_to_a_messages_model_in_words(string body, Protocol origin, string words)
    {
        var messages = Write(WireDoor.Of(origin), WireDoor.Messages, body, out var lost);
        Assert.Contains(words, messages["messages"]![1]!["content"]!.ToJsonString());
        Assert.Equal("assistant", (string?)messages["messages"]![1]!["role"]);
        Assert.Equal("~messages[].content[].type", lost);
    }

    [Fact]
    public void Items_of_a_turn_of_which_nothing_is_left_are_named()
    {
        Write(WireDoor.Responses, WireDoor.Chat, """{"model":"m","input":[{"role":"user","content":"a"},{"type":"computer_call","call_id":"c","action":{"type":"screenshot"},"status":"completed"},{"role":"user","content":"b"}]}""", out var lost);
        Assert.Equal("content.computer_call", lost);
    }

    [Fact]
    public void Chat_takes_alternatives_to_a_token_only_beside_their_switch()
    {
        var chat = Write(WireDoor.Responses, WireDoor.Chat, """{"model":"m","input":"a","top_logprobs":5}""", out _);
        Assert.Equal((true, 5), ((bool?)chat["logprobs"], (int?)chat["top_logprobs"]));
        chat = Write(WireDoor.Gemini, WireDoor.Chat, """{"contents":[{"parts":[{"text":"a"}]}],"generationConfig":{"responseLogprobs":false,"logprobs":5}}""", out _);
        Assert.Equal((false, null), ((bool?)chat["logprobs"], chat["top_logprobs"]));
    }

    [Fact]
    public void An_empty_schema_of_arguments_is_one_that_openai_takes()
    {
        var body = """{"model":"m","max_tokens":100,"messages":[{"role":"user","content":"a"}],"tools":[{"name":"f","input_schema":{ }}]}""";
        Assert.Null(Write(WireDoor.Messages, WireDoor.Chat, body, out _)["tools"]![0]!["function"]!["parameters"]);
        Assert.Equal("object", (string?)Write(WireDoor.Messages, WireDoor.Responses, body, out _)["tools"]![0]!["parameters"]!["type"]);
    }

    [Fact]
    public void Empty_thoughts_that_nobody_vouches_for_are_no_loss()
    {
        var body = """{"model":"m","messages":[{"role":"user","content":"a"},{"role":"assistant","content":"b","reasoning_content":""},{"role":"user","content":"c"}]}""";
        foreach (var door in WireDoor.All)
        {
            Write(WireDoor.Chat, door, body, out var lost);
            Assert.Equal("", lost);
        }
    }

    internal static JsonNode Write(WireDoor from, WireDoor to, string body, out string lost)
    {
        var (losses, output) = (new LossList(), new ArrayBufferWriter<byte>());
        to.WriteRequest(from.ReadRequest(Encoding.UTF8.GetBytes(body)), output, losses);
        lost = losses.ToString();
        return JsonNode.Parse(output.WrittenSpan)!;
    }
}
